/**
 * What is known of layers from earlier runs: key -> digest and size. The key of a recipe leads to its tar, so that an
 * unchanged layer costs one `lstat` per file; the key of a compressed layer (diff id and codec) to its bytes.
 * An append-only log of lines `key hex size day crc32`; a line that does not check is ignored, so a cut or a crash costs
 * a hash and never an error. Appends are single small writes: processes can share the file. `day` is when the entry was
 * last used, in days since the epoch; it is written anew at most once a day.
 */
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { systemCode, withLockFile } from '../base/index.ts'
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
  /**
   * Rewrites the log without lines of no use when it has many of them, and without what was used longest ago when it has
   * grown too long. Returns the keys that went for their age. Costs nothing while there is nothing to do.
   */
  trim(): Promise<readonly string[]>
}

export interface LayerLogOptions {
  /** entries kept at most; default 40,000, which load in some 40 ms */
  readonly most?: number
}

/** Lines of no use that are not worth a rewrite. */
const idleLines = 2000

/** The log in a file; a file that is missing or cannot be read is an empty log. */
export function openLayerLog(path: string, { most = 40_000 }: LayerLogOptions = {}): LayerLog {
  const read = readLayerLog(path)
  const { known } = read
  let { lines } = read
  let isWritable = true
  const append = (key: string, layer: KnownLayer): void => {
    const day = today()
    known.set(key, { ...layer, day, bytes: 0 })
    if (!isWritable) return
    try {
      mkdirSync(dirname(path), { recursive: true })
      appendFileSync(path, formatLine(key, layer, day))
      lines++
    } catch {
      // A cache that cannot be written only costs time; the build itself is unharmed.
      isWritable = false
    }
  }
  return {
    lookup(key) {
      const found = known.get(key)
      if (found && found.day < today()) append(key, found)
      return found && { digest: found.digest, size: found.size }
    },
    remember: append,
    get entries() {
      return known.size
    },
    async trim() {
      if (!isWritable || (known.size <= most && lines <= 2 * known.size + idleLines)) return []
      const gone = new Set<string>()
      const count = Math.max(0, known.size - Math.floor(most / 2))
      const oldest = [...known].toSorted(([, a], [, b]) => a.day - b.day)
      if (known.size > most) for (const [key] of oldest.slice(0, count)) gone.add(key)
      return (await rewriteLayerLog(path, (key) => !gone.has(key))) ? [...gone] : []
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
    trim: async () => [],
  }
}

export interface LoggedLayer extends KnownLayer {
  /** of its last use, in days since the epoch */
  readonly day: number
  /** of all its lines in the file */
  readonly bytes: number
}

export interface ReadLayerLog {
  /** by key */
  readonly known: Map<string, LoggedLayer>
  /** lines that check, those that later ones replace among them */
  readonly lines: number
}

/** Everything in a log that checks. */
export function readLayerLog(path: string): ReadLayerLog {
  try {
    return parseLog(readFileSync(path, 'latin1'))
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return { known: new Map(), lines: 0 }
  }
}

/**
 * Replaces a log by one with the entries that are to be kept, each once. What other processes append meanwhile is taken
 * over; a line appended in the moment of the exchange itself may be lost, which costs a hash. A process that is killed
 * leaves the log as it was. False when the disk does not take it or another process holds the lock.
 */
export async function rewriteLayerLog(
  path: string,
  isKept: (key: string, layer: LoggedLayer) => boolean,
): Promise<boolean> {
  const temporary = `${path}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`
  let file: number | undefined
  try {
    return await withLockFile(`${path}.lock`, async () => {
      file = openSync(path, 'r')
      const text = readToEnd(file, 0)
      // The last line may be on its way still: it is taken over below, whole.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      const kept = [...parseLog(whole).known].filter(([key, layer]) => isKept(key, layer))
      await writeFile(temporary, kept.map(([key, layer]) => formatLine(key, layer, layer.day)).join(''))
      await rename(temporary, path)
      const added = readToEnd(file, whole.length)
      if (added !== '') appendFileSync(path, added, 'latin1')
      return true
    })
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    return systemCode(error) === 'ENOENT'
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

function readToEnd(file: number, start: number): string {
  const chunks: string[] = []
  const buffer = Buffer.allocUnsafe(1 << 20)
  for (let position = start; ;) {
    const length = readSync(file, buffer, 0, buffer.length, position)
    if (length === 0) return chunks.join('')
    chunks.push(buffer.toString('latin1', 0, length))
    position += length
  }
}

function parseLog(text: string): ReadLayerLog {
  const known = new Map<string, LoggedLayer>()
  let lines = 0
  for (const line of text.split('\n')) {
    const [key = '', hex = '', size = '', day = '', check = ''] = line.split(' ')
    if (hex.length !== 64 || check !== checksum(`${key} ${hex} ${size} ${day}`)) continue
    lines++
    const bytes = line.length + 2 + (known.get(key)?.bytes ?? 0)
    known.set(key, { digest: `sha256:${hex}`, size: Number(size), day: Number(day), bytes })
  }
  return { known, lines }
}

/** Starts with a line end, so that a line cut short by a crash spoils only itself. */
function formatLine(key: string, { digest, size }: KnownLayer, day: number): string {
  const body = `${key} ${digest.slice('sha256:'.length)} ${size} ${day}`
  return `\n${body} ${checksum(body)}\n`
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}

function today(): number {
  return Math.floor(Date.now() / 86_400_000)
}
