/** What somebody wants installed: a package in one version, its values, and what they want otherwise. */
import type { Place } from '../../base/index.ts'
import type { PathSegment, YamlDocument } from '../../yaml/index.ts'

export interface Installation {
  /** objects are named after it */
  readonly name: string
  /** nothing when the file does not say */
  readonly namespace: string | undefined
  /** `Installation`, or the kind of a facade such as `Nginx` */
  readonly kind: string
  readonly package: PackageReference
  /** as written, with places */
  readonly values: YamlDocument
  readonly overlays: readonly Overlay[]
  readonly policy: Policy
  readonly placeOf: (...path: readonly PathSegment[]) => Place
}

export interface PackageReference {
  readonly name: string
  /** always written out, or fixed by the version of a facade: nobody else changes it */
  readonly version: string
  /** a folder relative to the file, or `oci://host/repository@sha256:…`; default: what Slipway brings */
  readonly source: string | undefined
}

/** A change to rendered objects, made after everything else. */
export interface Overlay {
  readonly target: Target
  /**
   * `merge`: a partial object, merged as server-side apply would; `json`: operations of RFC 6902; `replace`: the whole
   * object but its identity
   */
  readonly type: 'merge' | 'json' | 'replace'
  readonly patch: unknown
  /** in the file, for messages: `overlays[2]` */
  readonly label: string
  readonly placeOf: (...path: readonly PathSegment[]) => Place
}

/** Objects of one installation. */
export interface Target {
  readonly kind: string
  /** default: any group */
  readonly group?: string | undefined
  /** default: any name */
  readonly name?: string | undefined
  /** labels that it must have; default: any */
  readonly labels?: Readonly<Record<string, string>> | undefined
}

/** A field that may be taken from another manager, as `spec.replicas`; no field stands for all of the object. */
export interface TakeOver extends Target {
  readonly fields?: readonly string[] | undefined
}

export interface Policy {
  /** objects that are no longer rendered are deleted; default true */
  readonly prune: boolean
  /** what becomes of the objects when the installation is deleted; default `delete` */
  readonly deletionPolicy: 'delete' | 'orphan'
  /** objects that exist already and may become part of the installation; default none */
  readonly adopt: readonly Target[]
  readonly takeOver: readonly TakeOver[]
  /** objects that may be deleted and made anew where a change cannot be made in place; default none */
  readonly recreate: readonly Target[]
  /** Namespaces, CustomResourceDefinitions and PersistentVolumeClaims that may be deleted; default none */
  readonly deleteProtected: readonly Target[]
  /** successful revisions that are kept to go back to; default 10 */
  readonly historyLimit: number
}

export const defaultPolicy: Policy = {
  prune: true,
  deletionPolicy: 'delete',
  adopt: [],
  takeOver: [],
  recreate: [],
  deleteProtected: [],
  historyLimit: 10,
}
