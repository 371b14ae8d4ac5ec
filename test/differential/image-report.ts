/**
 * What an image is, as lines of text that can be compared: its config and its flattened file tree.
 * Reads OCI layout folders on its own, with none of our code for layers, so that it can judge that code.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { extract, type Header } from 'tar-stream'

interface Layout {
  readonly manifests: readonly { readonly mediaType: string; readonly digest: string }[]
}

interface ManifestDocument {
  readonly config: { readonly digest: string }
  readonly layers: readonly { readonly mediaType: string; readonly digest: string }[] | null
}

interface ConfigDocument {
  readonly config?: Readonly<Record<string, unknown>>
  readonly rootfs: { readonly diff_ids: readonly string[] | null }
  readonly history?: readonly { readonly empty_layer?: boolean }[]
  readonly [other: string]: unknown
}

/** Names of one file share its inode. */
interface Inode {
  readonly attributes: string
  readonly content: string
}

/**
 * The lines of the only image of a layout: fields of the config, history as `layer` and `empty`, then the tree.
 * @throws Error for a layout that is wrong in itself, such as history that does not line up with layers
 */
export async function imageReport(folder: string): Promise<string[]> {
  const index = await readJson<Layout>(join(folder, 'index.json'))
  const blob = (digest: string) => readFile(join(folder, 'blobs', digest.replace(':', '/')))
  const [top, ...others] = index.manifests
  if (!top || others.length > 0) throw new Error(`the layout has ${index.manifests.length} images`)
  const manifest = JSON.parse(String(await blob(top.digest))) as ManifestDocument
  const config = JSON.parse(String(await blob(manifest.config.digest))) as ConfigDocument
  const tree = new Map<string, Inode>()
  const layers = manifest.layers ?? []
  const diffIds = config.rootfs.diff_ids ?? []
  for (const [position, layer] of layers.entries()) {
    const bytes = await blob(layer.digest)
    const tar = layer.mediaType.endsWith('gzip') ? gunzipSync(bytes) : bytes
    const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}`
    if (diffIds[position] !== diffId) throw new Error(`layer ${position} is not its diff id`)
    await applyLayer(tree, tar)
  }
  return [...configLines(config, layers.length), ...treeLines(tree)]
}

async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T
}

function configLines(config: ConfigDocument, layers: number): string[] {
  const { created: _, rootfs, history, config: run = {}, ...image } = config
  const kinds = (history ?? []).map((entry) => (entry.empty_layer ? 'empty' : 'layer'))
  const counted = kinds.filter((kind) => kind === 'layer').length
  const isAligned = kinds.length === 0 || counted === layers
  if (!isAligned || (rootfs.diff_ids ?? []).length !== layers)
    throw new Error(`${layers} layers, ${rootfs.diff_ids?.length} diff ids and ${counted} in history`)
  const fields = (name: string, record: Readonly<Record<string, unknown>>) =>
    Object.keys(record)
      .toSorted()
      .map((key) => `${name} ${key} ${JSON.stringify(sortKeys(record[key]))}`)
  return [...fields('image', image), ...fields('config', run), `history ${kinds.join(' ')}`.trimEnd()]
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}

/** Applies a layer as image-spec's layer.md says: whiteouts hide what is below, a parent that is not listed is 0755. */
async function applyLayer(tree: Map<string, Inode>, tar: Buffer): Promise<void> {
  const seen = new Set<string>()
  const extractor = extract()
  Readable.from([tar]).pipe(extractor)
  for await (const entry of extractor) {
    const chunks: Buffer[] = []
    for await (const chunk of entry) chunks.push(chunk as Buffer)
    const header = entry.header
    const path = header.name.replace(/^(?:\.?\/)+/, '').replace(/\/$/, '')
    if (seen.has(path)) throw new Error(`a layer has /${path} twice`)
    seen.add(path)
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    const name = path.slice(parent === '' ? 0 : parent.length + 1)
    if (name === '.wh..wh..opq') removeBelow(tree, parent, seen)
    else if (name.startsWith('.wh.')) {
      const hidden = parent === '' ? name.slice(4) : `${parent}/${name.slice(4)}`
      removeBelow(tree, hidden, seen)
      tree.delete(hidden)
    } else {
      addParents(tree, parent)
      put(tree, path, header, Buffer.concat(chunks))
    }
  }
}

function put(tree: Map<string, Inode>, path: string, header: Header, content: Buffer): void {
  if (header.type !== 'directory') removeBelow(tree, path, new Set())
  if (header.type === 'link') {
    const target = (header.linkname ?? '').replace(/^(?:\.?\/)+/, '')
    const inode = tree.get(target)
    if (!inode) throw new Error(`/${path} is a hard link to /${target}, which is not there`)
    tree.set(path, inode)
    return
  }
  const { type, mode, uid, gid, linkname } = header
  const xattrs = Object.entries(header.pax ?? {})
    .filter(([key]) => key.startsWith('SCHILY.xattr.'))
    .map(
      ([key, value]) => ` ${key.slice('SCHILY.xattr.'.length)}=${Buffer.from(String(value)).toString('hex')}`,
    )
    .toSorted()
  const shownMode = type === 'symlink' ? 'link' : (mode & 0o7777).toString(8).padStart(4, '0')
  tree.set(path, {
    attributes: `${type} ${shownMode} ${uid}:${gid}${xattrs.join('')}`,
    content: type === 'symlink' ? ` -> ${linkname}` : type === 'file' ? ` ${contentText(content)}` : '',
  })
}

function contentText(content: Buffer): string {
  const text = content.toString('latin1')
  if (content.length <= 60 && /^[\x20-\x7e\n\t]*$/.test(text)) return JSON.stringify(text)
  return `${content.length} bytes ${createHash('sha256').update(content).digest('hex')}`
}

function addParents(tree: Map<string, Inode>, path: string): void {
  if (path === '' || tree.has(path)) return
  addParents(tree, path.slice(0, Math.max(0, path.lastIndexOf('/'))))
  tree.set(path, { attributes: 'directory 0755 0:0', content: '' })
}

/** Removes what lower layers have below a path. */
function removeBelow(tree: Map<string, Inode>, path: string, kept: ReadonlySet<string>): void {
  const start = path === '' ? '' : `${path}/`
  for (const candidate of tree.keys()) {
    if (candidate !== '' && candidate.startsWith(start) && !kept.has(candidate)) tree.delete(candidate)
  }
}

function treeLines(tree: ReadonlyMap<string, Inode>): string[] {
  const first = new Map<Inode, string>()
  return [...tree.keys()].toSorted().map((path) => {
    const inode = tree.get(path)!
    const same = first.get(inode)
    if (same === undefined) first.set(inode, path)
    const shown = JSON.stringify(`/${path}`).slice(1, -1)
    return same === undefined
      ? `${inode.attributes} ${shown}${inode.content}`
      : `${inode.attributes} ${shown} = /${same}`
  })
}
