/** Provenance of built images. */
import { relative, resolve } from 'node:path'
import type { Waiting } from '../../../base/index.ts'
import { encodeJson, type Descriptor } from '../../../oci/index.ts'
import { cachePath, openLayerLog } from '../../../store/index.ts'
import type { BuiltPlatform } from '../../image.ts'
import type { ResolvedImage, ResolvedPlan } from '../../plan/model.ts'
import type { ProvenanceOptions } from '../attest-options.ts'
import type { ReferrerDocument } from '../referrer.ts'
import { ociUrl } from '../sbom/package-url.ts'
import { builderId } from './builder-id.ts'
import { fileMaterials } from './file-materials.ts'
import { gitSource } from './git-source.ts'
import { dockerfileMaterial } from './material.ts'
import { maskedArgs } from './secrets.ts'
import { provenanceStatement, provenanceType, type ProvenanceFacts } from './statement.ts'

export interface ProvenanceWriterOptions extends Waiting, ProvenanceOptions {
  readonly plan: ResolvedPlan
  readonly cache: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly warn: (message: string) => void
  readonly version: string
}

/** For one build: what its document is, once its manifest is known. @throws Failure SOURCE_CHANGED | FILE_SYSTEM */
export function newProvenanceWriter(
  options: ProvenanceWriterOptions,
): (image: ResolvedImage, built: BuiltPlatform) => Promise<(manifest: Descriptor) => ReferrerDocument[]> {
  const { mode, plan, env, cache, signal, version } = options
  const { root } = plan
  const log = mode === 'max' ? openLayerLog(cachePath(cache, 'fileDigests')) : undefined
  const source = gitSource(root, options)
  // Whoever builds first waits for it; until then it must not count as forgotten.
  source.catch(() => undefined)

  return async (image, built) => {
    const dockerfile = image.dockerfileInline === undefined ? relative(root, image.dockerfile) : 'inline'
    const commit = await source
    const facts: ProvenanceFacts = {
      image: image.name,
      variant: image.variant,
      platform: built.platform,
      plan: plan.file === 'command line' ? undefined : relative(root, resolve(plan.file)),
      dockerfile,
      target: image.target,
      args: mode === 'max' ? maskedArgs(image.args) : undefined,
      materials: [
        ...(commit ? [commit] : []),
        await dockerfileMaterial({ path: image.dockerfile, inline: image.dockerfileInline }, dockerfile),
        ...(built.materials ?? []),
        ...(log ? await fileMaterials(built.layers, { root, log, signal }) : []),
      ],
      builderId: options.builderId ?? builderId(env),
      version,
    }
    return (manifest) => [
      {
        mediaType: 'application/vnd.in-toto+json',
        fileName: 'provenance.intoto.json',
        bytes: encodeJson(provenanceStatement(facts, manifest, subjectOf(facts, manifest))),
        annotations: { 'in-toto.io/predicate-type': provenanceType },
      },
    ]
  }
}

function subjectOf({ image, platform }: ProvenanceFacts, { digest }: Descriptor): string {
  return ociUrl(image, digest, platform.architecture)
}
