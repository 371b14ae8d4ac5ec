import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFaultClient } from '../../test/support/fault-client.ts'
import { encodeJson, mediaTypes, sha256 } from '../oci/index.ts'

const manifest = {
  mediaType: mediaTypes.manifest,
  bytes: encodeJson({ schemaVersion: 2, mediaType: mediaTypes.manifest, padding: 'x'.repeat(1000) }),
}
const descriptor = {
  mediaType: manifest.mediaType,
  digest: sha256(manifest.bytes),
  size: manifest.bytes.length,
}

test('a HEAD without digest, length or type is made up for by a GET', async (t) => {
  for (const headers of [{ 'docker-content-digest': '' }, { 'content-type': 'text/plain; charset=utf-8' }]) {
    const act = { kind: 'headers', headers } as const
    const { server, registry } = await openFaultClient(t, { faults: [{ on: 'HEAD manifest', act }] })
    await registry.pushManifest('a', '1', manifest)
    assert.deepEqual(await registry.headManifest('a', '1'), descriptor)
    assert.deepEqual(server.purposes(), ['PUT manifest', 'HEAD manifest', 'GET manifest'])
  }
})

test('a manifest that arrives cut short is read again', async (t) => {
  const { server, registry, clock } = await openFaultClient(t, {
    faults: [{ on: 'GET manifest', times: 2, act: { kind: 'truncate', bytes: 100 } }],
  })
  await registry.pushManifest('a', '1', manifest)
  assert.deepEqual((await registry.getManifest('a', '1'))?.descriptor, descriptor)
  assert.equal(server.purposes().filter((purpose) => purpose === 'GET manifest').length, 3)
  assert.deepEqual(clock.slept, [250, 500])
})

test('a manifest with other bytes than its digest says is refused', async (t) => {
  const act = { kind: 'corrupt' } as const
  const { registry } = await openFaultClient(t, { faults: [{ on: 'GET manifest', times: 2, act }] })
  await registry.pushManifest('a', '1', manifest)
  for (const name of ['1', descriptor.digest]) {
    await assert.rejects(registry.getManifest('a', name), {
      code: 'CONTENT_MISMATCH',
      message:
        /^cannot read manifest 127\.0\.0\.1:\d+\/a[:@].*: its 1089 bytes have the digest sha256:.*, not sha256:/,
    })
  }
})

test('a manifest above 4 MiB is not read', async (t) => {
  const { registry } = await openFaultClient(t)
  await registry.pushManifest('a', '1', { ...manifest, bytes: Buffer.alloc(4 * 1024 * 1024 + 1) })
  await assert.rejects(registry.getManifest('a', '1'), {
    code: 'CONTENT_MISMATCH',
    message: /larger than 4 MiB/,
  })
})

test('a registry that stored another digest than we sent is found out', async (t) => {
  const headers = { 'docker-content-digest': sha256('other') }
  const { registry } = await openFaultClient(t, {
    faults: [{ on: 'PUT manifest', act: { kind: 'headers', headers } }],
  })
  await assert.rejects(registry.pushManifest('a', '1', manifest), {
    code: 'CONTENT_MISMATCH',
    message: /the registry says it has the digest sha256:/,
  })
})

test('a PUT is repeated whole after a broken connection, and every byte is counted', async (t) => {
  const { server, registry, tally } = await openFaultClient(t, {
    faults: [{ on: 'PUT manifest', act: { kind: 'drop', afterBytes: 10 } }],
  })
  await registry.pushManifest('a', '1', manifest)
  assert.ok(server.manifests.get('a:1')?.bytes.equals(manifest.bytes))
  assert.deepEqual(tally.requests, { 'PUT manifest': 2 })
  assert.equal(tally.bytesSent, 2 * descriptor.size)
})
