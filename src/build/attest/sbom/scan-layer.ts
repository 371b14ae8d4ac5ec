/**
 * Facts of one layer. Of our own layers only what is wanted is read, straight from the source files: a program costs
 * a few headers. Layers of bases are tar streams and are read whole, once per machine.
 */
import type { Waiting } from '../../../base/index.ts'
import { decompress, readTar, type Entry, type Recipe, type TarEntry } from '../../../layer/index.ts'
import { layerCompression, type Blob } from '../../../oci/index.ts'
import { withSource, type ByteFile } from './byte-file.ts'
import type { FileFacts, LayerFacts } from './facts.ts'
import { readGoBuildInfo } from './go-build-info.ts'
import { newGoStream, type GoStream } from './go-stream.ts'
import { knownFile, type KnownFile } from './known-files.ts'

/** No program of Go is smaller. */
const smallestProgram = 64 << 10

/** @throws Failure SOURCE_CHANGED | FILE_SYSTEM */
export function scanRecipe(recipe: Recipe, { signal }: Waiting = {}): LayerFacts {
  const found = new Map<string, FileFacts>()
  for (const { path, type, size, source } of recipe.entries) {
    if (type !== 'file' || !source) continue
    signal?.throwIfAborted()
    const known = knownFile(path)
    if (!known && size < smallestProgram) continue
    const facts = withSource(source, (file) => (known ? textFacts(known, file) : programFacts(file)))
    if (facts) found.set(path, facts)
  }
  return found
}

/** @throws Failure ARCHIVE_INVALID, and whatever the blob's source fails with */
export async function scanBlob(blob: Blob, options: Waiting & { description: string }): Promise<LayerFacts> {
  const compression = layerCompression(blob.descriptor.mediaType) ?? 'none'
  const content = decompress(blob.open({ signal: options.signal }), compression, options)
  const found = new Map<string, FileFacts>()
  for await (const entry of readTar(content, options)) {
    const facts = entry.type === 'file' ? await streamFacts(entry) : undefined
    if (facts) found.set(entry.path, facts)
  }
  return found
}

async function streamFacts(entry: TarEntry): Promise<FileFacts | undefined> {
  const known = knownFile(entry.path)
  if (known) {
    const refusal = tooLarge(known, entry)
    return refusal ?? known.read(Buffer.concat(await collect(entry.content)).toString('utf8'))
  }
  if (entry.size < smallestProgram) return undefined
  let go: GoStream | undefined
  for await (const chunk of entry.content) {
    go ??= newGoStream()
    if (go.take(chunk) === 'enough') break
  }
  const result = go?.end()
  if (result === 'pointers') return { kind: 'unread', why: 'it was built by Go 1.17 or older' }
  return result && { kind: 'go', info: result }
}

function textFacts(known: KnownFile, file: ByteFile): FileFacts {
  return tooLarge(known, file) ?? known.read(file.read(0, file.size).toString('utf8'))
}

function tooLarge({ limit, why }: KnownFile, { size }: Pick<Entry, 'size'>): FileFacts | undefined {
  return size > limit ? { kind: 'unread', why: why ?? `it has ${size} bytes` } : undefined
}

function programFacts(file: ByteFile): FileFacts | undefined {
  const info = readGoBuildInfo(file)
  return info && { kind: 'go', info }
}

async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(Buffer.from(chunk))
  return chunks
}
