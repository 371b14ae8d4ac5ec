/**
 * The recipe of a layer: its entries in canonical order. The same entries give the same tar on every machine.
 *
 * Order: path by path as a sorted walk meets them, that is, compared part by part in byte order, a directory directly
 * followed by all that is below it: `a`, `a/b`, `a-b`, `a.b`. Hard links come after all other entries, in the same
 * order, so that each stands behind its target.
 */
import { createHash } from 'node:crypto'
import { comparePathnames, encodePathname, Failure } from '../base/index.ts'
import { checkEntry } from './check-entry.ts'
import type { Entry, FileSource } from './entry.ts'
import { blockSize, headerBytes, headerSize, paddingOf } from './header.ts'

/** How to make the bytes of one layer. Made by `makeRecipe` only. */
export interface Recipe {
  /** in the order they are written */
  readonly entries: readonly Entry[]
  /** bytes of the whole tar, known without reading a file */
  readonly size: number
}

/** Two zero blocks end a tar; no padding to records of 10 KiB. */
export const endSize = 2 * blockSize

/** Part of every recipe key: raise it when the same entries give other bytes than before. */
const format = 'slipway layer 1\n'

/**
 * Checks, sorts and normalises entries: symlinks get mode 0o777, a hard link to a hard link points at the file itself,
 * empty files lose their source. Directories above an entry are not added.
 * @throws Failure COPY_CONFLICT for two entries at one path, or an entry below one that is no directory
 * @throws Failure SOURCE_UNSUPPORTED for names a layer cannot hold ("..", `.wh.`), links without a target in the layer
 */
export function makeRecipe(entries: Iterable<Entry>): Recipe {
  const plain: Entry[] = []
  const links: Entry[] = []
  for (const entry of entries) {
    const checked = checkEntry(entry)
    if (checked.type === 'hardlink') links.push(checked)
    else plain.push(checked)
  }
  const sorted = [...sortEntries(plain), ...sortEntries(resolveLinks(plain, links))]
  refuseConflicts(links.length === 0 ? sorted : sortEntries(sorted))
  let size = endSize
  for (const entry of sorted) size += headerSize(entry) + entry.size + paddingOf(entry.size)
  return { entries: sorted, size }
}

/**
 * Names a recipe without reading a file: sha256, in hex, over the canonical headers and the identity of each content
 * (host path and fingerprint of a file, sha256 of inline bytes).
 */
export function recipeKey(recipe: Recipe): string {
  const hash = createHash('sha256').update(format)
  for (const entry of recipe.entries) {
    hash.update(headerBytes(entry))
    if (entry.source) hash.update(sourceIdentity(entry.source)).update('\0')
  }
  return hash.digest('hex')
}

function sourceIdentity(source: FileSource): Buffer | string {
  if (source.kind === 'bytes') return `bytes ${createHash('sha256').update(source.bytes).digest('hex')}`
  const { dev, ino, size, mtimeNs, ctimeNs, mode } = source.fingerprint
  return Buffer.concat([
    Buffer.from(`file ${[dev, ino, size, mtimeNs, ctimeNs, mode].join(' ')} `),
    encodePathname(source.path),
  ])
}

function sortEntries(entries: readonly Entry[]): Entry[] {
  // "/" must sort below every other byte, and NUL, which no path holds, does.
  const keyed = entries.map((entry) => ({ key: entry.path.replaceAll('/', '\0'), entry }))
  return keyed.sort((a, b) => comparePathnames(a.key, b.key)).map(({ entry }) => entry)
}

function resolveLinks(plain: readonly Entry[], links: readonly Entry[]): Entry[] {
  if (links.length === 0) return []
  const targets = new Map([...plain, ...links].map((entry) => [entry.path, entry]))
  return links.map((entry) => {
    let target = targets.get(entry.link!)
    for (let step = 0; target?.type === 'hardlink' && step < links.length; step++)
      target = targets.get(target.link!)
    if (target === undefined || target.type === 'hardlink' || target.type === 'directory') {
      throw new Failure(
        'SOURCE_UNSUPPORTED',
        `hard link "/${entry.path}" cannot be put into a layer: its target "/${entry.link}" is no file of the same layer`,
      )
    }
    return target.path === entry.link ? entry : { ...entry, link: target.path }
  })
}

/** In sorted order everything below a path directly follows it, so looking one entry back is enough. */
function refuseConflicts(sorted: readonly Entry[]): void {
  let previous: Entry | undefined
  for (const entry of sorted) {
    if (previous?.path === entry.path)
      throw new Failure(
        'COPY_CONFLICT',
        `"/${entry.path}" is twice in one layer: ${previous.type} and ${entry.type}`,
      )
    if (previous && previous.type !== 'directory' && entry.path.startsWith(`${previous.path}/`)) {
      throw new Failure(
        'COPY_CONFLICT',
        `"/${entry.path}" cannot be put into a layer: "/${previous.path}" is a ${previous.type}, not a directory`,
      )
    }
    previous = entry
  }
}
