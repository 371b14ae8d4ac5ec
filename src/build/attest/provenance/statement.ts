/**
 * Provenance: an in-toto Statement v1 with the predicate SLSA Provenance v1. What its parameters mean is written in
 * docs/supply-chain.md, which the build type leads to. Nothing in it is of the moment: the same build of the same
 * source has the same provenance.
 */
import { digestHex, formatPlatform, type Descriptor, type Platform } from '../../../oci/index.ts'
import type { Material } from './material.ts'

export const provenanceType = 'https://slsa.dev/provenance/v1'
export const buildType = 'https://slipway.dev/build/v1'

/** Facts of one build, before there is a manifest. Paths are relative to the project root. */
export interface ProvenanceFacts {
  readonly image: string
  readonly variant: string | undefined
  readonly platform: Platform
  /** the plan file; absent for `slipway build` */
  readonly plan: string | undefined
  readonly dockerfile: string
  /** stage, when another than the last was asked for */
  readonly target: string | undefined
  /** secrets masked; absent in mode `min`, where values of arguments stay at home */
  readonly args: Readonly<Record<string, string>> | undefined
  readonly materials: readonly Material[]
  readonly builderId: string
  readonly version: string
}

export function provenanceStatement(
  facts: ProvenanceFacts,
  manifest: Descriptor,
  subjectName: string,
): Record<string, unknown> {
  const { image, variant, platform, plan, dockerfile, target, args } = facts
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: subjectName, digest: { sha256: digestHex(manifest.digest) } }],
    predicateType: provenanceType,
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: {
          ...(plan !== undefined && { plan }),
          image,
          ...(variant !== undefined && { variant }),
          platform: formatPlatform(platform),
          dockerfile,
          ...(target !== undefined && { target }),
          ...(args && { args }),
        },
        resolvedDependencies: facts.materials,
      },
      runDetails: { builder: { id: facts.builderId, version: { slipway: facts.version } } },
    },
  }
}
