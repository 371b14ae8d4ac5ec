import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { newTally } from '../../src/base/index.ts'
import {
  bytesBlob,
  digestHex,
  encodeJson,
  mediaTypes,
  sha256,
  type Blob,
  type Descriptor,
} from '../../src/oci/index.ts'
import { openRegistry, RegistryFailure, type Registry, type RegistryEvent } from '../../src/registry/index.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'

const megabyte = 1 << 20

function manifestOf(config: Descriptor, layers: readonly Descriptor[]) {
  return {
    mediaType: mediaTypes.manifest,
    bytes: encodeJson({ schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers }),
  }
}

/** A layer that is never held as a whole. */
function streamedBlob(chunks: number): Blob {
  const chunk = randomBytes(megabyte)
  const hash = createHash('sha256')
  for (let index = 0; index < chunks; index++) hash.update(chunk)
  return {
    descriptor: {
      mediaType: mediaTypes.layer,
      digest: `sha256:${hash.digest('hex')}`,
      size: chunks * megabyte,
    },
    async *open() {
      for (let index = 0; index < chunks; index++) yield chunk
    },
  }
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks)
}

suite('the client against docker-registry', { skip: skipWithoutDockerRegistry(), timeout: 60_000 }, () => {
  let server: DockerRegistry
  let registry: Registry
  before(async () => {
    server = await startDockerRegistry()
    registry = openRegistry(server.host)
  })
  after(async () => {
    await registry.close()
    await server.stop()
  })

  test('what is not there is nothing, not an error', async () => {
    assert.equal(await registry.headManifest('nobody/here', 'latest'), undefined)
    assert.equal(await registry.getManifest('nobody/here', sha256('x')), undefined)
    assert.equal(await registry.hasBlob('nobody/here', sha256('x')), false)
  })

  test('an image is pushed and read back, byte for byte', async () => {
    const layer = bytesBlob(mediaTypes.layer, randomBytes(300_000))
    const config = bytesBlob(mediaTypes.config, encodeJson({ os: 'linux', architecture: 'amd64' }))
    for (const blob of [layer, config]) assert.equal(await registry.pushBlob('acme/api', blob), 'uploaded')
    const manifest = manifestOf(config.descriptor, [layer.descriptor])
    await registry.pushManifest('acme/api', sha256(manifest.bytes), manifest)
    await registry.pushManifest('acme/api', '1.0', manifest)
    const descriptor = {
      mediaType: mediaTypes.manifest,
      digest: sha256(manifest.bytes),
      size: manifest.bytes.length,
    }
    assert.deepEqual(await registry.headManifest('acme/api', '1.0'), descriptor)
    assert.deepEqual(await registry.headManifest('acme/api', descriptor.digest), descriptor)
    const fetched = await registry.getManifest('acme/api', '1.0')
    assert.deepEqual(fetched?.descriptor, descriptor)
    assert.ok(fetched && manifest.bytes.equals(fetched.bytes))
    const open = registry.openBlob('acme/api', layer.descriptor)
    const whole = await collect(open())
    assert.ok(whole.equals(await collect(layer.open())))
    assert.ok(
      (await collect(open({ start: 100_000, end: 100_010 }))).equals(whole.subarray(100_000, 100_010)),
    )
    assert.ok((await collect(open({ start: 299_990 }))).equals(whole.subarray(299_990)))
  })

  test('a second push asks once and sends nothing; another repository mounts', async () => {
    const layer = bytesBlob(mediaTypes.layer, randomBytes(1000))
    await registry.pushBlob('acme/first', layer)
    const tally = newTally()
    const counted = openRegistry(server.host, { tally })
    assert.equal(await counted.pushBlob('acme/first', layer), 'exists')
    assert.deepEqual(tally.requests, { 'HEAD blob': 1 })
    assert.equal(
      await counted.pushBlob('acme/second', layer, { mountFrom: ['acme/none', 'acme/first'] }),
      'uploaded',
    )
    const mounting = { mountFrom: ['acme/first'], skipHead: true }
    assert.equal(await counted.pushBlob('acme/third', layer, mounting), 'mounted')
    assert.deepEqual(tally.requests, { 'HEAD blob': 2, mount: 2, 'PUT upload': 1 })
    assert.equal(tally.bytesSent, 1000)
    assert.equal(await counted.hasBlob('acme/third', layer.descriptor.digest), true)
    await counted.close()
  })

  test('many large blobs go up at once, with progress and exact counts', async () => {
    const tally = newTally()
    const events: RegistryEvent[] = []
    const counted = openRegistry(server.host, { tally, emit: (event) => events.push(event) })
    const blobs = Array.from({ length: 10 }, () => streamedBlob(5))
    await Promise.all(blobs.map((blob) => counted.pushBlob('acme/large', blob)))
    assert.equal(tally.bytesSent, 50 * megabyte)
    assert.deepEqual(tally.requests, { 'HEAD blob': 10, 'POST upload': 10, 'PUT upload': 10 })
    for (const { descriptor } of blobs) {
      const stored = join(
        server.root,
        'docker/registry/v2/blobs/sha256',
        digestHex(descriptor.digest).slice(0, 2),
      )
      assert.ok(existsSync(join(stored, digestHex(descriptor.digest), 'data')))
      const last = events.findLast(
        (event) => event.kind === 'upload-progress' && event.digest === descriptor.digest,
      )
      assert.equal(last?.kind === 'upload-progress' && last.sent, descriptor.size)
    }
    await counted.close()
  })

  test('an empty blob can be pushed and read', async () => {
    const empty = bytesBlob(mediaTypes.layer, new Uint8Array())
    assert.equal(await registry.pushBlob('acme/empty', empty), 'uploaded')
    assert.equal((await collect(registry.openBlob('acme/empty', empty.descriptor)())).length, 0)
  })

  test('a blob is copied from one repository to another as a stream', async () => {
    const blob = streamedBlob(3)
    await registry.pushBlob('acme/from', blob)
    const copy = { descriptor: blob.descriptor, open: registry.openBlob('acme/from', blob.descriptor) }
    assert.equal(await registry.pushBlob('acme/to', copy), 'uploaded')
  })

  test('bytes that do not have their digest are not stored', async () => {
    const blob = bytesBlob(mediaTypes.layer, Buffer.from('as announced'))
    const changed = { ...blob, open: bytesBlob(mediaTypes.layer, Buffer.from('AS ANNOUNCED')).open }
    await assert.rejects(registry.pushBlob('acme/changed', changed), { code: 'CONTENT_MISMATCH' })
    assert.equal(await registry.hasBlob('acme/changed', blob.descriptor.digest), false)
  })

  test('a manifest whose blobs are missing is refused with the list of what is missing', async () => {
    const missing = bytesBlob(mediaTypes.layer, Buffer.from('never pushed')).descriptor
    const config = bytesBlob(mediaTypes.config, Buffer.from('{}'))
    await registry.pushBlob('acme/holes', config)
    const pushing = registry.pushManifest('acme/holes', '1', manifestOf(config.descriptor, [missing]))
    await assert.rejects(pushing, (error: unknown) => {
      assert.ok(error instanceof RegistryFailure)
      assert.equal(error.code, 'REGISTRY_REFUSED')
      assert.equal(error.errors[0]?.code, 'MANIFEST_BLOB_UNKNOWN')
      assert.match(
        error.message,
        /the registry misses a blob that the manifest names \(400 MANIFEST_BLOB_UNKNOWN/,
      )
      return true
    })
  })

  test('an upload that is stopped ends at once and stores nothing', async () => {
    const stop = new AbortController()
    const blob = streamedBlob(200)
    const open: Blob['open'] = async function* (options) {
      let chunks = 0
      for await (const chunk of blob.open(options)) {
        if (++chunks === 3) stop.abort()
        yield chunk
      }
    }
    const pushing = registry.pushBlob('acme/stopped', { ...blob, open }, { signal: stop.signal })
    await assert.rejects(pushing, { name: 'AbortError' })
    assert.equal(await registry.hasBlob('acme/stopped', blob.descriptor.digest), false)
  })

  test('a read-only registry and one that is gone are named in the error', async () => {
    const readonly = await startDockerRegistry({ readonly: true })
    const client = openRegistry(readonly.host)
    const blob = bytesBlob(mediaTypes.config, Buffer.from('{}'))
    await assert.rejects(client.pushBlob('acme/api', blob), {
      code: 'REGISTRY_REFUSED',
      message:
        /^cannot push config sha256:44136fa355b3… to 127.0.0.1:\d+\/acme\/api: the registry does not take writes \(405 /,
    })
    await readonly.stop()
    await assert.rejects(client.hasBlob('acme/api', blob.descriptor.digest), {
      code: 'REGISTRY_UNREACHABLE',
      message: new RegExp(`nothing listens on ${readonly.host} \\(ECONNREFUSED\\), after 3 attempts$`),
    })
    await client.close()
  })
})
