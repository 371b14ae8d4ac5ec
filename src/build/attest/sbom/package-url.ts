/** Package URLs (purl-spec), by the library that its authors keep. */
import { PackageURL } from 'packageurl-js'
import type { Digest } from '../../../oci/index.ts'
import type { OsRelease, SystemPackage } from './facts.ts'
import type { GoModule } from './go-build-info.ts'

export function goUrl({ path, version }: Pick<GoModule, 'path' | 'version'>): string {
  return format('golang', splitName(path), version)
}

export function npmUrl(name: string, version: string): string {
  return format('npm', splitName(name), version)
}

/** The distribution is the namespace; `upstream` names the source package, as scanners write it. */
export function debUrl(one: SystemPackage, release: OsRelease | undefined): string {
  return systemUrl('deb', one, release, 'debian')
}

export function apkUrl(one: SystemPackage, release: OsRelease | undefined): string {
  return systemUrl('apk', one, release, 'alpine')
}

/** An image; purl-spec wants the last part of its repository, in lower case. */
export function ociUrl(name: string, digest: Digest, architecture: string): string {
  return format('oci', [undefined, name.toLowerCase()], digest, { arch: architecture })
}

function systemUrl(
  type: string,
  { name, version, architecture, source }: SystemPackage,
  release: OsRelease | undefined,
  fallback: string,
): string {
  const upstream = source && (source.version === version ? source.name : `${source.name}@${source.version}`)
  const distro = release && [release.id, release.versionId].filter(Boolean).join('-')
  return format(type, [release?.id ?? fallback, name], version, {
    ...(architecture && { arch: architecture }),
    ...(distro && { distro }),
    ...(upstream && { upstream }),
  })
}

type NamespacedName = readonly [namespace: string | undefined, name: string]

function format(
  type: string,
  [namespace, name]: NamespacedName,
  version: string,
  qualifiers?: Record<string, string>,
): string {
  const write = (of: string | undefined): string =>
    new PackageURL(type, namespace, printable(name) || '?', of, qualifiers, undefined).toString()
  try {
    return write(version || undefined)
  } catch {
    // a version that its ecosystem does not have, such as one of Go that is no semantic version
    return write(undefined)
  }
}

/** A damaged database may hold names of which nothing would be left in a package URL. */
function printable(name: string): string {
  return name.replaceAll(/\p{C}/gu, '').trim()
}

/** `github.com/a/b` is `b` of the namespace `github.com/a`. */
function splitName(path: string): NamespacedName {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? [undefined, path] : [path.slice(0, slash), path.slice(slash + 1)]
}
