/**
 * What is known of layers from earlier runs: key -> digest and size. The key of a recipe leads to its tar, so that an
 * unchanged layer costs one `lstat` per file; the key of a compressed layer (diff id and codec) to its bytes. An append-only log of lines `key hex size crc32`; a line that does not check is ignored, so a cut
 * or a crash costs a hash and never an error. Appends are single small writes: processes can share the file.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { systemCode } from '../base/index.ts'
import type { Digest } from '../oci/index.ts'

export interface KnownLayer {
  readonly digest: Digest
  /** bytes */
  readonly size: number
}

export interface LayerLog {
  lookup(key: string): KnownLayer | undefined
  /** Remembers a layer, in memory at once and on disk if the disk takes it. */
  remember(key: string, layer: KnownLayer): void
  readonly entries: number
}

/** The log in a file; a file that is missing or cannot be read is an empty log. */
export function openLayerLog(path: string): LayerLog {
  const known = readLog(path)
  let isWritable = true
  return {
    lookup: (key) => known.get(key),
    remember(key, layer) {
      known.set(key, layer)
      if (!isWritable) return
      try {
        mkdirSync(dirname(path), { recursive: true })
        appendFileSync(path, formatLine(key, layer))
      } catch {
        // A cache that cannot be written only costs time; the build itself is unharmed.
        isWritable = false
      }
    },
    get entries() {
      return known.size
    },
  }
}

/** A log that forgets everything with the process (`--no-cache`). */
export function memoryLayerLog(): LayerLog {
  const known = new Map<string, KnownLayer>()
  return {
    lookup: (key) => known.get(key),
    remember: (key, layer) => void known.set(key, layer),
    get entries() {
      return known.size
    },
  }
}

function readLog(path: string): Map<string, KnownLayer> {
  const known = new Map<string, KnownLayer>()
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return known
  }
  for (const line of text.split('\n')) {
    const [key = '', hex = '', size = '', check = ''] = line.split(' ')
    if (check !== checksum(`${key} ${hex} ${size}`) || hex.length !== 64) continue
    known.set(key, { digest: `sha256:${hex}`, size: Number(size) })
  }
  return known
}

/** Starts with a line end, so that a line cut short by a crash spoils only itself. */
function formatLine(key: string, { digest, size }: KnownLayer): string {
  const body = `${key} ${digest.slice('sha256:'.length)} ${size}`
  return `\n${body} ${checksum(body)}\n`
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
