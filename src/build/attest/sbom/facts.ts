/**
 * What one file of a layer says about packages. Facts of a layer never change, so they are kept by its diff id:
 * plain data, as it goes into the cache.
 */
import type { GoBuildInfo } from './go-build-info.ts'

export type FileFacts =
  | { readonly kind: 'go'; readonly info: GoBuildInfo }
  | { readonly kind: 'npm'; readonly name: string; readonly version: string; readonly license?: string }
  | { readonly kind: 'dpkg' | 'apk'; readonly packages: readonly SystemPackage[] }
  | { readonly kind: 'os'; readonly release: OsRelease }
  /** it is of a kind that is not read, or is damaged: told to the user when the image has it */
  | { readonly kind: 'unread'; readonly why: string }

/** A package of a distribution's package manager. */
export interface SystemPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** the package it was built from, when that has another name or version */
  readonly source?: { readonly name: string; readonly version: string }
  readonly license?: string
  readonly maintainer?: string
}

/** os-release(5), as far as a package URL names a distribution. */
export interface OsRelease {
  /** such as `debian`, `alpine` */
  readonly id: string
  /** such as `12`; absent for rolling releases */
  readonly versionId?: string
  readonly prettyName?: string
}

/** Facts by path in the layer. */
export type LayerFacts = ReadonlyMap<string, FileFacts>
