import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  learnHabits,
  parseHabits,
  smallerBody,
  withLargestBody,
  withSealedSource,
  type HabitsStore,
} from './habits.ts'

const now = Date.parse('2026-01-02T03:04:05Z')
const hour = 3_600_000
const megabyte = 1 << 20

function memoryStore(): HabitsStore & { readonly documents: Map<string, unknown> } {
  const documents = new Map<string, unknown>()
  return {
    documents,
    read: async (host) => structuredClone(documents.get(host)),
    async write(host, document) {
      documents.set(host, structuredClone(document))
    },
  }
}

test('what one run learned the next one knows, for a day', async () => {
  const store = memoryStore()
  const habits = learnHabits('r.example', { store, now: () => now })
  await habits.ready()
  habits.learn({ singlePost: true })
  habits.learn({ largestBody: 16 * megabyte, chunks: true })
  await habits.save()
  for (const [later, known] of [
    [23 * hour, { singlePost: true, largestBody: 16 * megabyte, chunks: true }],
    [24 * hour, {}],
    [-hour, {}],
  ] as const) {
    const next = learnHabits('r.example', { store, now: () => now + later })
    await next.ready()
    assert.deepEqual(next.known, known)
  }
})

test('nothing is written by a run that learned nothing new', async () => {
  const store = memoryStore()
  const first = learnHabits('r.example', { store, now: () => now })
  await first.save()
  assert.equal(store.documents.size, 0)
  first.learn({ mounts: false })
  await first.save()
  const readOnly = { ...store, write: () => Promise.reject(new Error('written again')) }
  const second = learnHabits('r.example', { store: readOnly, now: () => now + hour })
  await second.ready()
  second.learn({ mounts: false })
  await second.save()
})

test('what was learned wins over what is read afterwards', async () => {
  const store = memoryStore()
  store.documents.set('r.example', { version: 1, learnedAt: now, singlePost: true, mounts: false })
  const habits = learnHabits('r.example', { store, now: () => now })
  habits.learn({ singlePost: false })
  await habits.ready()
  assert.deepEqual(habits.known, { singlePost: false, mounts: false })
})

for (const [what, document] of [
  ['nothing', undefined],
  ['null', null],
  ['a list', []],
  ['another version', { version: 2, learnedAt: now, singlePost: true }],
  ['no time', { version: 1, singlePost: true }],
  ['wrong types', { version: 1, learnedAt: now, singlePost: 'yes', largestBody: '1', sealedSources: 'a' }],
  ['a body that would never end', { version: 1, learnedAt: now, largestBody: 1 }],
] as const) {
  test(`${what} holds no habits`, () => {
    assert.deepEqual(parseHabits(document, now), {})
  })
}

test('only the last sealed sources are kept', () => {
  let habits = {}
  for (let index = 0; index < 100; index++) habits = withSealedSource(habits, `a/${index % 80}`)
  const { sealedSources } = withSealedSource(habits, 'a/50')
  assert.equal(sealedSources?.length, 64)
  assert.equal(sealedSources?.at(-1), 'a/50')
  assert.equal(new Set(sealedSources).size, 64)
})

test('of several sizes that are too large the smallest counts', () => {
  assert.deepEqual(withLargestBody({}, 16 * megabyte), { largestBody: 16 * megabyte })
  assert.deepEqual(withLargestBody({ largestBody: megabyte }, 16 * megabyte), { largestBody: megabyte })
})

for (const [refused, least, next] of [
  [1000 * megabyte, 0, 16],
  [16 * megabyte, 0, 8],
  [16 * megabyte + 1, 0, 16],
  [2 * megabyte, 0, 1],
  [megabyte, 0, undefined],
  [16 * megabyte, 10 * megabyte, undefined],
] as const) {
  test(`after ${refused} bytes with chunks of at least ${least}, ${next ?? 'no'} MiB are tried`, () => {
    assert.equal(smallerBody(refused, least), next && next * megabyte)
  })
}
