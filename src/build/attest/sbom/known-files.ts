/** Files that are known by their path, and how each is read. */
import type { FileFacts } from './facts.ts'
import { isPackageRoot, parseNpmPackage } from './npm-package.ts'
import { parseOsRelease } from './os-release.ts'
import { parseApkInstalled, parseDpkgStatus } from './stanzas.ts'

export interface KnownFile {
  readonly matches: (path: string) => boolean
  /** bytes; a larger file is not read */
  readonly limit: number
  readonly read: (text: string) => FileFacts
  /** why a larger file is not read; default: its size */
  readonly why?: string
}

const system = 64 << 20
const small = 4 << 20

const knownFiles: readonly KnownFile[] = [
  { matches: isPackageRoot, limit: small, read: parseNpmPackage },
  {
    matches: (path) =>
      path === 'var/lib/dpkg/status' || /^var\/lib\/dpkg\/status\.d\/[^/]+(?<!\.md5sums)$/.test(path),
    limit: system,
    read: (text) => ({ kind: 'dpkg', packages: parseDpkgStatus(text) }),
  },
  {
    matches: (path) => /^(?:usr\/)?lib\/apk\/db\/installed$/.test(path),
    limit: system,
    read: (text) => ({ kind: 'apk', packages: parseApkInstalled(text) }),
  },
  {
    matches: (path) => path === 'etc/os-release' || path === 'usr/lib/os-release',
    limit: small,
    read(text) {
      const release = parseOsRelease(text)
      return release ? { kind: 'os', release } : { kind: 'unread', why: 'it names no distribution' }
    },
  },
  {
    // Berkeley DB, ndb and SQLite files
    matches: (path) =>
      /^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/(?:Packages|Packages\.db|rpmdb\.sqlite)$/.test(path),
    limit: 0,
    why: 'databases of rpm are not read',
    read: () => ({ kind: 'dpkg', packages: [] }),
  },
]

export function knownFile(path: string): KnownFile | undefined {
  return knownFiles.find(({ matches }) => matches(path))
}
