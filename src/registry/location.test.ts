import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '../oci/index.ts'
import { commitLocation, sessionLocation } from './location.ts'

const digest = sha256('x')
const query = `digest=${encodeURIComponent(digest)}`
const asked = new URL('https://r.example/v2/a/blobs/uploads/')

for (const [location, session, commit = `${session}?${query}`] of [
  ['/v2/a/blobs/uploads/1', 'https://r.example/v2/a/blobs/uploads/1'],
  ['1', 'https://r.example/v2/a/blobs/uploads/1'],
  ['https://other.example/u/1', 'https://other.example/u/1'],
  ['http://other.example/u/1', 'http://other.example/u/1'],
  ['http://r.example/u/1', 'https://r.example/u/1'],
  [
    '/u?_state=a%2Fb%3D&x',
    'https://r.example/u?_state=a%2Fb%3D&x',
    `https://r.example/u?_state=a%2Fb%3D&x&${query}`,
  ],
  ['/u?', 'https://r.example/u?', `https://r.example/u?${query}`],
  ['/u#part', 'https://r.example/u#part', `https://r.example/u?${query}`],
] as const) {
  test(`${location} leads to ${commit}`, () => {
    assert.equal(sessionLocation(location, asked), session)
    assert.equal(commitLocation(session, digest), commit)
  })
}

test('a registry on a port of its own keeps it', () => {
  const onPort = new URL('https://r.example:8443/v2/a/blobs/uploads/')
  assert.equal(sessionLocation('http://r.example/u/1', onPort), 'https://r.example:8443/u/1')
})

for (const location of [undefined, 'http://[', 'file:///etc/passwd']) {
  test(`Location ${location} is refused`, () => {
    assert.throws(() => sessionLocation(location, asked), { code: 'REGISTRY_REFUSED' })
  })
}
