/**
 * Go build information out of a program that streams by, as in a layer of a base: its magic is looked for, and what
 * follows is kept until both texts are whole. Nothing is kept of any other file.
 */
import { memoryFile } from './byte-file.ts'
import { isElf } from './elf.ts'
import { headerSize, inlineInfo, isInline, magicOffsets, type GoBuildInfo } from './go-build-info.ts'

export interface GoStream {
  /** `enough`: the rest of the file adds nothing */
  take(chunk: Uint8Array): 'more' | 'enough'
  /** `pointers`: Go 1.17 and older, whose texts are elsewhere in the file */
  end(): GoBuildInfo | 'pointers' | undefined
}

/** Both texts with room to spare. */
const longestKept = 16 << 20

export function newGoStream(): GoStream {
  /** the last bytes seen, and where in the file they start */
  let [kept, position] = [Buffer.alloc(0), 0]
  let [isProgram, isCollecting, hasPointers] = [true, false, false]
  let info: GoBuildInfo | undefined

  const drop = (count: number): void => {
    kept = kept.subarray(count)
    position += count
  }
  const look = (): void => {
    isCollecting = false
    for (const at of magicOffsets(kept, position)) {
      const header = kept.subarray(at, at + headerSize)
      if (header.length < headerSize) return
      if (!isInline(header)) {
        hasPointers ||= header[14] === 4 || header[14] === 8
        continue
      }
      const found = inlineInfo(memoryFile(kept), at + headerSize)
      if (found === undefined) continue
      if (found === 'short') {
        isCollecting = true
        drop(at)
      } else info = found
      return
    }
  }
  return {
    take(chunk) {
      if (position === 0 && kept.length === 0) isProgram = isElf(chunk)
      if (!isProgram) return 'enough'
      kept = Buffer.concat([kept, chunk])
      look()
      if (info) return 'enough'
      // a header whose texts never end is passed by
      if (isCollecting && kept.length > longestKept) drop(headerSize)
      else if (!isCollecting && kept.length > headerSize) drop(kept.length - headerSize)
      return 'more'
    },
    end: () => info ?? (hasPointers ? 'pointers' : undefined),
  }
}
