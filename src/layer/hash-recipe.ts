/** The digest of a layer, without its bytes being kept anywhere. */
import { createHash } from 'node:crypto'
import { closeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Tally, Waiting } from '../base/index.ts'
import { piecesOf } from './pieces.ts'
import type { Recipe } from './recipe.ts'
import { openSource, readSourceSync } from './source-file.ts'

/** The digest of a layer's tar: `sha256:` and 64 lower-case hex digits. */
export type LayerDigest = `sha256:${string}`

export interface HashOptions extends Waiting {
  /** where bytes read from files and bytes hashed are counted while it goes on */
  readonly tally?: Tally | undefined
  /** called by the pool when a recipe's turn has come; thread 0 is the main one */
  readonly onStart?: ((thread: number) => void) | undefined
}

/** Measured: 1 MiB costs the least CPU; a second buffer filled by the thread pool meanwhile gains nothing. */
const bufferSize = 1024 * 1024
/** How long the event loop waits for its turn. */
const turnMs = 5

/**
 * The sha256 digest of the layer's tar, which is the layer's diff id (image-spec config.md, "Layer DiffID").
 * Reads each source file once, on this thread, and lets the event loop turn every few milliseconds.
 * @throws Failure SOURCE_CHANGED when a file is not what it was when it was looked at; FILE_SYSTEM
 */
export async function hashRecipe(recipe: Recipe, options: HashOptions = {}): Promise<LayerDigest> {
  const { signal, tally } = options
  signal?.throwIfAborted()
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafeSlow(Math.min(bufferSize, recipe.size))
  const update = (bytes: Uint8Array): void => {
    hash.update(bytes)
    if (tally) tally.bytesHashed += bytes.length
  }
  let turn = performance.now()
  const letOthersWork = async (): Promise<void> => {
    await nextTurn()
    signal?.throwIfAborted()
    turn = performance.now()
  }
  for (const piece of piecesOf(recipe)) {
    if (performance.now() - turn > turnMs) await letOthersWork()
    if (piece.kind === 'bytes') {
      update(piece.bytes)
      continue
    }
    const descriptor = openSource(piece.file)
    try {
      for (let position = piece.from; position < piece.to;) {
        if (performance.now() - turn > turnMs) await letOthersWork()
        const target = buffer.subarray(0, piece.to - position)
        const length = readSourceSync(piece, descriptor, target, position)
        if (tally) tally.bytesRead += length
        update(target.subarray(0, length))
        position += length
      }
    } finally {
      closeSync(descriptor)
    }
  }
  return `sha256:${hash.digest('hex')}`
}
