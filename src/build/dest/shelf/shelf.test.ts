import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newTally } from '../../../base/index.ts'
import { parseReference, type Digest, type RegistryWriter, type Upload } from '../../../oci/index.ts'
import { newShelf } from '../../../registry/index.ts'
import { testImage, testLayer, type TestLayer } from '../../../../test/support/built-images.ts'
import { collect } from '../../../../test/support/layers.ts'
import type { BuildEvent } from '../../events.ts'
import { newPin, type PinStore } from './pin.ts'
import { servedNames, servedReference } from './served-names.ts'
import { shelfDestinations } from './shelf-destinations.ts'

const host = '127.0.0.1:5050'

function openShelf(pinStore?: PinStore) {
  const shelf = newShelf()
  const tally = newTally()
  const events: BuildEvent[] = []
  const open = shelfDestinations({ shelf, host, pin: pinStore && newPin(pinStore, tally) })
  const newRun = () => open({ tally, emit: (event) => events.push(event) })
  const bytesOf = async (digest: Digest) => collect((await shelf.blob(digest))!.open())
  return { shelf, newRun, events, bytesOf }
}

const imageOf = (layer: TestLayer, tag = 'ghcr.io/demo/web:dev') =>
  testImage({ name: 'web', tags: [tag], layers: [layer] })

test('an image is on the shelf under its name without its host once names move, and no byte was read', async () => {
  const { shelf, newRun, events } = openShelf()
  const layer = await testLayer({ files: { app: 'one' } })
  const image = imageOf(layer)
  const run = newRun()
  assert.equal((await run.stage(image)).length, 3)
  assert.equal(await shelf.manifests('demo/web'), undefined)
  await run.commit()
  assert.equal((await shelf.manifests('demo/web'))![0]!.digest, image.top.descriptor.digest)
  assert.equal(layer.opened, 0)
  const published = events.find((event) => event.kind === 'published')
  assert.deepEqual(published?.references, [`${host}/demo/web:dev`])
})

test('the same bytes from another source are served from that one', async () => {
  const { newRun, bytesOf } = openShelf()
  const [first, second] = [
    await testLayer({ files: { app: 'one' } }),
    await testLayer({ files: { app: 'one' } }),
  ]
  for (const layer of [first, second]) {
    const run = newRun()
    const added = await run.stage(imageOf(layer))
    assert.equal(added.length, layer === first ? 3 : 0)
    await run.commit()
  }
  await bytesOf(first.diffId)
  assert.deepEqual([first.opened, second.opened], [0, 1])
})

test('what a name led to last stays for those in the middle of it, what it led to before that is forgotten', async () => {
  const { shelf, newRun } = openShelf()
  const layers = await Promise.all(['1', '2', '3'].map((text) => testLayer({ files: { app: text } })))
  for (const layer of layers) {
    const run = newRun()
    await run.stage(imageOf(layer))
    await run.commit()
  }
  const isThere = await Promise.all(
    layers.map(async ({ diffId }) => (await shelf.blob(diffId)) !== undefined),
  )
  assert.deepEqual(isThere, [false, true, true])
})

test('an abandoned run leaves the shelf as it was', async () => {
  const { shelf, newRun } = openShelf()
  const [first, second] = await Promise.all(['1', '2'].map((text) => testLayer({ files: { app: text } })))
  const run = newRun()
  await run.stage(imageOf(first!))
  await run.commit()
  const failed = newRun()
  await failed.stage(imageOf(second!))
  await failed.abandon()
  assert.equal(await shelf.blob(second!.diffId), undefined)
  assert.ok(await shelf.blob(first!.diffId))
  assert.equal((await shelf.manifests('demo/web'))!.length, 1)
})

test('two images under one name are told of', async () => {
  const { newRun, events } = openShelf()
  const run = newRun()
  await run.stage(imageOf(await testLayer({ files: { a: '1' } }), 'ghcr.io/demo/web:dev'))
  await run.stage(imageOf(await testLayer({ files: { a: '2' } }), 'quay.io/demo/web:dev'))
  await run.commit()
  assert.match(
    events.flatMap((event) => (event.kind === 'warning' ? event.message : [])).join(),
    /two images of this run are served as 127.0.0.1:5050\/demo\/web:dev/,
  )
})

test('official images have their short name and the one that mirrors are asked for', () => {
  assert.deepEqual(servedNames(parseReference('app:1')), [
    { repository: 'app', tag: '1' },
    { repository: 'library/app', tag: '1' },
  ])
  assert.equal(servedReference(host, parseReference('app:1')), `${host}/app:1`)
  assert.equal(servedReference(host, parseReference('localhost:5000/a/b:c')), `${host}/a/b:c`)
})

/** A store in memory that fails as a full disk does when told to. */
function memoryStore() {
  const blobs = new Map<Digest, Buffer>()
  const state = { isFull: false, uploads: 0 }
  const newUpload = async (): Promise<Upload> => {
    const chunks: Buffer[] = []
    state.uploads++
    return {
      id: 'x',
      size: 0,
      async append(source) {
        for await (const chunk of source) {
          if (state.isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
          chunks.push(Buffer.from(chunk))
        }
      },
      async finish(digest) {
        const bytes = Buffer.concat(chunks)
        const { sha256 } = await import('../../../oci/index.ts')
        if (sha256(bytes) !== digest) return false
        blobs.set(digest, bytes)
        return true
      },
      cancel: async () => undefined,
    }
  }
  const store: PinStore = {
    blob: async (digest) => {
      const bytes = blobs.get(digest)
      return (
        bytes && {
          size: bytes.length,
          async *open({ start = 0, end } = {}) {
            yield bytes.subarray(start, end)
          },
        }
      )
    },
    writer: {
      newUpload,
      remove: async (digest: Digest) => void blobs.delete(digest),
    } as unknown as RegistryWriter,
  }
  return { store, blobs, state }
}

test('pinned layers are read once, before a name leads to them', async () => {
  const { store, blobs } = memoryStore()
  const { newRun, bytesOf } = openShelf(store)
  const layer = await testLayer({ files: { app: 'one' } })
  const run = newRun()
  await run.stage(imageOf(layer))
  assert.equal(layer.opened, 1)
  assert.ok(blobs.has(layer.diffId))
  await run.commit()
  await bytesOf(layer.diffId)
  assert.equal(layer.opened, 1)
})

test('layers of a base are kept when they are read whole, and served all the same when the disk is full', async () => {
  const { store, blobs, state } = memoryStore()
  const { newRun, shelf, bytesOf } = openShelf(store)
  const plain = await testLayer({ files: { base: 'of others' } })
  const origin = { registry: 'ghcr.io', repository: 'base' }
  const layer = { ...plain, blob: { ...plain.blob, origin } }
  const run = newRun()
  await run.stage(imageOf(layer))
  await run.commit()
  assert.equal(plain.opened, 0)
  const whole = await collect(plain.blob.open())
  await collect((await shelf.blob(plain.diffId))!.open({ start: 10, end: 20 }))
  assert.equal(blobs.has(plain.diffId), false)
  state.isFull = true
  assert.ok((await bytesOf(plain.diffId)).equals(whole))
  assert.equal(blobs.has(plain.diffId), false)
  state.isFull = false
  assert.ok((await bytesOf(plain.diffId)).equals(whole))
  assert.ok(blobs.get(plain.diffId)!.equals(whole))
  const opened = plain.opened
  await bytesOf(plain.diffId)
  assert.equal(plain.opened, opened)
})
