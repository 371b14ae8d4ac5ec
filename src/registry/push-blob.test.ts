import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { openFaultClient } from '../../test/support/fault-client.ts'
import type { Fault } from '../../test/support/fault-registry.ts'
import { until } from '../../test/support/until.ts'
import { Failure } from '../base/index.ts'
import type { Clock } from '../http/index.ts'
import { bytesBlob, mediaTypes, type Blob } from '../oci/index.ts'

/** A blob in several chunks that counts how often it was opened. */
function countedBlob(size = 300_000): Blob & { readonly opened: () => number } {
  const blob = bytesBlob(mediaTypes.layer, randomBytes(size))
  let opened = 0
  return {
    ...blob,
    opened: () => opened,
    async *open() {
      opened++
      for await (const bytes of blob.open()) {
        for (let start = 0; start < size; start += 65_536) yield bytes.subarray(start, start + 65_536)
      }
    },
  }
}

const upload = ['HEAD blob', 'POST upload', 'PUT upload'] as const

for (const location of ['relative', 'absolute', 'query'] as const) {
  test(`an upload follows a Location that is ${location}`, async (t) => {
    const { server, registry, tally } = await openFaultClient(t, { location })
    const blob = countedBlob()
    assert.equal(await registry.pushBlob('a/b', blob), 'uploaded')
    assert.deepEqual(server.purposes(), upload)
    assert.equal(server.blobs.get(blob.descriptor.digest)?.length, 300_000)
    assert.equal(tally.bytesSent, 300_000)
    assert.equal(server.requests.at(-1)?.headers['content-length'], '300000')
  })
}

test('a blob that is there is not opened', async (t) => {
  const { server, registry } = await openFaultClient(t)
  const blob = countedBlob()
  server.blobs.set(blob.descriptor.digest, Buffer.alloc(0))
  assert.equal(await registry.pushBlob('a', blob), 'exists')
  assert.deepEqual(server.purposes(), ['HEAD blob'])
  assert.equal(blob.opened(), 0)
})

test('a mount is done, or its session is used', async (t) => {
  for (const [mount, expected, purposes] of [
    ['mounted', 'mounted', ['mount']],
    ['session', 'uploaded', ['mount', 'PUT upload']],
  ] as const) {
    const { server, registry } = await openFaultClient(t, { mount })
    const blob = countedBlob()
    server.blobs.set(blob.descriptor.digest, Buffer.alloc(0))
    assert.equal(await registry.pushBlob('a', blob, { mountFrom: ['b'], skipHead: true }), expected)
    assert.deepEqual(server.purposes(), purposes)
  }
})

for (const status of [403, 405, 500, 503] as const) {
  test(`a mount that is answered with ${status} becomes an upload`, async (t) => {
    const { server, registry } = await openFaultClient(t, {
      faults: [{ on: 'mount', act: { kind: 'answer', status } }],
    })
    const options = { mountFrom: ['b'], skipHead: true }
    assert.equal(await registry.pushBlob('a', countedBlob(), options), 'uploaded')
    assert.deepEqual(server.purposes(), ['mount', 'POST upload', 'PUT upload'])
    // A source that must not be read is not named again, nor any by a host that mounts nothing.
    await registry.pushBlob('a', countedBlob(), options)
    assert.equal(server.purposes().filter((purpose) => purpose === 'mount').length, status < 500 ? 1 : 2)
    await registry.pushBlob('a', countedBlob(), { ...options, mountFrom: ['c'] })
    const mounts = { 403: 2, 405: 1, 500: 3, 503: 3 }[status]
    assert.equal(server.purposes().filter((purpose) => purpose === 'mount').length, mounts)
  })
}

test('a HEAD that is forbidden does not stop an upload', async (t) => {
  const { registry } = await openFaultClient(t, {
    faults: [{ on: 'HEAD blob', act: { kind: 'answer', status: 403 } }],
  })
  assert.equal(await registry.pushBlob('a', countedBlob()), 'uploaded')
})

