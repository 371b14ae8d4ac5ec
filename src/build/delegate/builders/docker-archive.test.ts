import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { makeRecipe, openRecipe, type Entry } from '../../../layer/index.ts'
import { mediaTypes, sha256 } from '../../../oci/index.ts'
import { openLayout } from '../../../store/index.ts'
import { collect, entry, textEntry } from '../../../../test/support/layers.ts'
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { readDelegatedImage } from '../delegated-image.ts'
import { layoutFromArchive } from './docker-archive.ts'

const layer = await tarOf([textEntry('hello', 'world')])
const config = (layers: readonly Uint8Array[]) =>
  JSON.stringify({
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map((bytes) => sha256(bytes)) },
  })

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  return collect(openRecipe(makeRecipe(entries)))
}

function bytesEntry(path: string, bytes: Uint8Array): Entry {
  return entry({ path, size: bytes.length, source: { kind: 'bytes', bytes } })
}

function manifest(layers: readonly string[]): Entry {
  return textEntry('manifest.json', JSON.stringify([{ Config: 'c.json', RepoTags: null, Layers: layers }]))
}

async function converted(entries: readonly Entry[]) {
  await using folder = await temporaryFolder()
  await mkdir(folder.join('scratch'))
  await writeFile(folder.join('a.tar'), await tarOf(entries))
  const destination = folder.join('layout')
  await layoutFromArchive(folder.join('a.tar'), { scratch: folder.join('scratch'), destination })
  const cache = folder.join('cache')
  const image = await readDelegatedImage(destination, { description: 'x', known: [], cache })
  const tree = await image.tree()
  return { layers: image.layers, hello: tree.lookup('hello'), layout: await openLayout(destination) }
}

test('layers of an older daemon, with a link from one to an equal one', async () => {
  const { layers, hello } = await converted([
    textEntry('c.json', config([layer, layer])),
    manifest(['one/layer.tar', 'two/layer.tar']),
    bytesEntry('one/layer.tar', layer),
    entry({ path: 'two/layer.tar', type: 'symlink', mode: 0o777, link: '../one/layer.tar' }),
  ])
  assert.deepEqual(
    layers.map(({ blob }) => blob.descriptor),
    [0, 1].map(() => ({ mediaType: mediaTypes.layer, digest: sha256(layer), size: layer.length })),
  )
  assert.equal(hello?.size, 5)
})

test('layers of a newer daemon stay compressed as they are', async () => {
  const zipped = gzipSync(layer)
  const { layers, hello } = await converted([
    bytesEntry('blobs/sha256/l', zipped),
    textEntry('c.json', config([layer])),
    manifest(['blobs/sha256/l']),
  ])
  const [only] = layers
  assert.equal(only?.blob.descriptor.mediaType, mediaTypes.layerGzip)
  assert.equal(only?.blob.descriptor.digest, sha256(zipped))
  assert.equal(only?.diffId, sha256(layer))
  assert.equal(hello?.size, 5)
})

for (const [what, entries, message] of [
  ['no manifest', [textEntry('c.json', '{}')], /lacks manifest\.json/],
  ['a layer that is not there', [textEntry('c.json', '{}'), manifest(['x.tar'])], /lacks x\.tar/],
  [
    'a link in a circle',
    [textEntry('c.json', '{}'), manifest(['x']), link('x', 'y'), link('y', 'x')],
    /lacks x/,
  ],
] as const) {
  test(`an archive with ${what} is refused`, async () => {
    await assert.rejects(converted(entries), { code: 'BUILDER_FAILED', message })
  })
}

function link(path: string, target: string): Entry {
  return entry({ path, type: 'symlink', mode: 0o777, link: target })
}
