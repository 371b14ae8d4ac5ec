/** As much of ELF (System V ABI, chapters 4 and 5) as finding a section and an address takes. */
import type { ByteFile } from './byte-file.ts'

export interface ElfFile {
  readonly isBigEndian: boolean
  /** bytes of a section by its name */
  readonly section: (name: string) => ElfRange | undefined
  readonly hasSections: boolean
  /** the first segment that is loaded writable and not executable: initialised data */
  readonly data: ElfRange | undefined
  /** where a virtual address is in the file */
  readonly offsetOf: (address: number) => number | undefined
}

export interface ElfRange {
  readonly offset: number
  readonly size: number
}

interface Segment {
  readonly offset: number
  readonly address: number
  readonly size: number
  readonly isData: boolean
}

/** More headers than any linker writes. */
const mostHeaders = 10_000
const loadable = 1
const [executable, writable] = [1, 2]

export function isElf(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46
}

/** Nothing for what is no ELF file or has a header that points nowhere. */
export function readElf(file: ByteFile): ElfFile | undefined {
  const head = file.read(0, 64)
  if (!isElf(head) || head.length < 52) return undefined
  const is64 = head[4] === 2
  if (is64 && head.length < 64) return undefined
  const isBigEndian = head[5] === 2
  const numbers = numberReader(isBigEndian, is64)
  const at = (wide: number, narrow: number) => (is64 ? wide : narrow)
  const programs = readTable(file, {
    offset: numbers.word(head, at(32, 28)),
    entrySize: numbers.half(head, at(54, 42)),
    count: numbers.half(head, at(56, 44)),
    smallest: at(56, 32),
  })
  const sections = readTable(file, {
    offset: numbers.word(head, at(40, 32)),
    entrySize: numbers.half(head, at(58, 46)),
    count: numbers.half(head, at(60, 48)),
    smallest: at(64, 40),
  })
  const segments = programs.flatMap((entry): Segment[] => {
    if (numbers.int(entry, 0) !== loadable) return []
    const flags = numbers.int(entry, at(4, 24))
    return [
      {
        offset: numbers.word(entry, at(8, 4)),
        address: numbers.word(entry, at(16, 8)),
        size: numbers.word(entry, at(32, 16)),
        isData: (flags & (executable | writable)) === writable,
      },
    ]
  })
  const rangeOf = (entry: Buffer): ElfRange => ({
    offset: numbers.word(entry, at(24, 16)),
    size: numbers.word(entry, at(32, 20)),
  })
  const nameTable = sections[numbers.half(head, at(62, 50))]
  const names = nameTable && rangeOf(nameTable)
  const texts = names ? file.read(names.offset, Math.min(names.size, 1 << 20)) : Buffer.alloc(0)
  return {
    isBigEndian,
    hasSections: sections.length > 0,
    data: segments.find(({ isData }) => isData),
    section(name) {
      const wanted = Buffer.from(`${name}\0`, 'latin1')
      const found = sections.find((entry) => {
        const start = numbers.int(entry, 0)
        return texts.subarray(start, start + wanted.length).equals(wanted)
      })
      return found && rangeOf(found)
    },
    offsetOf(address) {
      const segment = segments.find((one) => address >= one.address && address < one.address + one.size)
      return segment && segment.offset + (address - segment.address)
    },
  }
}

interface Table extends Pick<ElfRange, 'offset'> {
  readonly entrySize: number
  readonly count: number
  readonly smallest: number
}

/** The entries of a header table that are wholly in the file. */
function readTable(file: ByteFile, { offset, entrySize, count, smallest }: Table): Buffer[] {
  if (entrySize < smallest || count > mostHeaders || offset === 0) return []
  const bytes = file.read(offset, entrySize * count)
  return Array.from({ length: Math.floor(bytes.length / entrySize) }, (_, index) =>
    bytes.subarray(index * entrySize, (index + 1) * entrySize),
  )
}

interface NumberReader {
  half(bytes: Buffer, offset: number): number
  int(bytes: Buffer, offset: number): number
  /** of the size of an address; numbers above 2^53, which point into no file, lose their last bits */
  word(bytes: Buffer, offset: number): number
}

function numberReader(isBigEndian: boolean, is64: boolean): NumberReader {
  const int = (bytes: Buffer, offset: number) =>
    isBigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset)
  return {
    int,
    half: (bytes, offset) => (isBigEndian ? bytes.readUInt16BE(offset) : bytes.readUInt16LE(offset)),
    word: (bytes, offset) =>
      is64
        ? Number(isBigEndian ? bytes.readBigUInt64BE(offset) : bytes.readBigUInt64LE(offset))
        : int(bytes, offset),
  }
}
