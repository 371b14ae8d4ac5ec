/**
 * The file tree of a base image from its layers: each layer is read once per machine, its metadata kept by diff id.
 * Whiteouts of image-spec layer.md hide what lies below.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { all } from '../../base/index.ts'
import { decompress, readTar, type Entry, type TarEntry } from '../../layer/index.ts'
import { digestHex, layerCompression } from '../../oci/index.ts'
import { writeFileAtomically } from '../../store/index.ts'
import type { BuiltLayer } from '../layers.ts'
import { emptyTree, overlayTree, type TreeLayer } from '../overlay.ts'
import { baseName, joinPath, parentPath, type Tree } from '../tree.ts'

interface LayerIndex {
  readonly nodes: readonly Entry[]
  readonly removed: readonly string[]
  readonly opaque: readonly string[]
}

/** Files whose content decides owners; kept with the index. */
const keptFiles = new Set(['etc/passwd', 'etc/group'])
/** A passwd file larger than this is no passwd file. */
const keptFileLimit = 4 << 20

export async function imageTree(
  layers: readonly BuiltLayer[],
  description: string,
  cache: string,
): Promise<Tree> {
  const indexes = await all(layers, (layer) => layerIndex(layer, cache))
  return indexes.reduce<Tree>((tree, index) => overlayTree(tree, index, description), emptyTree(description))
}

async function layerIndex(layer: BuiltLayer, cache: string): Promise<TreeLayer> {
  const path = join(cache, 'trees-1', `${digestHex(layer.diffId)}.json.gz`)
  const cached = await readIndex(path)
  if (cached) return cached
  const compression = layerCompression(layer.blob.descriptor.mediaType) ?? 'none'
  const index = await indexTar(readTar(decompress(layer.blob.open(), compression)))
  await writeFileAtomically(path, gzipSync(JSON.stringify(index, encodeBytes))).catch(() => undefined)
  return index
}

async function indexTar(entries: AsyncIterable<TarEntry>): Promise<LayerIndex> {
  const nodes = new Map<string, Entry>()
  const removed: string[] = []
  const opaque: string[] = []
  for await (const { content, ...entry } of entries) {
    const name = baseName(entry.path)
    const parent = parentPath(entry.path)
    if (name === '.wh..wh..opq') opaque.push(parent)
    else if (name.startsWith('.wh.')) removed.push(joinPath(parent, name.slice('.wh.'.length)))
    else if (entry.type === 'hardlink')
      nodes.set(entry.path, { ...(nodes.get(entry.link ?? '') ?? entry), path: entry.path })
    else if (keptFiles.has(entry.path) && entry.size <= keptFileLimit) {
      nodes.set(entry.path, { ...entry, source: { kind: 'bytes', bytes: await readAll(content) } })
    } else nodes.set(entry.path, entry)
  }
  return { nodes: [...nodes.values()], removed, opaque }
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function readIndex(path: string): Promise<LayerIndex | undefined> {
  try {
    return JSON.parse(gunzipSync(await readFile(path)).toString('utf8'), decodeBytes) as LayerIndex
  } catch {
    // missing, cut or foreign: it is made again from the layer
    return undefined
  }
}

/** Byte arrays as `{"$bytes": base64}` in the cached JSON. */
function encodeBytes(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key]
  return original instanceof Uint8Array ? { $bytes: Buffer.from(original).toString('base64') } : value
}

function decodeBytes(_key: string, value: unknown): unknown {
  const encoded =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)['$bytes'] : undefined
  return typeof encoded === 'string' ? Buffer.from(encoded, 'base64') : value
}
