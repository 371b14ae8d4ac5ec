/** Writes down what builds were made of and, when it is asked for, says what is different since the last time. */
import { all } from '../../base/index.ts'
import type { Recipe } from '../../layer/index.ts'
import type { BuildId, Emit } from '../events.ts'
import type { MemoStore } from '../memo/build-memos.ts'
import type { ResolvedImage } from '../plan/model.ts'
import { recordKey, recordOf, type BuildRecord, type RecordedBuild } from './record.ts'

export interface HistoryOptions {
  readonly store: MemoStore
  /** build of the program */
  readonly program: string
  /** what `--explain` needs; absent: nobody asks */
  readonly explain?: ExplainRequest | undefined
}

export interface ExplainRequest {
  readonly recipeOf: (key: string) => Recipe | undefined
  /** `--no-cache` */
  readonly isUncached: boolean
  /** when the cache was last pruned, RFC 3339 */
  readonly prunedAt?: string | undefined
}

export interface History {
  /** After a build was evaluated. */
  readonly built: (id: BuildId, build: Omit<RecordedBuild, 'program'>) => Promise<void>
  /**
   * Whether a build that can be taken as it was is another one than the last build: the one before that, say. Then why
   * is known only when it is evaluated. Never when nobody asks.
   */
  readonly isNews: (id: BuildId, image: ResolvedImage, digest: string) => boolean
  /** After a build was taken as it was. */
  readonly recalled: (id: BuildId) => void
}

export function newHistory({ store, program, explain: request }: HistoryOptions, emit: Emit): History {
  return {
    async built(id, build) {
      const key = recordKey(id, build.image)
      const now = recordOf({ ...build, program })
      const text = request && store.read(key)
      store.write(key, JSON.stringify(now))
      if (!request) return
      const { explain } = await import('./explain.ts')
      const recipes = await all(build.layers, async ({ diffId, recipe }) =>
        recipe ? [[diffId, await recipe()] as const] : [],
      )
      const explanation = explain({
        ...request,
        before: text === undefined ? undefined : (JSON.parse(text) as BuildRecord),
        now,
        hashed: new Set(build.layers.filter(({ state }) => state === 'hashed').map(({ diffId }) => diffId)),
        recipes: new Map(recipes.flat()),
      })
      emit({ kind: 'explained', build: id, ...explanation })
    },
    isNews(id, image, digest) {
      const text = request && store.read(recordKey(id, image))
      return text !== undefined && (JSON.parse(text) as BuildRecord).digest !== digest
    },
    recalled(id) {
      if (request) emit({ kind: 'explained', build: id, changes: [], layers: [] })
    },
  }
}