for (const { name, fault, slept, opened } of [
  {
    name: 'a connection that breaks in the middle',
    fault: { on: 'PUT upload', times: 2, act: { kind: 'drop', afterBytes: 100_000 } },
    slept: [250, 500],
    opened: 3,
  },
  {
    name: 'a 503 to the PUT',
    fault: { on: 'PUT upload', times: 4, act: { kind: 'answer', status: 503 } },
    slept: [250, 500, 1000, 2000],
    opened: 5,
  },
  {
    name: 'a 429 with Retry-After to the POST',
    fault: {
      on: 'POST upload',
      act: { kind: 'answer', status: 429, headers: { 'retry-after': '7' } },
    },
    slept: [7000],
    opened: 1,
  },
  {
    name: 'a 429 with a date',
    fault: {
      on: 'POST upload',
      act: { kind: 'answer', status: 429, headers: { 'retry-after': 'Fri, 02 Jan 2026 03:04:15 GMT' } },
    },
    slept: [10_000],
    opened: 1,
  },
  {
    name: 'a lost session',
    fault: {
      on: 'PUT upload',
      act: { kind: 'answer', status: 404, body: '{"errors":[{"code":"BLOB_UPLOAD_UNKNOWN"}]}' },
    },
    slept: [250],
    opened: 2,
  },
] as const satisfies readonly { name: string; fault: Fault; slept: number[]; opened: number }[]) {
  test(`${name} is met with a new session and the blob opened again`, async (t) => {
    const { server, registry, clock, events } = await openFaultClient(t, { faults: [fault] })
    const blob = countedBlob()
    assert.equal(await registry.pushBlob('a', blob), 'uploaded')
    assert.deepEqual(clock.slept, slept)
    assert.equal(blob.opened(), opened)
    assert.equal(server.blobs.get(blob.descriptor.digest)?.length, 300_000)
    const retries = events.filter((event) => event.kind === 'registry-retry')
    assert.deepEqual(
      retries.map((event) => event.delayMs),
      slept,
    )
  })
}

test('a session that a mount opened is used once only', async (t) => {
  const { server, registry } = await openFaultClient(t, {
    mount: 'session',
    faults: [{ on: 'PUT upload', act: { kind: 'answer', status: 503 } }],
  })
  await registry.pushBlob('a', countedBlob(), { mountFrom: ['b'], skipHead: true })
  assert.deepEqual(server.purposes(), ['mount', 'PUT upload', 'POST upload', 'PUT upload'])
})

test('a registry that asks one request to wait is left alone by the others too', async (t) => {
  const slept: number[] = []
  const waited = Promise.withResolvers<void>()
  let now = 0
  const clock: Clock = {
    now: () => now,
    random: () => 1,
    async sleep(milliseconds) {
      slept.push(milliseconds)
      await waited.promise
    },
  }
  const act = { kind: 'answer', status: 429, headers: { 'retry-after': '7' } } as const
  const { server, registry } = await openFaultClient(t, { faults: [{ on: 'HEAD blob', act }] }, { clock })
  const { digest } = countedBlob().descriptor
  const first = registry.hasBlob('a', digest)
  await until('the first waits', () => slept.length === 1)
  now = 1000
  const second = registry.hasBlob('b', digest)
  await until('the second waits', () => slept.length === 2)
  assert.deepEqual(slept, [7000, 6000])
  assert.equal(server.requests.length, 1)
  now = 7000
  waited.resolve()
  assert.deepEqual(await Promise.all([first, second]), [false, false])
})

test('attempts end after the fifth, and a refusal is not repeated', async (t) => {
  for (const [status, requests] of [
    [502, 5],
    [400, 1],
  ] as const) {
    const { server, registry } = await openFaultClient(t, {
      faults: [{ on: 'POST upload', times: 100, act: { kind: 'answer', status } }],
    })
    await assert.rejects(registry.pushBlob('a', countedBlob(), { skipHead: true }), {
      code: 'REGISTRY_REFUSED',
    })
    assert.equal(server.requests.length, requests)
  }
})

test('the same blob pushed twice at once is uploaded once', async (t) => {
  const { server, registry } = await openFaultClient(t)
  const blob = countedBlob()
  const results = await Promise.all([registry.pushBlob('a', blob), registry.pushBlob('a', blob)])
  assert.deepEqual(results, ['uploaded', 'uploaded'])
  assert.deepEqual(server.purposes(), upload)
  assert.equal(await registry.pushBlob('a', blob), 'exists')
})

