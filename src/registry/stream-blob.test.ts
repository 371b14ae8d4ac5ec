import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { memoryHabits, openFaultClient } from '../../test/support/fault-client.ts'
import type { Fault } from '../../test/support/fault-registry.ts'
import { Failure } from '../base/index.ts'
import { sha256, type Digest, type UnnamedBlob } from '../oci/index.ts'
import type { Habits } from './habits.ts'

const size = 300_000
const piece = 65_536

interface Counted extends UnnamedBlob {
  readonly opened: () => number
  readonly bytes: Buffer
}

/** Content in several pieces whose digest is there when the last one was taken. */
function unnamed(onPiece: (start: number) => void = () => {}): Counted {
  const bytes = randomBytes(size)
  let opened = 0
  let digest: Digest | undefined
  return {
    size,
    bytes,
    opened: () => opened,
    digest: () => digest,
    async *open() {
      opened++
      for (let start = 0; start < size; start += piece) {
        onPiece(start)
        yield bytes.subarray(start, start + piece)
      }
      digest = sha256(bytes)
    },
  }
}

for (const location of ['relative', 'absolute', 'query'] as const) {
  test(`bytes go out in one pass and get their name at the end (Location ${location})`, async (t) => {
    const { server, registry, tally } = await openFaultClient(t, { location })
    const content = unnamed()
    assert.equal(await registry.streamBlob('a/b', content), 'uploaded')
    assert.deepEqual(server.purposes(), ['POST upload', 'PATCH upload', 'PUT upload'])
    assert.deepEqual(server.blobs.get(sha256(content.bytes)), content.bytes)
    assert.deepEqual([content.opened(), tally.bytesSent], [1, size])
    const { headers } = server.requests[1]!
    assert.deepEqual([headers['content-length'], headers['content-range']], [`${size}`, `0-${size - 1}`])
    assert.equal(server.requests[2]?.headers['content-length'], '0')
    assert.equal(server.sessions().size, 0)
  })
}

test('what turns out not to be wanted leaves no session', async (t) => {
  const { server, registry } = await openFaultClient(t)
  const content = unnamed()
  const asked: Digest[] = []
  const isWanted = (digest: Digest) => asked.push(digest) === 0
  assert.equal(await registry.streamBlob('a', content, { isWanted }), 'unwanted')
  assert.deepEqual(asked, [sha256(content.bytes)])
  assert.deepEqual(server.purposes(), ['POST upload', 'PATCH upload', 'DELETE upload'])
  assert.deepEqual([server.sessions().size, server.blobs.size], [0, 0])
})

const badDigest = '{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match"}]}'

