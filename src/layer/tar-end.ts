/**
 * Where a tar ends: two zero blocks (POSIX pax, ustar format); what follows is no part of it. tar-stream reads on,
 * would take a second tar behind the first for more entries, and has no public way to tell it.
 */
import type { Extract } from 'tar-stream'
import { blockSize, paddingOf } from './header.ts'

export interface TarEnd {
  /** the two blocks were seen: nothing needs to be written any more */
  isOver(): boolean
  /** what is wrong with the end, when something is */
  problem(): string | undefined
}

interface HeaderHook {
  readonly _buffer: { shift(size: number): unknown; readonly buffered: number }
  readonly _header: { readonly size: number } | null
  /** bytes that still belong to the entry: of its content, or of the padding behind it when `_stream` is null */
  readonly _missing: number
  readonly _stream: object | null
  readonly _longHeader: boolean
  /** its iterator ends by it, should it be asked again only after the extractor is closed */
  _finished: boolean
  readonly _locked: boolean
  _consumeHeader(): boolean
  _final(done: (error: Error | null) => void): void
}

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
  /** Some writers, such as umoci, end right behind the content of the last file, and Go's reader takes it. */
  const lacksPadding = (): boolean =>
    hook._buffer.buffered === 0 &&
    hook._stream === null &&
    !hook._longHeader &&
    hook._missing > 0 &&
    hook._missing === paddingOf(hook._header?.size ?? 0)
  // What is left in the buffer behind two zero blocks is less than a block, and no part of the tar.
  hook._final = (done) => {
    if (zeroBlocks < 2 && !lacksPadding()) return final(done)
    hook._finished = true
    done(null)
  }
  return {
    isOver: () => zeroBlocks === 2,
    problem: () => problem,
  }
}
