/** The bytes of a layer and their digest out of one pass. */
import { createHash } from 'node:crypto'
import type { Tally, Waiting } from '../base/index.ts'
import type { LayerDigest } from './hash-recipe.ts'
import { openRecipe } from './open-recipe.ts'
import type { Recipe } from './recipe.ts'

export interface HashedRecipe {
  /** bytes of the tar */
  readonly size: number
  /**
   * The tar as `openRecipe` gives it, hashed on this thread chunk by chunk before it is handed out.
   * @throws Failure SOURCE_CHANGED when a file is not what it was when it was looked at; FILE_SYSTEM
   */
  readonly open: (options?: Waiting) => AsyncIterable<Uint8Array>
  /** of the last pass that was taken to its end; nothing before */
  readonly digest: () => LayerDigest | undefined
}

export function hashedRecipe(
  recipe: Recipe,
  { tally }: { readonly tally?: Tally | undefined } = {},
): HashedRecipe {
  let digest: LayerDigest | undefined
  return {
    size: recipe.size,
    async *open({ signal } = {}) {
      digest = undefined
      const hash = createHash('sha256')
      for await (const chunk of openRecipe(recipe, { signal, tally })) {
        hash.update(chunk)
        if (tally) tally.bytesHashed += chunk.length
        yield chunk
      }
      digest = `sha256:${hash.digest('hex')}`
    },
    digest: () => digest,
  }
}
