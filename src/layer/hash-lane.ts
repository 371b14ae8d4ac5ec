/** One worker thread of the hashing pool, as a function that hashes one recipe at a time. */
import { Worker } from 'node:worker_threads'
import { unpackError, type HashReply, type HashRequest } from './hash-message.ts'
import type { HashOptions, LayerDigest } from './hash-recipe.ts'
import type { Recipe } from './recipe.ts'

export interface HashLane {
  /** when the worker has started, or has failed to, which the next `hash` reports */
  readonly ready: Promise<void>
  /** Must not be called again before it has settled. Settles after an abort only when the worker is free again. */
  hash(recipe: Recipe, options: HashOptions): Promise<LayerDigest>
  close(): Promise<void>
}

/** Sources run as they are; the bundle has the worker next to its other files. */
const workerFile = import.meta.url.endsWith('.ts') ? './hash-worker.ts' : './hash-worker.js'

/** Starts a worker thread. An idle one does not keep the process alive. */
export function startLane(): HashLane {
  const worker = new Worker(new URL(workerFile, import.meta.url))
  worker.unref()
  let settle: { resolve(digest: LayerDigest): void; reject(error: unknown): void } | undefined
  let options: HashOptions = {}
  let broken: Error | undefined
  const ready = Promise.withResolvers<void>()
  const fail = (error: Error): void => {
    broken ??= error
    settle?.reject(error)
    ready.resolve()
  }
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => fail(new Error(`a hashing thread ended with status ${code}`)))
  worker.on('message', (reply: HashReply) => {
    if (reply.kind === 'ready') ready.resolve()
    else if (reply.kind === 'done') settle?.resolve(reply.digest)
    else if (reply.kind === 'failed')
      settle?.reject(options.signal?.aborted ? options.signal.reason : unpackError(reply.error))
    else if (options.tally) {
      options.tally.bytesRead += reply.bytesRead
      options.tally.bytesHashed += reply.bytesHashed
    }
  })
  const send = (request: HashRequest): void => worker.postMessage(request)
  return {
    ready: ready.promise,
    hash: async (recipe, hashOptions) => {
      if (broken) throw broken
      hashOptions.signal?.throwIfAborted()
      options = hashOptions
      const abort = (): void => send({ kind: 'abort' })
      options.signal?.addEventListener('abort', abort)
      worker.ref()
      try {
        return await new Promise<LayerDigest>((resolve, reject) => {
          settle = { resolve, reject }
          send({ kind: 'hash', recipe })
        })
      } finally {
        options.signal?.removeEventListener('abort', abort)
        settle = undefined
        worker.unref()
      }
    },
    close: async () => {
      await worker.terminate()
    },
  }
}
