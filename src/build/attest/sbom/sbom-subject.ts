/** What an SBOM is about: one image on one platform, as a manifest names it. */
import type { Descriptor, Platform } from '../../../oci/index.ts'
import { ociUrl } from './package-url.ts'

export interface SbomSubject {
  /** of the image in its plan, such as `proxy` */
  readonly name: string
  readonly platform: Platform
  readonly manifest: Descriptor
}

export interface SbomOptions {
  /** version of Slipway */
  readonly version: string
  /** seconds since the epoch; documents have no other time */
  readonly created: number
}

/** The package URL of the image; its repository is left out, as the same image may be in many. */
export function subjectUrl({ name, platform, manifest }: SbomSubject): string {
  return ociUrl(name, manifest.digest, platform.architecture)
}

export function timeOf({ created }: SbomOptions): Date {
  return new Date(created * 1000)
}
