import assert from 'node:assert/strict'
import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { collect } from '../../../test/support/layers.ts'
import { testImage, testLayer, type TestLayer } from '../../../test/support/built-images.ts'
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { newTally } from '../../base/index.ts'
import { decompress, noCodec, parseCodec } from '../../layer/index.ts'
import { digestHex, mediaTypes, sha256, type Index, type Manifest } from '../../oci/index.ts'
import { memoryLayerLog, openBlobCache, openLayerLog } from '../../store/index.ts'
import type { BuildEvent } from '../events.ts'
import type { BuiltImage } from '../image.ts'
import { newPacker, type PackerOptions } from './packer.ts'

const amd64 = { os: 'linux', architecture: 'amd64' }
const arm64 = { os: 'linux', architecture: 'arm64' }
const gzip = parseCodec('gzip:6')
const layerOf = (text: string) => testLayer({ files: { file: text.repeat(5000) } })

/** A packer as a process of its own has it, with what it counted and told. */
function openPacker(folder: TemporaryFolder, options: Partial<PackerOptions> = {}) {
  const tally = newTally()
  const events: BuildEvent[] = []
  const packer = newPacker({
    openLog: () => openLayerLog(folder.join('packed.log')),
    cache: openBlobCache(folder.join('packed'), { cap: 1e9 }),
    tally,
    emit: (event) => events.push(event),
    ...options,
  })
  const compressed = () => events.filter(({ kind }) => kind === 'compressed').length
  return { ...packer, tally, compressed }
}

async function json<T>({ open }: { open: () => AsyncIterable<Uint8Array> }): Promise<T> {
  return JSON.parse((await collect(open())).toString()) as T
}

const firstLayer = (image: BuiltImage) => image.platforms[0]!.layers[0]!

async function tarOf(image: BuiltImage): Promise<Buffer> {
  const { blob } = firstLayer(image)
  const bytes = await collect(blob.open())
  assert.equal(sha256(bytes), blob.descriptor.digest)
  assert.equal(bytes.length, blob.descriptor.size)
  return collect(decompress(blob.open(), 'gzip'))
}

describe('a packed image', () => {
  test('names compressed layers in its manifests and its index, and keeps its configs', async () => {
    await using folder = await temporaryFolder()
    const layers = [await layerOf('one'), await layerOf('two')]
    const image = testImage({ name: 'app', layers, platforms: [amd64, arm64] })
    const packed = await openPacker(folder).pack(image, parseCodec('zstd'))
    const index = await json<Index>(packed.top)
    assert.deepEqual(
      index.manifests.map(({ platform, digest }) => [platform, digest]),
      packed.platforms.map(({ platform, manifest }) => [platform, manifest.descriptor.digest]),
    )
    assert.notEqual(packed.top.descriptor.digest, image.top.descriptor.digest)
    for (const [number, platform] of packed.platforms.entries()) {
      const manifest = await json<Manifest>(platform.manifest)
      assert.equal(platform.config, image.platforms[number]!.config)
      assert.deepEqual(manifest.config, platform.config.descriptor)
      assert.deepEqual(
        manifest.layers,
        platform.layers.map(({ blob }) => blob.descriptor),
      )
      for (const { mediaType } of manifest.layers) assert.equal(mediaType, mediaTypes.layerZstd)
    }
  })

  test('of one platform is its manifest; without compression it is the image itself', async () => {
    await using folder = await temporaryFolder()
    const image = testImage({ name: 'app', layers: [await layerOf('one')] })
    const packer = openPacker(folder)
    const packed = await packer.pack(image, gzip)
    assert.equal(packed.top, packed.platforms[0]!.manifest)
    assert.equal(await packer.pack(image, noCodec), image)
    assert.equal(await packer.pack(packed, gzip), packed)
  })

  test('keeps the layers of a base as they came, whatever they are, and compresses those a builder made', async () => {
    await using folder = await temporaryFolder()
    const [own, ofBase, fromBuilder] = await Promise.all(['a', 'b', 'c'].map(layerOf))
    const packedBase = await openPacker(folder).pack(testImage({ name: 'x', layers: [own!] }), gzip)
    const base: TestLayer = { ...ofBase!, state: 'base' }
    const layers = [
      { ...own!, ...firstLayer(packedBase) },
      base,
      { ...fromBuilder!, state: 'base' as const, isDelegated: true as const },
      own!,
    ]
    const image = testImage({ name: 'app', layers })
    const packed = await openPacker(folder).pack(image, parseCodec('zstd'))
    assert.deepEqual(
      packed.platforms[0]!.layers.map(({ blob }) => blob.descriptor.mediaType),
      [mediaTypes.layerGzip, mediaTypes.layer, mediaTypes.layerZstd, mediaTypes.layerZstd],
    )
    assert.deepEqual(
      packed.platforms[0]!.layers.map(({ diffId }) => diffId),
      layers.map(({ diffId }) => diffId),
    )
  })
})

