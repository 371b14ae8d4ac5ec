/** Small projects of tests, written as a table: path -> content; `run` in a path's options makes it executable. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface ProjectEntry {
  readonly content?: string | Uint8Array
  /** permission bits; default 0644, of folders 0755 */
  readonly mode?: number
  /** makes a symbolic link */
  readonly link?: string
}

/** Writes files (a path that ends in "/" is a folder); modes are as said, whatever the umask is. */
export async function writeProject(
  folder: string,
  table: Readonly<Record<string, string | Uint8Array | ProjectEntry>>,
): Promise<void> {
  for (const [name, value] of Object.entries(table)) {
    const entry: ProjectEntry =
      typeof value === 'string' || value instanceof Uint8Array ? { content: value } : value
    const path = join(folder, name)
    await mkdir(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (entry.link !== undefined) {
      await symlink(entry.link, path)
      continue
    }
    if (!name.endsWith('/')) await writeFile(path, entry.content ?? '')
    await chmod(path, entry.mode ?? (name.endsWith('/') ? 0o755 : 0o644))
  }
}

/** Bytes that look random and are the same for the same seed (xorshift32). */
export function seededBytes(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil(size / 4) * 4)
  let state = seed >>> 0 || 1
  for (let offset = 0; offset < bytes.length; offset += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeInt32LE(state | 0, offset)
  }
  return bytes.subarray(0, size)
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
