/** The files of this machine that went into layers, by content: provenance of mode `max`. */
import { createHash } from 'node:crypto'
import { closeSync, readSync } from 'node:fs'
import { relative } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { all, type Waiting } from '../../../base/index.ts'
import { openSource, type Entry, type FileSource } from '../../../layer/index.ts'
import { digestHex, type Digest } from '../../../oci/index.ts'
import type { LayerLog } from '../../../store/index.ts'
import type { BuiltLayer } from '../../layers.ts'
import { isCleanFile } from '../../racy.ts'
import { sortMaterials, type Material } from './material.ts'

export interface FileMaterialsOptions extends Waiting {
  /** project root, absolute */
  readonly root: string
  /** digests of files from earlier runs, by what a file is known by */
  readonly log: LayerLog
}

/** Files below the project root by their path there, others by their path in the image. @throws Failure SOURCE_CHANGED */
export async function fileMaterials(
  layers: readonly BuiltLayer[],
  options: FileMaterialsOptions,
): Promise<Material[]> {
  const materials: Material[] = []
  const recipes = await all(layers, async ({ recipe }) => recipe?.())
  for (const entry of recipes.flatMap((recipe) => recipe?.entries ?? [])) {
    if (entry.source?.kind !== 'file') continue
    const digest = await fileDigest(entry.source, options)
    materials.push({ name: nameOf(entry, entry.source, options.root), digest: { sha256: digestHex(digest) } })
  }
  return sortMaterials(materials)
}

type HostFile = Extract<FileSource, { kind: 'file' }>

function nameOf(entry: Entry, source: HostFile, root: string): string {
  const path = relative(root, source.path)
  return path.startsWith('..') ? `/${entry.path}` : path
}

async function fileDigest(source: HostFile, { log, signal }: FileMaterialsOptions): Promise<Digest> {
  const { dev, ino, size, mtimeNs, ctimeNs, mode } = source.fingerprint
  const identity = [dev, ino, size, mtimeNs, ctimeNs, mode, source.path].join(' ')
  const key = createHash('sha256').update(identity).digest('hex')
  const known = log.lookup(key)
  if (known?.size === Number(size)) return known.digest
  const startedMs = Date.now()
  const digest = await hashFile(source, { signal })
  if (isCleanFile({ ...source.fingerprint, path: source.path }, startedMs))
    log.remember(key, { digest, size: Number(size) })
  return digest
}

async function hashFile(source: HostFile, { signal }: Waiting): Promise<Digest> {
  const hash = createHash('sha256')
  const buffer = Buffer.alloc(1 << 20)
  const descriptor = openSource(source)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const length = readSync(descriptor, buffer)
      if (length === 0) break
      hash.update(buffer.subarray(0, length))
      await nextTurn()
    }
  } finally {
    closeSync(descriptor)
  }
  // it must still be what it was when it was looked at
  closeSync(openSource(source))
  return `sha256:${hash.digest('hex')}`
}
