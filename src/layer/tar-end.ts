/**
 * Where a tar ends: two zero blocks (POSIX pax, ustar format); what follows is no part of it. tar-stream reads on,
 * would take a second tar behind the first for more entries, and has no public way to tell it.
 */
import type { Extract } from 'tar-stream'

export interface TarEnd {
  /** the two blocks were seen: nothing needs to be written any more */
  isOver(): boolean
  /** what is wrong with the end, when something is */
  problem(): string | undefined
}

interface HeaderHook {
  readonly _buffer: { shift(size: number): unknown }
  readonly _header: object | null
  readonly _locked: boolean
  _consumeHeader(): boolean
  _final(done: (error: Error | null) => void): void
}

const blockSize = 512

export function watchEnd(extractor: Extract): TarEnd {
  const hook = extractor as unknown as HeaderHook
  const consume = hook._consumeHeader.bind(extractor)
  const final = hook._final.bind(extractor)
  let zeroBlocks = 0
  let problem: string | undefined
  hook._consumeHeader = () => {
    if (hook._locked) return false
    if (zeroBlocks === 2) {
      hook._buffer.shift(blockSize)
      return true
    }
    const goesOn = consume()
    if (hook._header === null) zeroBlocks++
    else if (zeroBlocks === 1) {
      problem = 'a zero block stands between its entries'
      extractor.destroy(new Error(problem))
      return false
    }
    return goesOn
  }
  // What is left in the buffer then is less than a block, and no part of the tar.
  hook._final = (done) => (zeroBlocks === 2 ? done(null) : final(done))
  return {
    isOver: () => zeroBlocks === 2,
    problem: () => problem,
  }
}
