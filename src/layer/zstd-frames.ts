/**
 * Where the frames of a zstd stream end (RFC 8878, 3.1 "Frames"). node:zlib drops what follows the end of a frame in
 * the same write (nodejs/node#64741), and layers with seekable content have many frames.
 */

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a50
const dictionaryIdSizes = [0, 1, 2, 4]
const contentSizeSizes = [0, 2, 4, 8]

/**
 * The same bytes in chunks of which none goes on after the end of a frame.
 * @throws what `invalid` makes of the reason when something else than a frame comes, or the last one is not complete
 */
export async function* cutAtFrames(
  stream: AsyncIterable<Uint8Array>,
  invalid: (reason: string) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  const steps = walkFrames(invalid)
  let step = steps.next()
  let value = 0
  let taken = 0
  for await (const chunk of stream) {
    let start = 0
    for (let at = 0; at < chunk.length;) {
      const { length, kind } = step.value!
      const end = Math.min(chunk.length, at + length - taken)
      // Numbers are little-endian and have at most four bytes.
      if (kind === 'number')
        for (let index = at; index < end; index++) value += chunk[index]! * 256 ** (taken + index - at)
      taken += end - at
      at = end
      if (taken < length) break
      step = steps.next(value)
      value = taken = 0
      if (!step.value!.isStart) continue
      yield chunk.subarray(start, at)
      start = at
    }
    if (start < chunk.length) yield chunk.subarray(start)
  }
  if (taken > 0 || !step.value!.isStart || !step.value!.isLater) throw invalid('unexpected end of data')
}

interface Step {
  /** bytes, at least 1 */
  readonly length: number
  readonly kind: 'number' | 'skip'
  /** a frame starts here */
  readonly isStart?: boolean
  /** and it is not the first */
  readonly isLater?: boolean
}

/** Says, part by part, how many bytes come next, and is told their value where it asks for a number. */
function* walkFrames(invalid: (reason: string) => Error): Generator<Step, never, number> {
  for (let isLater = false; ; isLater = true) {
    const magic = yield { length: 4, kind: 'number', isStart: true, isLater }
    // The last four bits of a skippable frame's magic are free.
    if ((magic & ~0xf) >>> 0 === skippableMagic) {
      yield* skip(yield { length: 4, kind: 'number' })
      continue
    }
    if (magic !== frameMagic) throw invalid('no frame where one should start')
    const descriptor = yield { length: 1, kind: 'number' }
    const isSingleSegment = (descriptor & 0x20) !== 0
    const contentSizeSize = contentSizeSizes[descriptor >> 6]! || (isSingleSegment ? 1 : 0)
    yield* skip((isSingleSegment ? 0 : 1) + dictionaryIdSizes[descriptor & 3]! + contentSizeSize)
    for (let isLast = false; !isLast;) {
      const block = yield { length: 3, kind: 'number' }
      isLast = (block & 1) !== 0
      const isRepeat = ((block >> 1) & 3) === 1
      yield* skip(isRepeat ? 1 : block >> 3)
    }
    yield* skip((descriptor & 4) === 0 ? 0 : 4)
  }
}

function* skip(length: number): Generator<Step, void, number> {
  if (length > 0) yield { length, kind: 'skip' }
}
