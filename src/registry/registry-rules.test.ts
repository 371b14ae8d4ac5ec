import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInsecureHost, parseRules, pullPlaces } from './registry-rules.ts'

const rules = parseRules(
  {
    registry: [
      {
        prefix: 'example.com/foo',
        location: 'internal.example/bar',
        mirror: [
          { location: 'mirror-0.local/for-foo' },
          { location: 'mirror-1.local:5000/foo', insecure: true, 'pull-from-mirror': 'digest-only' },
        ],
      },
      { location: 'registry.com', mirror: [{ location: 'mirror.registry.com' }] },
      { prefix: '*.wild.example', mirror: [{ location: 'm.example/wild' }] },
      { prefix: 'docker.io', location: 'hub.corp:5000', insecure: true },
      { prefix: 'docker.io/evil', blocked: true },
      { prefix: 'tags.example', 'mirror-by-digest-only': true, mirror: [{ location: 'm.example' }] },
    ],
  },
  'registries.conf',
)

const show = (host: string, repository: string) => {
  const places = pullPlaces(rules, host, repository)
  if (!places) return undefined
  return [...places.mirrors, places.location].map((place) => `${place.host} ${place.repository}`)
}

test('the longest prefix decides where a repository is pulled from', () => {
  assert.deepEqual(show('example.com', 'foo/image'), [
    'mirror-0.local for-foo/image',
    'mirror-1.local:5000 foo/image',
    'internal.example bar/image',
  ])
  assert.deepEqual(show('registry.com', 'image'), ['mirror.registry.com image', 'registry.com image'])
  assert.deepEqual(show('docker.io', 'library/alpine'), ['hub.corp:5000 library/alpine'])
  assert.deepEqual(show('a.b.wild.example', 'x/y'), ['m.example wild/x/y', 'a.b.wild.example x/y'])
})

test('a prefix matches whole parts of names only', () => {
  assert.equal(show('example.com', 'foobar/image'), undefined)
  assert.equal(show('example.com', 'other'), undefined)
  assert.equal(show('wild.example', 'x'), undefined)
  assert.equal(show('registry.com:5000', 'image'), undefined)
})

test('what is blocked, and which kinds of references mirrors take', () => {
  assert.equal(pullPlaces(rules, 'docker.io', 'evil/x')?.blockedBy, 'registries.conf')
  assert.equal(pullPlaces(rules, 'docker.io', 'good/x')?.blockedBy, undefined)
  const kinds = (host: string, repository: string) =>
    pullPlaces(rules, host, repository)?.mirrors.map(({ pulls }) => pulls)
  assert.deepEqual(kinds('example.com', 'foo/x'), ['all', 'digest-only'])
  assert.deepEqual(kinds('tags.example', 'x'), ['digest-only'])
})

test('hosts of locations and mirrors are insecure, not those of the prefix', () => {
  const insecure = ['hub.corp:5000', 'mirror-1.local:5000', 'docker.io', 'mirror-0.local'].filter((host) =>
    isInsecureHost(rules, host),
  )
  assert.deepEqual(insecure, ['hub.corp:5000', 'mirror-1.local:5000'])
})

test('the old form lists insecure and blocked hosts', () => {
  const old = parseRules(
    { registries: { insecure: { registries: ['a:5000'] }, block: { registries: ['b'] }, search: {} } },
    'old.conf',
  )
  assert.equal(isInsecureHost(old, 'a:5000'), true)
  assert.equal(pullPlaces(old, 'b', 'x')?.blockedBy, 'old.conf')
})

for (const [document, why] of [
  [{ registry: {} }, 'registry is no array of tables'],
  [{ registry: [{}] }, 'a [[registry]] has neither prefix nor location'],
  [{ registry: [{ prefix: 1 }] }, 'prefix is not a text'],
  [{ registry: [{ location: 'a', insecure: 'yes' }] }, 'insecure is not true or false'],
  [{ registry: [{ location: 'a', mirror: [{}] }] }, 'a mirror of a has no location'],
  [{ registry: [{ prefix: 'a/b:tag' }] }, 'the prefix a/b:tag has a tag or digest'],
  [
    { registry: [{ location: 'a', mirror: [{ location: 'b', 'pull-from-mirror': 'x' }] }] },
    'pull-from-mirror = "x" is not all, digest-only or tag-only',
  ],
] as const) {
  test(`refuses ${JSON.stringify(document)}`, () => {
    assert.throws(() => parseRules(document, 'f.conf'), {
      code: 'REGISTRY_CONFIG',
      message: `f.conf cannot be understood: ${why}`,
    })
  })
}
