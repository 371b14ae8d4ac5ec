/** What documents about images are asked for. */

export const sbomFormats = ['spdx', 'cyclonedx'] as const
export type SbomFormat = (typeof sbomFormats)[number]

export const provenanceModes = ['min', 'max'] as const
export type ProvenanceMode = (typeof provenanceModes)[number]

export interface AttestOptions {
  /** one document for each; none: no SBOM */
  readonly sbom: readonly SbomFormat[]
  readonly provenance?: ProvenanceOptions | undefined
}

export interface ProvenanceOptions {
  /** `max` adds values of build arguments and digests of files */
  readonly mode: ProvenanceMode
  /** default: what CI says */
  readonly builderId?: string | undefined
}
