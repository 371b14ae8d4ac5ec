/** From facts of files to what an SBOM lists: each package once, with the files that say so. Pure. */
import type { Digest } from '../../../oci/index.ts'
import type { OsRelease, SystemPackage } from './facts.ts'
import type { GoModule } from './go-build-info.ts'
import type { FoundFile } from './image-facts.ts'
import { apkUrl, debUrl, goUrl, npmUrl } from './package-url.ts'

export interface ImagePackages {
  readonly packages: readonly FoundPackage[]
  readonly release: OsRelease | undefined
  /** files that could not be read, with why */
  readonly unread: readonly { readonly path: string; readonly why: string }[]
}

export interface FoundPackage {
  readonly kind: 'golang' | 'npm' | 'deb' | 'apk'
  readonly name: string
  /** empty when it is not known: a main module of Go that was built from no version */
  readonly version: string
  /** package URL; names the package within a document */
  readonly url: string
  readonly license?: string
  readonly maintainer?: string
  /** where it was found, `path` without a leading "/"; in byte order */
  readonly places: readonly PackagePlace[]
  /** package URLs of what it is known to be made of; sorted */
  readonly dependsOn: readonly string[]
}

export interface PackagePlace {
  readonly path: string
  readonly diffId: Digest
}

/** In the order of their package URLs. */
export function imagePackages(files: readonly FoundFile[]): ImagePackages {
  const release = releaseOf(files)
  const packages = new Map<string, FoundPackage>()
  const add = (
    file: FoundFile,
    one: Omit<FoundPackage, 'places' | 'dependsOn'>,
    dependsOn: string[] = [],
  ) => {
    const known = packages.get(one.url)
    const place = { path: file.path, diffId: file.layer.diffId }
    packages.set(one.url, {
      ...one,
      ...known,
      places: [...(known?.places ?? []), place],
      dependsOn: [...new Set([...(known?.dependsOn ?? []), ...dependsOn])].toSorted(),
    })
  }
  for (const file of files) {
    const { facts } = file
    if (facts.kind === 'npm') {
      const { name, version, license } = facts
      add(file, { kind: 'npm', name, version, url: npmUrl(name, version), ...(license && { license }) })
    } else if (facts.kind === 'dpkg' || facts.kind === 'apk') {
      const kind = facts.kind === 'apk' ? 'apk' : 'deb'
      for (const one of facts.packages) add(file, systemPackage(kind, one, release))
    } else if (facts.kind === 'go') {
      const { main, deps, goVersion } = facts.info
      const urls = deps.map((dep) => goUrl(effective(dep)))
      for (const dep of deps) add(file, goPackage(effective(dep)))
      const standard = { path: 'stdlib', version: goVersion.split(' ')[0]!.replace(/^go/, '') }
      add(file, goPackage(standard))
      if (main) add(file, goPackage(mainModule(main)), [...urls, goUrl(standard)])
    }
  }
  return {
    packages: [...packages.values()].toSorted((a, b) => (a.url < b.url ? -1 : 1)),
    release,
    unread: files.flatMap(({ path, facts }) => (facts.kind === 'unread' ? [{ path, why: facts.why }] : [])),
  }
}

/** `etc/os-release` is what people edit; most distributions link it to the one below `usr/lib`. */
function releaseOf(files: readonly FoundFile[]): OsRelease | undefined {
  for (const path of ['etc/os-release', 'usr/lib/os-release']) {
    const facts = files.find((file) => file.path === path)?.facts
    if (facts?.kind === 'os') return facts.release
  }
  return undefined
}

function systemPackage(
  kind: 'deb' | 'apk',
  one: SystemPackage,
  release: OsRelease | undefined,
): Omit<FoundPackage, 'places' | 'dependsOn'> {
  const { name, version, license, maintainer } = one
  const url = kind === 'deb' ? debUrl(one, release) : apkUrl(one, release)
  return { kind, name, version, url, ...(license && { license }), ...(maintainer && { maintainer }) }
}

function goPackage({ path, version }: GoModule): Omit<FoundPackage, 'places' | 'dependsOn'> {
  return { kind: 'golang', name: path, version, url: goUrl({ path, version }) }
}

/** The module whose code is in the program. A folder that stands in for one has no version: the module keeps its name. */
function effective({ replace, ...module }: GoModule): GoModule {
  if (replace === undefined) return module
  return /^\.{0,2}\//.test(replace.path) ? { path: module.path, version: '' } : replace
}

function mainModule(main: GoModule): GoModule {
  const { version, ...module } = effective(main)
  return { ...module, version: version === '(devel)' ? '' : version }
}
