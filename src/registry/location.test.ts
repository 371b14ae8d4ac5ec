import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '../oci/index.ts'
import { uploadLocation } from './location.ts'

const digest = sha256('x')
const query = `digest=${encodeURIComponent(digest)}`
const asked = new URL('https://r.example/v2/a/blobs/uploads/')

for (const [location, expected] of [
  ['/v2/a/blobs/uploads/1', `https://r.example/v2/a/blobs/uploads/1?${query}`],
  ['1', `https://r.example/v2/a/blobs/uploads/1?${query}`],
  ['https://other.example/u/1', `https://other.example/u/1?${query}`],
  ['/u?_state=a%2Fb%3D&x', `https://r.example/u?_state=a%2Fb%3D&x&${query}`],
  ['/u?', `https://r.example/u?${query}`],
  ['/u#part', `https://r.example/u?${query}#part`],
] as const) {
  test(`${location} leads to ${expected}`, () => {
    assert.equal(uploadLocation(location, asked, digest), expected)
  })
}

for (const location of [undefined, 'http://[', 'file:///etc/passwd']) {
  test(`Location ${location} is refused`, () => {
    assert.throws(() => uploadLocation(location, asked, digest), { code: 'REGISTRY_REFUSED' })
  })
}
