/**
 * The file tree of a base image from its layers: each layer is read once per machine, its metadata kept by diff id.
 * Whiteouts of image-spec layer.md hide what lies below.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { all, Failure } from '../../base/index.ts'
import { decompress, readTar, type Entry, type TarEntry } from '../../layer/index.ts'
import { digestHex, layerCompression } from '../../oci/index.ts'
import { cachePath, writeFileAtomically } from '../../store/index.ts'
import type { BuiltLayer } from '../layers.ts'
import { emptyTree, overlayTree, type TreeLayer } from '../overlay.ts'
import { ancestors, baseName, joinPath, parentPath, type Node, type Tree } from '../tree.ts'
import { layerFiles } from './layer-files.ts'

/** An entry of a layer; a hard link is listed as the file it is, with the path its content has in the tar. */
interface IndexedEntry extends Entry {
  readonly contentPath?: string
}

/** The metadata of one layer; whiteouts apart. */
export interface LayerIndex {
  readonly nodes: readonly IndexedEntry[]
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
  const indexes = await all(layers, async (layer) => treeLayer(await layerIndex(layer, cache), layer, cache))
  return indexes.reduce<Tree>(
    (tree, index) => overlayTree(tree, { ...index, nodes: withParents(index.nodes, tree) }, description),
    emptyTree(description),
  )
}

interface StackedLayer extends TreeLayer {
  readonly nodes: readonly Node[]
}

/** The nodes of a layer; content of files is loaded from its tar when somebody copies it. */
function treeLayer(index: LayerIndex, layer: BuiltLayer, cache: string): StackedLayer {
  const store = layerFiles(layer, cache)
  const nodes = index.nodes.map(({ contentPath, ...entry }): Node => {
    if (entry.type !== 'file' || entry.size === 0 || entry.source) return entry
    return { ...entry, stored: { store, key: contentPath ?? entry.path } }
  })
  return { ...index, nodes }
}

/** Directories that a layer uses without listing them are made 0755 root by every runtime. */
function withParents(nodes: readonly Node[], lower: Tree): Node[] {
  const listed = new Set(nodes.map((node) => node.path))
  const implied: Node[] = []
  for (const node of nodes) {
    for (const path of ancestors(node.path)) {
      if (listed.has(path) || lower.lookup(path) !== undefined) continue
      listed.add(path)
      implied.push({ path, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 })
    }
  }
  return [...implied, ...nodes]
}

/** Reads the layer unless an index of it is kept. @throws Failure ARCHIVE_INVALID | BASE_INVALID */
export async function layerIndex(layer: BuiltLayer, cache: string): Promise<LayerIndex> {
  const path = join(cachePath(cache, 'trees'), `${digestHex(layer.diffId)}.json.gz`)
  const cached = await readIndex(path)
  if (cached) return cached
  const compression = layerCompression(layer.blob.descriptor.mediaType) ?? 'none'
  const index = await indexTar(readTar(decompress(layer.blob.open(), compression)))
  await writeFileAtomically(path, gzipSync(JSON.stringify(index, encodeBytes))).catch(() => undefined)
  return index
}

async function indexTar(entries: AsyncIterable<TarEntry>): Promise<LayerIndex> {
  const nodes = new Map<string, IndexedEntry>()
  const removed: string[] = []
  const opaque: string[] = []
  for await (const { content, ...entry } of entries) {
    const name = baseName(entry.path)
    const parent = parentPath(entry.path)
    if (name === '.wh..wh..opq') opaque.push(parent)
    else if (name.startsWith('.wh.')) removed.push(joinPath(parent, name.slice('.wh.'.length)))
    else if (entry.type === 'hardlink') nodes.set(entry.path, linkedEntry(entry, nodes.get(entry.link ?? '')))
    else if (keptFiles.has(entry.path) && entry.size <= keptFileLimit) {
      nodes.set(entry.path, { ...entry, source: { kind: 'bytes', bytes: await readAll(content) } })
    } else nodes.set(entry.path, entry)
  }
  return { nodes: [...nodes.values()], removed, opaque }
}

/** A hard link as the file it names. @throws Failure BASE_INVALID when that file is not in the layer before it */
function linkedEntry(link: Entry, target: IndexedEntry | undefined): IndexedEntry {
  if (!target)
    throw new Failure(
      'BASE_INVALID',
      `a base layer links "${link.path}" to "${link.link}", which it does not have`,
    )
  return { ...target, path: link.path, contentPath: target.contentPath ?? target.path }
}

async function readAll(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(Buffer.from(chunk))
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
