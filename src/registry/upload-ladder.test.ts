import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryHabits, openFaultClient } from '../../test/support/fault-client.ts'
import { dialects, type DialectName } from '../../test/support/registry-faults/dialects.ts'
import { bytesBlob, mediaTypes } from '../oci/index.ts'
import type { Habits } from './habits.ts'

const megabyte = 1 << 20
const learnedAt = Date.parse('2026-01-02T03:00:00Z')

const small = bytesBlob(mediaTypes.layer, Buffer.from('small'))
const big = bytesBlob(mediaTypes.layer, Buffer.alloc(20 * megabyte, 'b'))
const config = bytesBlob(mediaTypes.config, Buffer.from('{}'))

/** Habits that were true once, a registry that is otherwise now, and what the push teaches. */
const wrongHabits: readonly {
  readonly name: string
  readonly dialect: DialectName
  readonly wrong: Habits
  readonly blob?: typeof small
  readonly purposes: readonly string[]
  readonly learned: Habits
}[] = [
  {
    name: 'one POST that is ignored goes on with PUT',
    dialect: 'hub',
    wrong: { singlePost: true },
    purposes: ['POST upload', 'PUT upload'],
    learned: { singlePost: false },
  },
  {
    name: 'a config proves again that one POST does',
    dialect: 'zot',
    wrong: {},
    blob: config,
    purposes: ['POST upload'],
    learned: { singlePost: true },
  },
  {
    name: 'chunks that are refused become one body',
    dialect: 'gar',
    wrong: { largestBody: megabyte, chunks: true },
    blob: big,
    purposes: ['POST upload', 'PATCH upload', 'POST upload', 'PUT upload'],
    learned: { largestBody: megabyte, chunks: false },
  },
  {
    name: 'chunks that are lost become one body',
    dialect: 'ecr',
    wrong: { largestBody: 8 * megabyte, chunks: true },
    blob: big,
    purposes: ['POST upload', 'PATCH upload', 'PATCH upload', 'POST upload', 'PUT upload'],
    learned: { largestBody: 8 * megabyte, chunks: false },
  },
  {
    name: 'chunks that are too large now become smaller',
    dialect: 'acr',
    wrong: { largestBody: 64 * megabyte },
    blob: bytesBlob(mediaTypes.layer, Buffer.alloc(22 * megabyte, 'a')),
    purposes: ['POST upload', 'PUT upload', 'POST upload', 'PATCH upload', 'PUT upload'],
    learned: { largestBody: 16 * megabyte, chunks: true },
  },
  {
    name: 'a host that did no chunks is asked again when it refuses the whole',
    dialect: 'acr',
    wrong: { chunks: false },
    blob: bytesBlob(mediaTypes.layer, Buffer.alloc(22 * megabyte, 'a')),
    purposes: ['POST upload', 'PUT upload', 'POST upload', 'PATCH upload', 'PUT upload'],
    learned: { largestBody: 16 * megabyte, chunks: true },
  },
]

for (const { name, dialect, wrong, blob = small, purposes, learned } of wrongHabits) {
  test(`a habit that has become wrong heals: ${name} (${dialect})`, async (t) => {
    const habits = memoryHabits()
    const { server, registry } = await openFaultClient(t, { ...dialects[dialect].dialect }, { habits })
    habits.documents.set(server.host, JSON.stringify({ version: 1, learnedAt, ...wrong }))
    assert.equal(await registry.pushBlob('acme/api', blob, { skipHead: true }), 'uploaded')
    assert.deepEqual(server.purposes(), purposes)
    assert.ok(server.blobs.has(blob.descriptor.digest))
    await registry.close()
    const {
      version,
      learnedAt: _,
      ...kept
    } = JSON.parse(habits.documents.get(server.host)!) as Habits & {
      version: number
      learnedAt: number
    }
    assert.equal(version, 1)
    assert.deepEqual(kept, learned)
  })
}

test('what is kept between runs is used by the next one, and a broken note by none', async (t) => {
  const habits = memoryHabits()
  const { server, registry } = await openFaultClient(t, { ...dialects.proxy.dialect }, { habits })
  await registry.pushBlob('a', big, { skipHead: true })
  await registry.close()
  const before = server.requests.length
  const again = bytesBlob(mediaTypes.layer, Buffer.alloc(3 * megabyte, 'c'))
  for (const [note, purposes] of [
    [habits.documents.get(server.host), ['POST upload', 'PATCH upload', 'PATCH upload', 'PUT upload']],
    ['{"version":7}', ['POST upload', 'PUT upload', 'POST upload']],
  ] as const) {
    habits.documents.set(server.host, note!)
    const next = await openFaultClient(t, { ...dialects.proxy.dialect }, { habits })
    habits.documents.set(next.server.host, note!)
    await next.registry.pushBlob('a', again, { skipHead: true })
    assert.deepEqual(next.server.purposes().slice(0, purposes.length), purposes)
  }
  assert.equal(server.requests.length, before)
})

test('a source of mounts that is sealed is not asked for again, in this run or the next', async (t) => {
  const habits = memoryHabits()
  const options = { ...dialects.hub.dialect, auth: { scheme: 'bearer' } } as const
  const { server, registry } = await openFaultClient(t, options, { habits })
  for (const text of ['one', 'two']) {
    const blob = bytesBlob(mediaTypes.layer, Buffer.from(text))
    await registry.pushBlob('acme/api', blob, { mountFrom: ['sealed/base'] })
  }
  const refused = server.requests.filter(({ url }) => url.includes('sealed'))
  assert.deepEqual(
    refused.map(({ purpose, status }) => [purpose, status]),
    [['token', 401]],
  )
  await registry.close()
  assert.match(habits.documents.get(server.host)!, /"sealedSources":\["sealed\/base"\]/)
})

test('a chunk is never smaller than the registry wants, but for the last one', async (t) => {
  const { server, registry } = await openFaultClient(t, {
    largestWhole: 6 * megabyte,
    leastChunk: 5 * megabyte,
  })
  const blob = bytesBlob(mediaTypes.layer, Buffer.alloc(13 * megabyte, 'd'))
  await registry.pushBlob('a', blob, { skipHead: true })
  const ranges = server.requests.map(({ headers }) => headers['content-range']).filter(Boolean)
  assert.deepEqual(ranges, ['0-8388607', '8388608-13631487'])
})

test('a challenge of the storage that a Location leads to is not answered', async (t) => {
  const storage = await openFaultClient(t, {
    faults: [
      {
        on: 'PUT upload',
        times: 99,
        act: {
          kind: 'answer',
          status: 401,
          headers: { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/token"' },
        },
      },
    ],
  })
  const location = `http://${storage.server.host}/v2/a/blobs/uploads/x`
  const asked: string[] = []
  const { registry } = await openFaultClient(
    t,
    { faults: [{ on: 'POST upload', times: 99, act: { kind: 'headers', headers: { location } } }] },
    {
      credentials: async (host) => {
        asked.push(host)
        return { username: 'ann', password: 'secret' }
      },
    },
  )
  await assert.rejects(registry.pushBlob('a', small, { skipHead: true }), {
    code: 'REGISTRY_REFUSED',
    message: /127\.0\.0\.1:\d+, where the registry sent us, refused it \(401\), after 3 attempts$/,
  })
  assert.deepEqual(asked, [])
  assert.ok(storage.server.requests.every(({ authorization }) => authorization === undefined))
})
