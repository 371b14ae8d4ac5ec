/**
 * From recipes to layers with a digest. A recipe that several images share is hashed once; one that is known from an
 * earlier run is not read at all.
 */
import { once, type Tally, type Waiting } from '../base/index.ts'
import { checkSources, openRecipe, recipeKey, type HashPool, type Recipe } from '../layer/index.ts'
import { mediaTypes, type Blob, type Digest } from '../oci/index.ts'
import type { LayerLog, RecipeNotes } from '../store/index.ts'
import { isClean } from './racy.ts'

export interface BuiltLayer {
  readonly blob: Blob
  readonly diffId: Digest
  /** `known`: digest remembered from an earlier run; `hashed`: read in this run; `base`: part of a base image */
  readonly state: 'known' | 'hashed' | 'base'
  /** a builder made it for a stage of this run: in the state of a base, and ours all the same */
  readonly isDelegated?: true
  /** reading it again with unchanged fingerprints must give the same bytes, so a writer need not hash them again */
  readonly isProven: boolean
  /** how its bytes are made; absent for layers of others */
  readonly recipe?: Recipe
}

export interface LayerBuilder {
  /** @throws Failure SOURCE_CHANGED | FILE_SYSTEM */
  build(recipe: Recipe): Promise<BuiltLayer>
}

export interface LayerBuilderOptions extends Waiting {
  readonly log: LayerLog
  /** what layers were made of, for whoever asks later; absent: nobody will */
  readonly notes?: RecipeNotes | undefined
  readonly pool: HashPool
  readonly tally: Tally
}

export function newLayerBuilder({ log, notes, pool, tally, signal }: LayerBuilderOptions): LayerBuilder {
  const share = once<string, BuiltLayer>()
  const built = (recipe: Recipe, facts: Omit<BuiltLayer, 'blob' | 'recipe'>): BuiltLayer => ({
    blob: {
      descriptor: { mediaType: mediaTypes.layer, digest: facts.diffId, size: recipe.size },
      open: (options = {}) => openRecipe(recipe, { ...options, tally }),
      check: async () => checkSources(recipe),
    },
    recipe,
    ...facts,
  })
  return {
    build(recipe) {
      const key = recipeKey(recipe)
      return share(key, async () => {
        const known = log.lookup(key)
        if (known?.size === recipe.size)
          return built(recipe, { diffId: known.digest, state: 'known', isProven: true })
        const startedMs = Date.now()
        const diffId = await pool.hash(recipe, { tally, ...(signal && { signal }) })
        const isProven = isClean(recipe, startedMs)
        notes?.write(key, recipe)
        if (isProven) log.remember(key, { digest: diffId, size: recipe.size })
        return built(recipe, { diffId, state: 'hashed', isProven })
      })
    },
  }
}