for (const { name, fault, reason, isHashed } of [
  {
    name: 'a session that is refused',
    fault: { on: 'POST upload', act: { kind: 'answer', status: 503 } },
    reason: '503',
    isHashed: false,
  },
  {
    name: 'a session without an address',
    fault: { on: 'POST upload', act: { kind: 'headers', headers: { location: '' } } },
    reason: 'the registry opened an upload session but gave no usable Location for it',
    isHashed: false,
  },
  {
    name: 'a connection that breaks in the middle',
    fault: { on: 'PATCH upload', act: { kind: 'drop', afterBytes: 100_000 } },
    reason: 'ECONNRESET',
    isHashed: undefined,
  },
  {
    name: 'a 500 to the bytes',
    fault: { on: 'PATCH upload', act: { kind: 'answer', status: 500 } },
    reason: '500',
    isHashed: true,
  },
  {
    name: 'bytes that are lost on the way',
    fault: { on: 'PATCH upload', act: { kind: 'headers', headers: { range: '0-99999' } } },
    reason: 'the registry has 100000 of 300000 bytes it was sent',
    isHashed: true,
  },
  {
    name: 'a 500 to the digest',
    fault: { on: 'PUT upload', act: { kind: 'answer', status: 500 } },
    reason: '500',
    isHashed: true,
  },
  {
    name: 'a digest that is refused',
    fault: { on: 'PUT upload', act: { kind: 'answer', status: 400, body: badDigest } },
    reason: '400',
    isHashed: true,
  },
  {
    name: 'a connection that breaks at the digest',
    fault: { on: 'PUT upload', times: 2, act: { kind: 'drop' } },
    reason: 'ECONNRESET',
    isHashed: true,
  },
  {
    name: 'another digest in the answer',
    fault: {
      on: 'PUT upload',
      act: { kind: 'headers', headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` } },
    },
    reason: /^the registry says it stored sha256:0{64}, not sha256:/,
    isHashed: true,
  },
] as const satisfies readonly {
  name: string
  fault: Fault
  reason: string | RegExp
  isHashed: boolean | undefined
}[]) {
  test(`${name} ends the stream, is told, and leaves no session`, async (t) => {
    const { server, registry, events } = await openFaultClient(t, { faults: [fault] })
    const content = unnamed()
    assert.equal(await registry.streamBlob('a', content), 'failed')
    assert.deepEqual(server.unmetFaults(), [])
    if (isHashed !== undefined) assert.equal(content.digest() !== undefined, isHashed)
    // A session without an address cannot be ended either.
    assert.equal(server.sessions().size, name.includes('without an address') ? 1 : 0)
    const told = events.filter((event) => event.kind === 'registry-retry')
    assert.equal(told.length, 1)
    if (reason instanceof RegExp) assert.match(told[0]!.reason, reason)
    else assert.equal(told[0]!.reason, reason)
    assert.equal(told[0]!.what, `push a layer of 300000 bytes to ${server.host}/a while it is hashed`)
  })
}

test('the error of the source passes as it is, and the session goes', async (t) => {
  const { server, registry, events } = await openFaultClient(t)
  const content = unnamed((start) => {
    if (start > 100_000) throw new Failure('SOURCE_CHANGED', 'it was written to')
  })
  await assert.rejects(registry.streamBlob('a', content), { code: 'SOURCE_CHANGED' })
  assert.ok(server.purposes().includes('DELETE upload'))
  assert.deepEqual([server.sessions().size, server.blobs.size, events.length], [0, 0, 0])
})

test('an abort in the middle ends it with its reason, and the session goes', async (t) => {
  const { server, registry } = await openFaultClient(t)
  const controller = new AbortController()
  const reason = new Error('enough')
  const content = unnamed((start) => {
    if (start > 100_000) controller.abort(reason)
  })
  await assert.rejects(registry.streamBlob('a', content, { signal: controller.signal }), reason)
  assert.ok(server.purposes().includes('DELETE upload'))
  assert.deepEqual([server.sessions().size, server.blobs.size], [0, 0])
})

test('a token that ran out is renewed, and the bytes go out from the start', async (t) => {
  const { server, registry } = await openFaultClient(t, {
    auth: { scheme: 'bearer' },
    faults: [{ on: 'PATCH upload', act: { kind: 'expire-tokens' } }],
  })
  const content = unnamed()
  assert.equal(await registry.streamBlob('a', content), 'uploaded')
  assert.deepEqual(server.blobs.get(sha256(content.bytes)), content.bytes)
  assert.equal(content.opened(), 2)
})

for (const [name, kept] of [
  ['takes a blob in one request', { singlePost: true }],
  ['takes no chunks', { chunks: false }],
  ['takes no body of this size', { largestBody: 1 << 20 }],
] as const satisfies readonly [string, Habits][]) {
  test(`a host that ${name} is not streamed to`, async (t) => {
    const learnedAt = Date.parse('2026-01-02T03:00:00Z')
    const habits = { ...memoryHabits(), read: async () => ({ version: 1, learnedAt, ...kept }) }
    const { server, registry } = await openFaultClient(t, {}, { habits })
    const content = { ...unnamed(), size: 2 << 20 }
    assert.equal(await registry.streamBlob('a', content), 'refused')
    assert.deepEqual([content.opened(), server.requests.length], [0, 0])
  })
}

test('a host that knows no PATCH is asked once', async (t) => {
  const { server, registry } = await openFaultClient(t, { chunks: 'refused' })
  assert.equal(await registry.streamBlob('a', unnamed()), 'failed')
  assert.equal(await registry.streamBlob('a', unnamed()), 'refused')
  assert.deepEqual(server.purposes(), ['POST upload', 'PATCH upload', 'DELETE upload'])
  assert.equal(server.sessions().size, 0)
})
