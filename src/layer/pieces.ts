/** A recipe as the pieces its tar is made of, cut to a range of bytes without touching what lies outside of it. */
import type { FileSource } from './entry.ts'
import { headerBytes, headerSize, paddingOf } from './header.ts'
import { endSize, type Recipe } from './recipe.ts'

export type SourceFile = Extract<FileSource, { kind: 'file' }>

export interface FilePiece {
  readonly kind: 'file'
  readonly file: SourceFile
  /** first byte of the file that is wanted */
  readonly from: number
  /** exclusive */
  readonly to: number
}

export type Piece = FilePiece | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

const zeros = new Uint8Array(endSize)

/** The pieces between `start` and `end` (exclusive) in order, none of them empty. */
export function* piecesOf(recipe: Recipe, start = 0, end = recipe.size): Generator<Piece> {
  let position = 0
  for (const entry of recipe.entries) {
    if (position >= end) return
    const padding = paddingOf(entry.size)
    if (position < start) {
      const size = headerSize(entry) + entry.size + padding
      if (position + size <= start) {
        position += size
        continue
      }
    }
    const header = headerBytes(entry)
    yield* cut(header, start - position, end - position)
    position += header.length
    if (entry.source?.kind === 'bytes') yield* cut(entry.source.bytes, start - position, end - position)
    else if (entry.source) {
      const from = Math.max(0, start - position)
      const to = Math.min(entry.size, end - position)
      if (from < to) yield { kind: 'file', file: entry.source, from, to }
    }
    position += entry.size
    yield* cut(zeros.subarray(0, padding), start - position, end - position)
    position += padding
  }
  yield* cut(zeros, start - position, end - position)
}

function* cut(bytes: Uint8Array, from: number, to: number): Generator<Piece> {
  const start = Math.max(0, from)
  const end = Math.min(bytes.length, to)
  if (start < end) yield { kind: 'bytes', bytes: bytes.subarray(start, end) }
}
