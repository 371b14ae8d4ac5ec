/**
 * Files out of the layers of a base image, for COPY --from. A layer is read once for all files that are wanted of it;
 * what was taken out stays in the cache, named by layer and path, complete or absent.
 */
import { createHash, randomBytes } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, fileFailure, limit, type Waiting } from '../../base/index.ts'
import { decompress, fingerprintOf, readTar, type FileSource } from '../../layer/index.ts'
import { digestHex, layerCompression } from '../../oci/index.ts'
import { cachePath, isSealed, sealFile } from '../../store/index.ts'
import type { BuiltLayer } from '../layers.ts'
import type { ContentStore } from '../tree.ts'

/** One reader at a time for each folder of this process: two that write the same file would change it for each other. */
const readers = new Map<string, ReturnType<typeof limit>>()

/** The files of one layer, by their path in its tar. */
export function layerFiles(layer: BuiltLayer, cache: string): ContentStore {
  const folder = join(cachePath(cache, 'baseFiles'), digestHex(layer.diffId))
  const pathOf = (key: string): string => join(folder, createHash('sha256').update(key).digest('hex'))
  const reader = readers.get(folder) ?? limit(1)
  readers.set(folder, reader)
  return {
    load: (keys, { signal }: Waiting) =>
      reader(async () => {
        const sources = new Map<string, FileSource>()
        const missing = new Set<string>()
        for (const key of keys) {
          const source = cachedSource(pathOf(key))
          if (source) sources.set(key, source)
          else missing.add(key)
        }
        if (missing.size === 0) return sources
        const compression = layerCompression(layer.blob.descriptor.mediaType) ?? 'none'
        const description = `layer ${layer.diffId}`
        const content = decompress(layer.blob.open({ signal }), compression, { signal, description })
        for await (const entry of readTar(content, { signal, description })) {
          if (!missing.has(entry.path) || entry.type !== 'file') continue
          const path = pathOf(entry.path)
          await writeFileWhole(path, entry.content)
          sources.set(entry.path, cachedSource(path)!)
        }
        const lost = [...missing].find((key) => !sources.has(key))
        if (lost === undefined) return sources
        throw new Failure('BASE_INVALID', `${description} has no file "${lost}", though its index says so`, {
          hint: `remove ${cachePath(cache, 'trees')} and try again`,
        })
      }),
  }
}

function cachedSource(path: string): FileSource | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return stats?.isFile() && isSealed(path, stats)
    ? { kind: 'file', path, fingerprint: fingerprintOf(stats) }
    : undefined
}

async function writeFileWhole(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(join(path, '..'), { recursive: true })
    const file = await open(temporary, 'wx', 0o600)
    try {
      for await (const chunk of content) {
        for (let offset = 0; offset < chunk.length;) offset += (await file.write(chunk, offset)).bytesWritten
      }
    } finally {
      await file.close()
    }
    // Another process may have been first; a file that somebody looks at already must stay what it is.
    if (cachedSource(path)) await rm(temporary)
    else {
      await rename(temporary, path)
      await sealFile(path)
    }
  } catch (error) {
    await rm(temporary, { force: true })
    throw fileFailure('write', path, error)
  }
}