test('no more uploads than the limit run at once', async (t) => {
  const { registry } = await openFaultClient(t, {}, { uploads: 2 })
  let open = 0
  let most = 0
  const full = Promise.withResolvers<void>()
  const blobs = Array.from({ length: 8 }, () => {
    const blob = countedBlob()
    const watched: Blob['open'] = async function* (options) {
      most = Math.max(most, ++open)
      if (open === 2) full.resolve()
      await full.promise
      await new Promise((resolve) => setTimeout(resolve, 2))
      yield* blob.open(options)
      open--
    }
    return { ...blob, open: watched }
  })
  await Promise.all(blobs.map((blob) => registry.pushBlob('a', blob)))
  assert.equal(most, 2)
})

test('a stop in the middle of an upload ends it with its reason and closes the connection', async (t) => {
  const { server, registry } = await openFaultClient(t)
  const stop = new AbortController()
  const blob = countedBlob()
  let isReturned = false
  const open: Blob['open'] = async function* () {
    try {
      yield new Uint8Array(1000)
      await until('the upload has begun', () => server.purposes().at(-1) === 'PUT upload')
      stop.abort(new Error('enough'))
      yield new Uint8Array(1000)
    } finally {
      isReturned = true
    }
  }
  const pushing = registry.pushBlob('a', { ...blob, open }, { signal: stop.signal })
  await assert.rejects(pushing, { message: 'enough' })
  const upload = server.requests.at(-1)
  await until(
    'the connection and the source are closed',
    () => upload?.socket.destroyed === true && isReturned,
  )
  assert.equal(server.blobs.size, 0)
})

test('a stop of the whole registry ends uploads and mounts that a server leaves without an answer', async (t) => {
  for (const on of ['HEAD blob', 'mount', 'POST upload', 'PUT upload'] as const) {
    const stop = new AbortController()
    const { server, registry } = await openFaultClient(
      t,
      { faults: [{ on, act: { kind: 'stall' } }], mount: 'session' },
      { signal: stop.signal },
    )
    const options = on === 'mount' ? { mountFrom: ['b'] } : {}
    const pushing = registry.pushBlob('a', countedBlob(), options)
    await until(`${on} arrives`, () => server.requests.at(-1)?.purpose === on)
    stop.abort(new Error('enough'))
    await assert.rejects(pushing, { message: 'enough' }, on)
  }
})

test('an error of the source passes as it is and is not repeated', async (t) => {
  for (const broken of [
    Object.assign(new Error('read'), { code: 'EIO' }),
    Object.assign(new Error('no such file'), { code: 'ENOENT' }),
    new Failure('SOURCE_CHANGED', 'out/api changed while it was read'),
  ]) {
    const { server, registry } = await openFaultClient(t)
    const blob = countedBlob()
    const open: Blob['open'] = async function* () {
      yield new Uint8Array(10)
      throw broken
    }
    await assert.rejects(registry.pushBlob('a', { ...blob, open }), (error) => error === broken)
    assert.equal(server.purposes().filter((purpose) => purpose === 'POST upload').length, 1)
    assert.equal(server.blobs.size, 0)
  }
})

test('a source of another size is found out before anything is stored', async (t) => {
  const { server, registry } = await openFaultClient(t)
  const blob = countedBlob()
  const short = { ...blob, descriptor: { ...blob.descriptor, size: 300_001 } }
  await assert.rejects(registry.pushBlob('a', short), {
    code: 'CONTENT_MISMATCH',
    message:
      /^cannot push layer sha256:.{12}… to .*\/a: the body to send has 300000 bytes where 300001 were announced$/,
  })
  assert.equal(server.blobs.size, 0)
})

test('a registry that stored another digest is found out', async (t) => {
  const headers = { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }
  const { registry } = await openFaultClient(t, {
    faults: [{ on: 'PUT upload', act: { kind: 'headers', headers } }],
  })
  await assert.rejects(registry.pushBlob('a', countedBlob()), {
    code: 'CONTENT_MISMATCH',
    message: /it stored sha256:000/,
  })
})

test('progress is told at most every 100 ms and once at the end, and starts again on a retry', async (t) => {
  const { registry, events, clock } = await openFaultClient(t, {
    faults: [{ on: 'PUT upload', act: { kind: 'answer', status: 500 } }],
  })
  const blob = countedBlob(10 * 65_536)
  const open: Blob['open'] = async function* (options) {
    for await (const chunk of blob.open(options)) {
      clock.advance(40)
      yield chunk
    }
  }
  await registry.pushBlob('a', { ...blob, open })
  const sent = events.filter((event) => event.kind === 'upload-progress').map((event) => event.sent / 65_536)
  assert.deepEqual(sent, [1, 4, 7, 10, 1, 4, 7, 10])
})
