/**
 * What the last build of an image, in one variant on one platform, was made of. Kept after each build, so that the next
 * one can say what is different; nothing is built from it.
 */
import { hash } from 'node:crypto'
import type { Place } from '../../base/index.ts'
import type { ImageConfig } from '../../oci/index.ts'
import type { BuildId } from '../events.ts'
import type { BuiltLayer } from '../layers.ts'
import type { BaseInput } from '../memo/inputs.ts'
import type { ResolvedImage } from '../plan/model.ts'

export interface RecordedLayer {
  readonly diffId: string
  readonly isBase: boolean
  /** of its recipe; absent for layers of others */
  readonly key?: string | undefined
  readonly isProven: boolean
  readonly instruction: string
  readonly file?: string | undefined
  readonly line?: number | undefined
}

export interface BuildRecord {
  /** build of the program */
  readonly program: string
  /** RFC 3339 */
  readonly at: string
  readonly digest: string
  readonly stage: string
  /** digests of values, which may be secrets */
  readonly args: Readonly<Record<string, string>>
  readonly dockerfile: string
  /** Dockerfiles and ignore files by path */
  readonly texts: Readonly<Record<string, string | null>>
  readonly bases: readonly BaseInput[]
  readonly env: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly layers: readonly RecordedLayer[]
}

/** Names the record of a build: the same for all its states. */
export function recordKey(
  { image, variant, platform }: BuildId,
  { dockerfile, tags }: ResolvedImage,
): string {
  const name = tags[0]?.replace(/[:@][^/]*$/, '')
  return hash('sha256', JSON.stringify(['slipway history 1', image, variant, platform, dockerfile, name]))
}

export interface RecordedBuild {
  readonly image: ResolvedImage
  readonly digest: string
  readonly config: ImageConfig
  readonly layers: readonly BuiltLayer[]
  /** of the instructions that made them, where known */
  readonly places: readonly (Place | undefined)[]
  /** Dockerfiles and ignore files by path */
  readonly texts: ReadonlyMap<string, string | undefined>
  readonly bases: readonly BaseInput[]
  readonly program: string
}

/** Texts beyond this are told apart by their digest only. */
const longestText = 64 * 1024

export function recordOf({
  image,
  digest,
  config,
  layers,
  places,
  texts,
  bases,
  program,
}: RecordedBuild): BuildRecord {
  // Histories of bases may lack entries, so they are counted from the end.
  const instructions = (config.history ?? []).filter((entry) => entry.empty_layer !== true)
  const missing = layers.length - instructions.length
  return {
    program,
    at: new Date().toISOString(),
    digest,
    stage: image.target ?? '',
    args: Object.fromEntries(Object.entries(image.args).map(([name, value]) => [name, digestOf(value)])),
    dockerfile: image.dockerfile,
    texts: Object.fromEntries(Array.from(texts, ([path, text]) => [path, kept(text)])),
    bases,
    env: config.config?.Env ?? [],
    labels: config.config?.Labels ?? {},
    layers: layers.map(({ diffId, state, key, isProven }, index) => ({
      diffId,
      isBase: state === 'base',
      key,
      isProven,
      instruction: instructions[index - missing]?.created_by ?? '',
      file: places[index]?.file,
      line: places[index]?.line,
    })),
  }
}

function kept(text: string | undefined): string | null {
  if (text === undefined) return null
  return text.length > longestText ? digestOf(text) : text
}

function digestOf(text: string): string {
  return hash('sha256', text).slice(0, 16)
}