describe('a packer', () => {
  test('compresses a layer once, however many images share it, and not at all in the next run', async () => {
    await using folder = await temporaryFolder()
    const shared = await layerOf('shared')
    const images = ['a', 'b', 'c'].map((name) => testImage({ name, layers: [shared] }))
    const first = openPacker(folder)
    const packed = await Promise.all(images.map((image) => first.pack(image, gzip)))
    assert.equal(first.compressed(), 1)
    assert.equal(first.tally.bytesCompressed, shared.blob.descriptor.size)
    const next = openPacker(folder)
    const again = await next.pack(images[0]!, gzip)
    assert.deepEqual(again.top.descriptor, packed[0]!.top.descriptor)
    assert.deepEqual([next.compressed(), next.tally.bytesCompressed, next.tally.bytesHashed], [0, 0, 0])
    assert.deepEqual(await tarOf(again), await collect(shared.blob.open()))
    assert.equal(next.compressed(), 0)
  })

  for (const [what, spoil] of [
    ['gone', (path: string) => rm(path)],
    ['cut', (path: string) => truncate(path, 20)],
    ['other bytes of the same size', (path: string) => writeFile(path, 'X', { flag: 'r+' })],
  ] as const)
    test(`makes bytes again that are ${what}, once for all who want them`, async () => {
      await using folder = await temporaryFolder()
      const layer = await layerOf('again')
      const image = testImage({ name: 'a', layers: [layer] })
      await openPacker(folder).pack(image, gzip)
      const [file] = await readdir(folder.join('packed'))
      await spoil(folder.join('packed', file!))
      const packer = openPacker(folder)
      const packed = await packer.pack(image, gzip)
      assert.equal(packer.compressed(), 0)
      const tars = await Promise.all([tarOf(packed), tarOf(packed), tarOf(packed)])
      for (const tar of tars) assert.ok(tar.equals(await collect(layer.blob.open())))
      assert.equal(packer.compressed(), 1)
      assert.deepEqual(await readdir(folder.join('packed')), [file])
    })

  test('works without a disk to keep bytes on, in parts too', async () => {
    await using folder = await temporaryFolder()
    await writeFile(folder.join('file'), '')
    const cache = openBlobCache(folder.join('file'), { cap: 1e9 })
    const layer = await layerOf('nowhere')
    const packer = openPacker(folder, { cache })
    const packed = await packer.pack(testImage({ name: 'a', layers: [layer] }), gzip)
    assert.ok((await tarOf(packed)).equals(await collect(layer.blob.open())))
    const { blob } = firstLayer(packed)
    const whole = await collect(blob.open())
    for (const [start, end] of [
      [0, 10],
      [7, 90],
      [50, whole.length],
    ] as const)
      assert.ok((await collect(blob.open({ start, end }))).equals(whole.subarray(start, end)))
  })

  test('refuses a layer whose bytes are not those that were hashed, and remembers nothing', async () => {
    await using folder = await temporaryFolder()
    const [one, other] = [await layerOf('one'), await layerOf('two')]
    const changed = { ...one, blob: { ...one.blob, open: other.blob.open } }
    const packer = openPacker(folder)
    const image = testImage({ name: 'a', layers: [changed] })
    await assert.rejects(packer.pack(image, gzip), {
      code: 'CONTENT_MISMATCH',
      message: /when it was hashed/,
    })
    assert.deepEqual(await readdir(folder.join('packed')), [])
    assert.equal(openLayerLog(folder.join('packed.log')).entries, 0)
  })

  test('says so when the same layer does not compress to the same bytes', async () => {
    await using folder = await temporaryFolder()
    const layer = await layerOf('one')
    const image = testImage({ name: 'a', layers: [layer] })
    const lying = { digest: sha256('lie'), size: 3 }
    const log = { ...memoryLayerLog(), lookup: () => lying }
    const packed = await openPacker(folder, { openLog: () => log }).pack(image, gzip)
    assert.equal(digestHex(firstLayer(packed).blob.descriptor.digest), digestHex(lying.digest))
    await assert.rejects(collect(firstLayer(packed).blob.open()), {
      code: 'CONTENT_MISMATCH',
      message: /compressed again/,
    })
  })
})
