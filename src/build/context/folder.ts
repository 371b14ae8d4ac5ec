/**
 * A folder of the host as a tree. Nothing is read but names and `lstat`; each path is looked at once per run, so every
 * image, variant and platform sees the same state of it.
 * Owners of the host are not taken over: everything belongs to 0:0 (Dockerfile reference, COPY).
 */
import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs'
import { comparePathnames, decodePathname, fileFailure, fsPath, systemCode } from '../../base/index.ts'
import type { IgnoreRules } from '../../dockerfile/index.ts'
import { fingerprintOf } from '../../layer/index.ts'
import { joinPath, type Node, type Tree } from '../tree.ts'

export interface FolderOptions {
  readonly description: string
  /** rules of .dockerignore; default none */
  readonly ignore?: IgnoreRules | undefined
  /** seconds since the epoch for every entry; default 0 */
  readonly mtime?: number
  /** told of entries that are left out because no layer can hold them */
  readonly warn?: (message: string) => void
}

/** A tree over a host folder. The folder itself need not exist before the first look. */
export function folderTree(folder: string, options: FolderOptions): Tree {
  const nodes = new Map<string, Node | undefined>()
  const listings = new Map<string, readonly string[]>()
  const { ignore, description } = options

  const peek = (path: string): Node | undefined => {
    if (!nodes.has(path)) nodes.set(path, hostNode(path === '' ? folder : `${folder}/${path}`, path, options))
    return nodes.get(path)
  }
  const hasIncludedBelow = (path: string): boolean =>
    list(path).some((name) => {
      const child = joinPath(path, name)
      return isIncluded(child)
    })
  const isIncluded = (path: string): boolean => {
    if (path === '' || ignore === undefined || !ignore.excludes(path)) return true
    return peek(path)?.type === 'directory' && !ignore.canSkipDirectory(path) && hasIncludedBelow(path)
  }
  const list = (path: string): readonly string[] => {
    const known = listings.get(path)
    if (known) return known
    const names =
      peek(path)?.type === 'directory' ? hostNames(path === '' ? folder : `${folder}/${path}`) : []
    listings.set(path, names)
    return names
  }
  return {
    description,
    lookup: (path) => {
      const node = peek(path)
      return node !== undefined && isIncluded(path) ? node : undefined
    },
    children: (path) => list(path).filter((name) => isIncluded(joinPath(path, name))),
  }
}

/**
 * The node of one host path, or nothing when it does not exist or is a socket (no tar can hold one; a warning says so).
 * @throws Failure FILE_SYSTEM
 */
export function hostNode(
  hostPath: string,
  path: string,
  options: Pick<FolderOptions, 'mtime' | 'warn'>,
): Node | undefined {
  let stats: BigIntStats
  try {
    stats = lstatSync(fsPath(hostPath), { bigint: true })
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw fileFailure('look at', hostPath, error)
  }
  const common = {
    path,
    mode: Number(stats.mode & 0o7777n),
    uid: 0,
    gid: 0,
    mtime: options.mtime ?? 0,
    size: 0,
  }
  if (stats.isDirectory()) return { ...common, type: 'directory' }
  if (stats.isSymbolicLink()) {
    const link = decodePathname(readlinkSync(fsPath(hostPath), { encoding: 'buffer' }))
    return { ...common, type: 'symlink', mode: 0o777, link }
  }
  if (stats.isFile()) {
    const source = { kind: 'file', path: hostPath, fingerprint: fingerprintOf(stats) } as const
    return { ...common, type: 'file', size: Number(stats.size), ...(stats.size > 0n && { source }) }
  }
  if (stats.isFIFO()) return { ...common, type: 'fifo' }
  if (stats.isSocket()) {
    options.warn?.(`${hostPath} is a socket and is left out`)
    return undefined
  }
  return { ...common, type: stats.isBlockDevice() ? 'block' : 'character', device: deviceOf(stats.rdev) }
}

/** The parts of a Linux device number (makedev(3)). */
function deviceOf(number: bigint): { major: number; minor: number } {
  return {
    major: Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn)),
    minor: Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n)),
  }
}

function hostNames(hostPath: string): readonly string[] {
  const names = readdirSync(fsPath(hostPath), { encoding: 'buffer' })
  return names.map((name) => decodePathname(name)).toSorted(comparePathnames)
}
