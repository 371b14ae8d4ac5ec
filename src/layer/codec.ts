/** How the bytes of a layer are compressed when they leave us (image-spec layer.md, "+gzip" and "+zstd Media Types"). */
import { Failure, nearest } from '../base/index.ts'
import type { Compression } from './decompress.ts'

export interface Codec {
  readonly type: Compression
  /** gzip: 1 to 9; zstd: 1 to 22; none: 0 */
  readonly level: number
}

interface Range {
  readonly usual: number
  readonly least: number
  readonly most: number
}

/** The usual levels are those of `gzip`, `zstd` and other builders, so that sizes compare. */
const levels: Readonly<Record<Compression, Range>> = {
  none: { usual: 0, least: 0, most: 0 },
  gzip: { usual: 6, least: 1, most: 9 },
  zstd: { usual: 3, least: 1, most: 22 },
}

export const noCodec: Codec = { type: 'none', level: 0 }

/** `none`, `gzip`, `gzip:9`, `zstd:19`. @throws Failure USAGE */
export function parseCodec(text: string): Codec {
  const colon = text.indexOf(':')
  return colon < 0 ? codecOf(text) : codecOf(text.slice(0, colon), text.slice(colon + 1))
}

/** Type and level as buildx writes them in an output; `uncompressed` is its word for `none`. @throws Failure USAGE */
export function codecOf(name: string, level?: string): Codec {
  const type = name === 'uncompressed' ? 'none' : name
  if (type === 'estargz')
    throw badCodec('layers cannot be compressed as estargz', 'use gzip, which every reader of estargz reads')
  if (!isCompression(type)) {
    const known = Object.keys(levels)
    throw badCodec(`"${name}" is not a compression`, `write ${nearest(type, known) ?? known.join(', ')}`)
  }
  const { usual, least, most } = levels[type]
  if (level === undefined) return { type, level: usual }
  if (most === 0) throw badCodec(`"${name}" has no levels`, `write ${name}`)
  if (!/^\d{1,2}$/.test(level) || Number(level) < least || Number(level) > most)
    throw badCodec(`"${level}" is not a level of ${type}`, `levels are ${least} to ${most}`)
  return { type, level: Number(level) }
}

/** `gzip:6`, or `none` */
export function formatCodec({ type, level }: Codec): string {
  return type === 'none' ? type : `${type}:${level}`
}

function isCompression(name: string): name is Compression {
  return Object.hasOwn(levels, name)
}

function badCodec(message: string, hint: string): Failure {
  return new Failure('USAGE', message, { hint })
}
