/**
 * From recipes to layers with a digest. A recipe that several images share is hashed once; one that is known from an
 * earlier run is not read at all.
 */
import { once, type Tally, type Waiting } from '../base/index.ts'
import { checkSources, openRecipe, recipeKey, type HashPool, type Recipe } from '../layer/index.ts'
import { mediaTypes, type Blob, type Digest } from '../oci/index.ts'
import type { LayerLog, RecipeNotes } from '../store/index.ts'
import type { Emit } from './events.ts'
import { largestSource } from './largest-source.ts'
import type { LayerStreams } from './layer-streams.ts'
import type { ResolvedImage } from './plan/model.ts'
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
  /** how its bytes are made, found out anew for a remembered build; absent for layers of others */
  readonly recipe?: () => Promise<Recipe>
  /** names the recipe, as `recipeKey` does; absent for layers of others */
  readonly key?: string
}

export interface LayerBuilder {
  /**
   * @param image what it is for; absent: its bytes must not be sent anywhere while they are hashed
   * @throws Failure SOURCE_CHANGED | FILE_SYSTEM
   */
  build(recipe: Recipe, image?: ResolvedImage): Promise<BuiltLayer>
}

export interface LayerBuilderOptions extends Waiting {
  readonly log: LayerLog
  /** what layers were made of, for whoever asks later; absent: nobody will */
  readonly notes?: RecipeNotes | undefined
  readonly pool: HashPool
  readonly tally: Tally
  /** takes layers for an image while they are hashed, where that is worth it; absent: nobody does */
  readonly streams?: LayerStreams | undefined
  /** told of each layer that is hashed; default: nobody is */
  readonly emit?: Emit | undefined
}

export function newLayerBuilder({
  log,
  notes,
  pool,
  tally,
  streams,
  emit,
  signal,
}: LayerBuilderOptions): LayerBuilder {
  const share = once<string, BuiltLayer>()
  const built = (recipe: Recipe, facts: Omit<BuiltLayer, 'blob' | 'recipe'>): BuiltLayer => ({
    blob: {
      descriptor: { mediaType: mediaTypes.layer, digest: facts.diffId, size: recipe.size },
      open: (options = {}) => openRecipe(recipe, { ...options, tally }),
      check: async () => checkSources(recipe),
    },
    recipe: async () => recipe,
    ...facts,
  })
  const hashed = async (recipe: Recipe, image: ResolvedImage | undefined): Promise<Digest> => {
    const bytes = recipe.size
    const source = largestSource(recipe)
    const since = (startedMs: number) => (performance.now() - startedMs) / 1000
    const streamed = image && (await streams?.stream(recipe, image))
    if (streamed) {
      const { digest, startedMs, sentTo } = streamed
      const facts = { digest, bytes, source, thread: 0, seconds: since(startedMs) }
      emit?.({ kind: 'layer-hashed', ...facts, sentTo })
      return digest
    }
    let [began, thread] = [performance.now(), 0]
    const onStart = (lane: number) => ([began, thread] = [performance.now(), lane])
    const digest = await pool.hash(recipe, { tally, onStart, ...(signal && { signal }) })
    emit?.({ kind: 'layer-hashed', digest, bytes, source, thread, seconds: since(began) })
    return digest
  }
  return {
    build(recipe, image) {
      const key = recipeKey(recipe)
      return share(key, async () => {
        const known = log.lookup(key)
        if (known?.size === recipe.size)
          return built(recipe, { key, diffId: known.digest, state: 'known', isProven: true })
        const startedMs = Date.now()
        const diffId = await hashed(recipe, image)
        const isProven = isClean(recipe, startedMs)
        notes?.write(key, recipe)
        streams?.remember(recipe, diffId)
        if (isProven) log.remember(key, { digest: diffId, size: recipe.size })
        return built(recipe, { key, diffId, state: 'hashed', isProven })
      })
    },
  }
}
