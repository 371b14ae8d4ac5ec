/**
 * Hashes layers on this thread and, when there is much to do, on worker threads beside it.
 * Workers take the largest recipes, this thread the smallest, so that it is seldom the last to end.
 */
import { availableParallelism } from 'node:os'
import { startLane, type HashLane } from './hash-lane.ts'
import { hashRecipe, type HashOptions, type LayerDigest } from './hash-recipe.ts'
import type { Recipe } from './recipe.ts'

export interface HashPoolOptions {
  /** worker threads at most, 0 for none; default: one less than there are processors */
  readonly threads?: number | undefined
}

export interface HashPool {
  /**
   * The digest of a recipe, as `hashRecipe` gives it, in turn with the others of the pool.
   * @throws Failure SOURCE_CHANGED when a file is not what it was when it was looked at; FILE_SYSTEM
   */
  hash(recipe: Recipe, options?: HashOptions): Promise<LayerDigest>
  /** Ends the worker threads. Recipes that are not done are rejected. */
  close(): Promise<void>
}

/** A worker that has nothing to do for so long ends: it holds 20 MB. */
const idleMs = 250

/** A worker takes 50 ms to start (measured, bundled), in which this thread hashes as much as this. */
const worthAWorker = 64 * 1024 * 1024

interface Job {
  readonly recipe: Recipe
  readonly options: HashOptions
  readonly resolve: (digest: LayerDigest) => void
  readonly reject: (error: unknown) => void
  readonly abort: () => void
}

/** A pool without threads as yet: they start when more than 64 MiB wait. */
export function createHashPool(options: HashPoolOptions = {}): HashPool {
  const threads = options.threads ?? availableParallelism() - 1
  /** largest first */
  const queue: Job[] = []
  const lanes: HashLane[] = []
  const idle: HashLane[] = []
  /** of those that are idle */
  const endings = new Map<HashLane, NodeJS.Timeout>()
  let isBusyHere = false
  let isScheduled = false
  let isClosed = false

  const dispatch = (): void => {
    isScheduled = false
    for (let lane = idle.pop(); lane; lane = idle.pop()) {
      const job = queue.shift()
      if (!job) {
        idle.push(lane)
        break
      }
      void runOnLane(lane, job)
    }
    if (!isBusyHere && queue.length > 0) void runHere(queue.pop()!)
    if (lanes.length < threads && waitingBytes(queue) > worthAWorker) addLane()
  }
  const addLane = (): void => {
    const lane = startLane()
    lanes.push(lane)
    // Until it is there this thread goes on taking recipes.
    void lane.ready.then(() => free(lane))
  }
  const free = (lane: HashLane): void => {
    idle.push(lane)
    dispatch()
    if (idle.includes(lane)) endings.set(lane, setTimeout(() => void end(lane), idleMs).unref())
  }
  const end = async (lane: HashLane): Promise<void> => {
    for (const list of [lanes, idle]) list.splice(list.indexOf(lane), 1)
    await lane.close()
  }
  const drop = (job: Job): void => {
    const index = queue.indexOf(job)
    if (index < 0) return
    queue.splice(index, 1)
    job.reject(job.options.signal?.reason)
  }
  const run = async (job: Job, work: () => Promise<LayerDigest>): Promise<void> => {
    job.options.signal?.removeEventListener('abort', job.abort)
    try {
      job.resolve(await work())
    } catch (error) {
      job.reject(error)
    }
  }
  const runHere = async (job: Job): Promise<void> => {
    isBusyHere = true
    job.options.onStart?.(0)
    await run(job, () => hashRecipe(job.recipe, job.options))
    isBusyHere = false
    dispatch()
  }
  const runOnLane = async (lane: HashLane, job: Job): Promise<void> => {
    clearTimeout(endings.get(lane))
    endings.delete(lane)
    job.options.onStart?.(lanes.indexOf(lane) + 1)
    await run(job, () => lane.hash(job.recipe, job.options))
    free(lane)
  }
  return {
    hash: (recipe, hashOptions = {}) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new Error('the hashing pool is closed')
        hashOptions.signal?.throwIfAborted()
        const job: Job = { recipe, options: hashOptions, resolve, reject, abort: () => drop(job) }
        hashOptions.signal?.addEventListener('abort', job.abort)
        const before = queue.findIndex((other) => other.recipe.size < recipe.size)
        queue.splice(before < 0 ? queue.length : before, 0, job)
        // Recipes that are asked for together are sorted before the first one starts.
        if (!isScheduled) queueMicrotask(dispatch)
        isScheduled = true
      }),
    close: async () => {
      isClosed = true
      for (const job of queue.splice(0)) job.reject(new Error('the hashing pool was closed'))
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}

function waitingBytes(queue: readonly Job[]): number {
  return queue.reduce((sum, job) => sum + job.recipe.size, 0)
}
