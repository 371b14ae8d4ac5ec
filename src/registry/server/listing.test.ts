import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mediaTypes, sha256, type Descriptor } from '../../oci/index.ts'
import { findManifest, tagsOf, withManifest, withoutManifest, withoutTag } from './listing.ts'

const one: Descriptor = { mediaType: mediaTypes.manifest, digest: sha256('1'), size: 1 }
const two: Descriptor = { mediaType: mediaTypes.manifest, digest: sha256('2'), size: 1 }

test('a tag that moves leaves its manifest behind', () => {
  const list = withManifest(withManifest([], one, ['v1', 'latest']), two, ['latest'])
  assert.deepEqual(tagsOf(list), ['latest', 'v1'])
  assert.equal(findManifest(list, { tag: 'latest' })?.digest, two.digest)
  const moved = withManifest(list, two, ['v1'])
  assert.deepEqual(
    moved.filter(({ digest }) => digest === one.digest),
    [one],
  )
})

test('a manifest put again is listed once', () => {
  assert.deepEqual(withManifest(withManifest([], one, []), one, []), [one])
  const tagged = withManifest(withManifest([], one, ['v1']), one, ['v1'])
  assert.equal(tagged.length, 1)
  assert.deepEqual(withManifest(tagged, one, []), tagged)
})

test('deleting a tag keeps the manifest, deleting the manifest takes its tags', () => {
  const list = withManifest([], one, ['v1'])
  assert.deepEqual(withoutTag(list, 'v1'), [one])
  assert.deepEqual(withoutTag(list, 'v2'), list)
  assert.deepEqual(withoutManifest(withManifest(list, two, []), one.digest), [two])
})
