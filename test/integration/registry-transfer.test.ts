/** Transfer to real registries: what they take, learned; bodies that are too large for a proxy; breaks that are mended. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { suite, test } from 'node:test'
import { newTally } from '../../src/base/index.ts'
import { bytesBlob, encodeJson, mediaTypes, sha256, type Blob } from '../../src/oci/index.ts'
import { openRegistry, type Registry, type RegistryOptions } from '../../src/registry/index.ts'
import { memoryHabits } from '../support/fault-client.ts'
import { startNarrowProxy } from '../support/narrow-proxy.ts'
import { registryKinds } from '../support/registries.ts'

const mebibyte = 1 << 20

const layerOf = (bytes: number) => bytesBlob(mediaTypes.layer, randomBytes(bytes))
const configOf = (name: string) => bytesBlob(mediaTypes.config, encodeJson({ os: 'linux', name }))

function manifestOf(config: Blob, layer: Blob) {
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: [layer.descriptor],
  })
  return { mediaType: mediaTypes.manifest, bytes }
}

async function checkStored(registry: Registry, repository: string, { descriptor }: Blob): Promise<void> {
  const chunks: Uint8Array[] = []
  for await (const chunk of registry.openBlob(repository, descriptor)()) chunks.push(Buffer.from(chunk))
  assert.equal(sha256(Buffer.concat(chunks)), descriptor.digest)
}

async function withRegistry<T>(
  host: string,
  options: RegistryOptions,
  work: (registry: Registry) => Promise<T>,
): Promise<T> {
  const registry = openRegistry(host, options)
  try {
    return await work(registry)
  } finally {
    await registry.close()
  }
}

for (const { name, skip, start } of registryKinds) {
  suite(`transfer to ${name}`, { skip: await skip(), timeout: 60_000 }, () => {
    test('a config shows whether one request does, and a later run knows', async () => {
      await using server = await start()
      const habits = memoryHabits()
      const push = async (blob: Blob) => {
        const tally = newTally()
        await withRegistry(server.host, { habits, tally }, (registry) => registry.pushBlob('acme/api', blob))
        return tally.requests
      }
      const first = await push(configOf('first'))
      const takesOne = first['PUT upload'] === undefined
      assert.match(habits.documents.get(server.host)!, new RegExp(`"singlePost":${takesOne}`))
      const layer = layerOf(100_000)
      const expected = { 'HEAD blob': 1, 'POST upload': 1, ...(!takesOne && { 'PUT upload': 1 }) }
      assert.deepEqual(await push(layer), expected)
      await withRegistry(server.host, {}, (registry) => checkStored(registry, 'acme/api', layer))
    })

    test('an image is mounted into a second repository and read back from both', async () => {
      await using server = await start()
      const [config, layer] = [configOf('mounted'), layerOf(mebibyte)]
      await withRegistry(server.host, {}, async (registry) => {
        for (const blob of [config, layer]) await registry.pushBlob('acme/api', blob)
        const options = { mountFrom: ['acme/api'], skipHead: true }
        for (const blob of [config, layer]) {
          // A registry that sees all blobs everywhere may open a session instead.
          assert.ok(['mounted', 'uploaded'].includes(await registry.pushBlob('acme/web', blob, options)))
        }
        for (const repository of ['acme/api', 'acme/web']) {
          await registry.pushManifest(repository, '1', manifestOf(config, layer))
          assert.ok(await registry.headManifest(repository, '1'))
          for (const blob of [config, layer]) await checkStored(registry, repository, blob)
        }
      })
    })

    test('a blob that is too large for the proxy in front goes in chunks, the next one at once', async () => {
      await using server = await start()
      await using proxy = await startNarrowProxy(server.host, { largestBody: 4 * mebibyte })
      const habits = memoryHabits()
      const [first, second] = [layerOf(9.5 * mebibyte), layerOf(9.5 * mebibyte)]
      const patchesOf = async (blob: Blob) => {
        const before = proxy.seen.length
        await withRegistry(proxy.host, { habits }, async (registry) => {
          assert.equal(await registry.pushBlob('acme/api', blob), 'uploaded')
        })
        await withRegistry(server.host, {}, (registry) => checkStored(registry, 'acme/api', blob))
        return proxy.seen.slice(before).filter(([, status]) => status !== 200 && status !== 404)
      }
      const tooLarge = (await patchesOf(first)).filter(([, status]) => status === 413)
      assert.deepEqual(tooLarge, [
        ['PUT', 413],
        ['PATCH', 413],
      ])
      assert.deepEqual(await patchesOf(second), [
        ['POST', 202],
        ['PATCH', 202],
        ['PATCH', 202],
        ['PUT', 201],
      ])
    })

    test('chunks that break off are taken up where the registry has got to, or begun anew', async () => {
      await using server = await start()
      await using proxy = await startNarrowProxy(server.host, { largestBody: mebibyte, breaksIn: [1, 4] })
      const layer = layerOf(7.5 * mebibyte)
      await withRegistry(proxy.host, {}, async (registry) => {
        assert.equal(await registry.pushBlob('acme/api', layer), 'uploaded')
      })
      await withRegistry(server.host, {}, (registry) => checkStored(registry, 'acme/api', layer))
      assert.equal(proxy.seen.filter(([, status]) => status === 0).length, 2)
    })
  })
}
