import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testImage, testLayer } from '../../../test/support/built-images.ts'
import { newTally } from '../../base/index.ts'
import { noCodec, parseCodec } from '../../layer/index.ts'
import { formatReference, type Reference } from '../../oci/index.ts'
import { memoryLayerLog, openBlobCache } from '../../store/index.ts'
import type { Destination } from '../dest/destination.ts'
import type { BuiltImage } from '../image.ts'
import { deliver, mainDelivery, packingNames } from './delivery.ts'
import { newPacker } from './packer.ts'

const gzip = parseCodec('gzip')
const packer = newPacker({
  openLog: memoryLayerLog,
  cache: openBlobCache('/dev/null', { cap: 0 }),
  tally: newTally(),
  emit: () => undefined,
})
const image = testImage({
  name: 'app',
  tags: ['localhost:5000/app:1', 'ghcr.io/acme/app:1', 'localhost:5000/app:2', 'quay.io/acme/app:1'],
  layers: [await testLayer({ files: { file: 'text'.repeat(500) } })],
})
const packed = await packer.pack(image, gzip)

function destination(fields: Partial<Destination>): Destination & { readonly got: BuiltImage[] } {
  const got: BuiltImage[] = []
  return {
    name: 'somewhere',
    got,
    async stage(each) {
      got.push(each)
      return each.platforms[0]!.layers.map(({ blob }) => blob.descriptor)
    },
    commit: async () => undefined,
    abandon: async () => undefined,
    ...fields,
  }
}

const registry = () =>
  destination({
    name: 'registry',
    codecFor: (reference) => (reference?.registry.startsWith('localhost') ? noCodec : gzip),
    names: { find: async () => undefined, digestOf: async ({ top }) => top.descriptor.digest },
  })

const namesOf = ({ references }: { readonly references: readonly Reference[] }) =>
  references.map((reference) => formatReference(reference))

describe('a delivery', () => {
  test('gives each host of a registry output the layers it wants', async () => {
    const target = registry()
    const deliveries = await deliver(image, target, packer)
    assert.deepEqual(target.got.map(namesOf), [
      ['localhost:5000/app:1', 'localhost:5000/app:2'],
      ['ghcr.io/acme/app:1', 'quay.io/acme/app:1'],
    ])
    assert.deepEqual(
      deliveries.map((delivery) => [delivery.codec.type, delivery.image.top.descriptor.digest]),
      [
        ['none', image.top.descriptor.digest],
        ['gzip', packed.top.descriptor.digest],
      ],
    )
    assert.deepEqual(
      deliveries.map(({ added }) => [...added]),
      [image, packed].map(({ platforms }) => platforms[0]!.layers.map(({ blob }) => blob.descriptor.digest)),
    )
  })

  test('of an image without names happens once', async () => {
    const target = destination({ codecFor: () => gzip })
    await deliver({ ...image, references: [] }, target, packer)
    assert.deepEqual(
      target.got.map(({ top, references }) => [top.descriptor.digest, references.length]),
      [[packed.top.descriptor.digest, 0]],
    )
  })

  test('is as built where nobody asks for compression', async () => {
    const [only] = await deliver(image, destination({}), packer)
    assert.equal(only!.image.top, image.top)
  })

  test('that others pull stands for the image', async () => {
    const parcels = [
      await deliver(image, destination({ codecFor: () => parseCodec('zstd') }), packer),
      await deliver(image, registry(), packer),
    ].flat()
    assert.equal(mainDelivery(parcels)?.image.top.descriptor.digest, packed.top.descriptor.digest)
    assert.equal(mainDelivery(parcels.slice(0, 2))?.codec.type, 'none')
    assert.equal(mainDelivery(parcels.slice(0, 1))?.codec.type, 'zstd')
    assert.equal(mainDelivery([]), undefined)
  })
})

test('a destination is asked about the digest that each of its names will have', async () => {
  const { names } = packingNames(registry(), packer)
  assert.deepEqual(
    await Promise.all(image.references.map(async (reference) => names?.digestOf(image, reference))),
    [image, packed, image, packed].map(({ top }) => top.descriptor.digest),
  )
})
