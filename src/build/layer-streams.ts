/**
 * Which layers are offered to destinations while they are hashed: large ones, made of files that never were a layer in
 * the sizes they have now. A file that was rewritten in its size may well be the same, and costs less to hash.
 */
import { createHash } from 'node:crypto'
import { encodePathname, type Tally, type Waiting } from '../base/index.ts'
import { hashedRecipe, noCodec, type Recipe } from '../layer/index.ts'
import { parseReference, type Digest } from '../oci/index.ts'
import type { LayerLog } from '../store/index.ts'
import type { Destination, UnhashedLayer } from './dest/destination.ts'
import type { Emit } from './events.ts'
import { largestSource } from './largest-source.ts'
import type { ResolvedImage } from './plan/model.ts'

export interface StreamedLayer {
  readonly digest: Digest
  /** milliseconds, as `performance.now()` counts them */
  readonly startedMs: number
  /** name of the destination */
  readonly sentTo: string
}

export interface LayerStreams {
  /** Nothing when it is to be hashed, which is also how a stream ends that broke. @throws Failure SOURCE_CHANGED | FILE_SYSTEM */
  readonly stream: (recipe: Recipe, image: ResolvedImage) => Promise<StreamedLayer | undefined>
  /** A layer got its digest, in whichever way. */
  readonly remember: (recipe: Recipe, digest: Digest) => void
}

export interface LayerStreamsOptions {
  /** which files were layers in which sizes; opened when it is needed */
  readonly slots: () => LayerLog
  readonly destinationsOf: (image: ResolvedImage) => readonly Destination[]
  readonly tally: Tally
  /** told how far streams are; default: nobody is */
  readonly emit?: Emit | undefined
}

const tellEveryMs = 100

/** Below this a request more costs as much as the second pass over bytes. */
const leastSize = 8 * 1024 * 1024

export function newLayerStreams({ slots, destinationsOf, tally, emit }: LayerStreamsOptions): LayerStreams {
  return {
    async stream(recipe, image) {
      if (recipe.size < leastSize) return undefined
      const { slot, shape } = slotOf(recipe)
      if (slots().lookup(shape)) return undefined
      const content = hashedRecipe(recipe, { tally })
      const { size } = content
      const past = slots().lookup(slot) ? 'other sizes' : 'nothing'
      const source = largestSource(recipe)
      const references = image.tags.map((tag) => parseReference(tag))
      for (const to of destinationsOf(image)) {
        let [startedMs, sent, toldMs] = [0, 0, 0]
        async function* open(options?: Waiting): AsyncGenerator<Uint8Array, void, undefined> {
          ;[startedMs, sent] = [performance.now(), 0]
          for await (const chunk of content.open(options)) {
            yield chunk
            sent += chunk.length
            const now = performance.now()
            if (now - toldMs < tellEveryMs) continue
            toldMs = now
            emit?.({ kind: 'layer-sending', destination: to.name, source, sent, size })
          }
        }
        const layer: UnhashedLayer = { ...content, open, past }
        const plain = references.filter((reference) => (to.codecFor?.(reference) ?? noCodec).type === 'none')
        const digest = await to.stream?.(layer, plain)
        if (digest !== undefined) return { digest, startedMs, sentTo: to.name }
      }
      return undefined
    },
    remember(recipe, digest) {
      if (recipe.size < leastSize) return
      const { slot, shape } = slotOf(recipe)
      for (const key of [slot, shape])
        if (!slots().lookup(key)) slots().remember(key, { digest, size: recipe.size })
    },
  }
}

/** Names the files of a layer by their places, and by their places and sizes. */
function slotOf({ entries }: Recipe): { readonly slot: string; readonly shape: string } {
  const slot = createHash('sha256').update('slipway slot 1\n')
  const shape = createHash('sha256').update('slipway shape 1\n')
  for (const { path, source, size } of entries) {
    const name = encodePathname(`${path}\0${source?.kind === 'file' ? source.path : ''}\0`)
    slot.update(name)
    shape.update(name).update(`${size}\n`)
  }
  return { slot: slot.digest('hex'), shape: shape.digest('hex') }
}
