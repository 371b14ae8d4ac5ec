/** Proves what the cache keeps, and removes what is not what it should be. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { fileFailure, isAbort, systemCode, type Waiting } from '../../base/index.ts'
import { fileOpener } from '../file-content.ts'
import { memoText } from '../memo-files.ts'
import { sealSuffix } from '../sealed-file.ts'
import type { CacheEntry, CachePart } from './part.ts'
import type { CacheParts } from './parts.ts'
import { cachePath, cachePlaces, type CacheName, type CachePlace, type CacheProof } from './places.ts'
import { verifyLayers, type VerifiedLayers, type VerifyLayersOptions } from './verify-layers.ts'

export interface CacheFault {
  readonly part: CacheName
  /** what was wrong with which file; it is removed */
  readonly message: string
}

export interface Checked {
  readonly part: CacheName
  readonly entries: number
  /** read and hashed */
  readonly bytes: number
}

export interface Verification extends Pick<VerifiedLayers, 'outdated' | 'unproven'> {
  readonly checked: readonly Checked[]
  readonly faults: readonly CacheFault[]
  /** parts whose entries carry nothing that would prove them, and how many those are */
  readonly unchecked: readonly { readonly part: CacheName; readonly entries: number }[]
}

/** @throws Failure FILE_SYSTEM, or the reason of the abort */
export async function verifyCache(
  { folder, parts }: CacheParts,
  options: VerifyLayersOptions,
): Promise<Verification> {
  const layers = await verifyLayers(folder, options)
  const checked: Checked[] = [layers.checked]
  const faults: CacheFault[] = [...layers.faults]
  const unchecked: { part: CacheName; entries: number }[] = []
  for (const part of parts) {
    const place: CachePlace = cachePlaces[part.name]
    if (place.shape.kind === 'log') continue
    const entries = (await part.list()).filter(({ isOutdated }) => !isOutdated)
    if (place.proof === undefined) unchecked.push({ part: part.name, entries: entries.length })
    else {
      const found = await verifyPart(part, entries, place.proof, { ...options, folder, wrong: layers.wrong })
      checked.push(found.checked)
      faults.push(...found.faults)
    }
  }
  const { outdated, unproven } = layers
  return { checked, faults, unchecked, outdated, unproven }
}

interface VerifyPartOptions extends Waiting {
  readonly folder: string
  readonly wrong: ReadonlySet<string>
}

async function verifyPart(
  part: CachePart,
  entries: readonly CacheEntry[],
  proof: CacheProof,
  { folder, wrong, signal }: VerifyPartOptions,
): Promise<{ checked: Checked; faults: CacheFault[] }> {
  const root = cachePath(folder, part.name)
  const bad: CacheEntry[] = []
  const faults: CacheFault[] = []
  let bytes = 0
  for (const entry of entries) {
    signal?.throwIfAborted()
    const path = join(root, entry.id)
    const found = await whileThere(() => faultOf(root, entry.id, proof, wrong))
    bytes += entry.bytes
    if (found === undefined) continue
    bad.push(entry)
    // What only repeats a wrong digest goes without being a fault of its own.
    if (found !== 'repeats') faults.push({ part: part.name, message: `${path}: ${found}` })
  }
  await part.remove(bad)
  return { checked: { part: part.name, entries: entries.length, bytes }, faults }
}

async function faultOf(
  root: string,
  id: string,
  proof: CacheProof,
  wrong: ReadonlySet<string>,
): Promise<string | undefined> {
  const path = join(root, id)
  if (proof.kind === 'digest') return mismatchIn(root, id, proof.patterns)
  const bytes = await readFile(path)
  if (wrong.size > 0 && proof.kind !== 'gzip') {
    const text = `${id}\n${bytes.toString('latin1')}`
    if ([...wrong].some((hex) => text.includes(hex))) return 'repeats'
  }
  return (await isWhole(bytes, proof)) ? undefined : 'is cut or changed'
}

async function isWhole(bytes: Buffer, proof: CacheProof): Promise<boolean> {
  try {
    if (proof.kind === 'checksum') return memoText(bytes.toString('utf8')) !== undefined
    JSON.parse((proof.kind === 'gzip' ? await promisify(gunzip)(bytes) : bytes).toString('utf8'))
    return true
  } catch {
    return false
  }
}

/** What is wrong with the files of an entry that are named by their digest. */
async function mismatchIn(
  root: string,
  id: string,
  patterns: readonly string[],
): Promise<string | undefined> {
  for (const pattern of patterns) {
    const own = id.split('/')
    const parts = pattern.split('/')
    if (own.some((name, index) => parts[index] !== '*' && parts[index] !== name)) continue
    const folder = join(root, id, ...parts.slice(own.length, -1))
    const files =
      parts.length === own.length
        ? [join(root, id)]
        : (await readdir(folder)).map((name) => join(folder, name))
    for (const file of files) {
      if (file.endsWith(sealSuffix)) continue
      const hash = createHash('sha256')
      for await (const chunk of fileOpener(file)()) hash.update(chunk)
      const found = hash.digest('hex')
      if (!file.endsWith(`/${found}`)) return `its content has the digest sha256:${found}`
    }
  }
  return undefined
}

/** What is removed meanwhile is no fault. */
async function whileThere<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    const code = systemCode((error as Error).cause ?? error) ?? systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (isAbort(error)) throw error
    throw fileFailure('verify', 'the cache', error)
  }
}
