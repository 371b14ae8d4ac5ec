import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { openFaultClient } from '../../test/support/fault-client.ts'
import { startFaultRegistry, type FaultRegistry } from '../../test/support/fault-registry.ts'
import { until } from '../../test/support/until.ts'
import { mediaTypes, sha256, type Descriptor } from '../oci/index.ts'

const bytes = randomBytes(500_000)
const descriptor: Descriptor = { mediaType: mediaTypes.layer, digest: sha256(bytes), size: bytes.length }

function keep(server: FaultRegistry, content = bytes): void {
  server.blobs.set(descriptor.digest, content)
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of content) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}

test('nothing is asked before the blob is read, and every pass reads it anew', async (t) => {
  const { server, registry } = await openFaultClient(t)
  keep(server)
  const open = registry.openBlob('a', descriptor)
  assert.deepEqual(server.purposes(), [])
  assert.equal(await digestOf(open()), descriptor.digest)
  assert.equal(await digestOf(open()), descriptor.digest)
  assert.deepEqual(server.purposes(), ['GET blob', 'GET blob'])
})

test('a connection that breaks in the middle is taken up where it broke', async (t) => {
  const { server, registry, events } = await openFaultClient(t, {
    faults: [{ on: 'GET blob', times: 3, act: { kind: 'truncate', bytes: 100_000 } }],
  })
  keep(server)
  assert.equal(await digestOf(registry.openBlob('a', descriptor)()), descriptor.digest)
  const ranges = server.requests.map((request) => request.headers.range)
  assert.equal(ranges.length, 4)
  assert.equal(ranges[0], undefined)
  for (const range of ranges.slice(1)) assert.match(String(range), /^bytes=\d+-499999$/)
  assert.equal(events.filter((event) => event.kind === 'registry-retry').length, 3)
})

test('a server that ignores ranges still gives the right bytes', async (t) => {
  const { server, registry } = await openFaultClient(t, {
    faults: [
      { on: 'GET blob', act: { kind: 'truncate', bytes: 100_000 } },
      { on: 'GET blob', times: 2, act: { kind: 'ignore-range' } },
    ],
  })
  keep(server)
  assert.equal(await digestOf(registry.openBlob('a', descriptor)()), descriptor.digest)
  const part = registry.openBlob('a', descriptor)({ start: 70_000, end: 70_100 })
  assert.equal(await digestOf(part), sha256(bytes.subarray(70_000, 70_100)))
})

for (const [name, content, message] of [
  [
    'other bytes',
    Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)]),
    /its bytes have the digest/,
  ],
  ['a byte too many', Buffer.concat([bytes, Buffer.of(0)]), /it has more than 500000 bytes/],
  ['a byte too few', bytes.subarray(1), /it has 499999 bytes, not 500000/],
] as const) {
  test(`a blob with ${name} is an error before its end`, async (t) => {
    const { server, registry } = await openFaultClient(t)
    keep(server, Buffer.from(content))
    await assert.rejects(digestOf(registry.openBlob('a', descriptor)()), {
      code: 'CONTENT_MISMATCH',
      message,
    })
  })
}

test('credentials do not follow a redirect to another host', async (t) => {
  const storage = await startFaultRegistry()
  t.after(() => storage.stop())
  keep(storage)
  const location = `http://${storage.host}/v2/a/blobs/${descriptor.digest}?signature=secret`
  const { server, registry } = await openFaultClient(
    t,
    {
      auth: { scheme: 'basic', username: 'ann', password: 'secret' },
      // The first request gets the challenge.
      faults: [{ on: 'GET blob', after: 1, act: { kind: 'answer', status: 307, headers: { location } } }],
    },
    { credentials: async () => ({ username: 'ann', password: 'secret' }) },
  )
  assert.equal(await digestOf(registry.openBlob('a', descriptor)()), descriptor.digest)
  assert.match(String(server.requests.at(-1)?.authorization), /^Basic /)
  assert.deepEqual(
    storage.requests.map((request) => request.authorization),
    [undefined],
  )
})

test('a signed address that has run out is asked for anew, and its refusal is told as its own', async (t) => {
  for (const [times, message] of [
    [1, undefined],
    [99, /: 127\.0\.0\.1:\d+, where the registry sent us, refused it \(403\), after 3 attempts$/],
  ] as const) {
    const refusal = { on: 'GET blob', times, act: { kind: 'answer', status: 403 } } as const
    const storage = await startFaultRegistry({ faults: [refusal] })
    t.after(() => storage.stop())
    keep(storage)
    const location = `http://${storage.host}/v2/a/blobs/${descriptor.digest}?signature=secret`
    const redirect = { kind: 'answer', status: 307, headers: { location } } as const
    const { server, registry } = await openFaultClient(t, {
      faults: [{ on: 'GET blob', times: 99, act: redirect }],
    })
    const reading = digestOf(registry.openBlob('a', descriptor)())
    if (message) await assert.rejects(reading, { code: 'REGISTRY_REFUSED', message })
    else assert.equal(await reading, descriptor.digest)
    assert.equal(server.requests.length, message ? 3 : 2)
  }
})

test('a reader that stops early or is aborted leaves no connection behind', async (t) => {
  const { server, registry } = await openFaultClient(t)
  server.blobs.set(descriptor.digest, Buffer.alloc(50_000_000))
  const large = { ...descriptor, size: 50_000_000 }
  for await (const chunk of registry.openBlob('a', large)()) {
    assert.ok(chunk.length > 0)
    break
  }
  const stop = new AbortController()
  await assert.rejects(
    async () => {
      for await (const chunk of registry.openBlob('a', large)({ signal: stop.signal })) {
        stop.abort(new Error(`enough after ${Math.min(chunk.length, 1)}`))
      }
    },
    { message: 'enough after 1' },
  )
  await until('all connections are closed', () => server.sockets.size === 0)
})

test('a blob that is not there is an error that names it', async (t) => {
  const { registry } = await openFaultClient(t)
  assert.equal(await registry.hasBlob('a', descriptor.digest), false)
  await assert.rejects(digestOf(registry.openBlob('a', descriptor)()), {
    code: 'REGISTRY_REFUSED',
    message: /^cannot read layer sha256:.{12}… of .*\/a: the registry does not have it \(404 BLOB_UNKNOWN/,
  })
})
