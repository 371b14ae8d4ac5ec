import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatReference, type Digest, type Index } from '../../oci/index.ts'
import { parseLayoutIndex, referencesOf, selectEntry } from './layout-index.ts'

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`
const entry = (letter: string, annotations?: Record<string, string>, artifactType?: string) => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: digest(letter),
  size: 1,
  ...(annotations && { annotations }),
  ...(artifactType && { artifactType }),
})
const refName = 'org.opencontainers.image.ref.name'
const index = (...manifests: Index['manifests']): Index => ({ schemaVersion: 2, mediaType: '', manifests })
const place = 'the layout x'

const several = index(
  entry('a', { [refName]: 'docker.io/acme/api:1', 'io.containerd.image.name': 'docker.io/acme/api:1' }),
  entry('a', { [refName]: 'docker.io/acme/api:2' }),
  entry('b', { [refName]: 'v1' }),
  entry('c', undefined, 'application/spdx+json'),
)

describe('an image of a layout', () => {
  for (const [name, found] of [
    ['docker.io/acme/api:1', 'a'],
    ['acme/api:2', 'a'],
    ['2', 'a'],
    ['v1', 'b'],
    [digest('b'), 'b'],
    [`@${digest('a')}`, 'a'],
  ] as const) {
    test(`is found by ${name.slice(0, 30)}`, () =>
      assert.equal(selectEntry(several, name, place).digest, digest(found)))
  }
  test('is found by a tag alone only when one image has it, and by its own name first', () => {
    const same = index(
      entry('a', { [refName]: 'x.test/api:1' }),
      entry('b', { [refName]: 'x.test/web:1' }),
      entry('c', { [refName]: 'x.test/web:2' }),
      entry('d', { [refName]: '2' }),
    )
    assert.equal(selectEntry(same, '2', place).digest, digest('d'))
    assert.throws(() => selectEntry(same, '1', place), {
      code: 'IMAGE_NOT_FOUND',
      message: 'the layout x has 2 images "1": say which',
      hint: 'they are x.test/api:1, x.test/web:1',
    })
  })
  test('needs no name when there is one, whatever refers to it', () => {
    const one = index(
      entry('a', { [refName]: 'x', other: 'kept' }),
      entry('c', undefined, 'application/spdx+json'),
    )
    assert.deepEqual(selectEntry(one, undefined, place), entry('a', { other: 'kept' }))
  })
  test('is asked for when there are several, and listed when it is not there', () => {
    assert.throws(() => selectEntry(several, undefined, place), {
      code: 'IMAGE_NOT_FOUND',
      message: 'the layout x has 2 images: say which',
      hint: 'it has docker.io/acme/api:1, docker.io/acme/api:2, v1',
    })
    assert.throws(() => selectEntry(several, 'v2', place), { message: 'the layout x has no image "v2"' })
    assert.throws(() => selectEntry(index(), undefined, place), { hint: 'it is empty' })
  })
  test('has the full references among its names', () =>
    assert.deepEqual(
      referencesOf(several, entry('a')).map((reference) => formatReference(reference)),
      ['docker.io/acme/api:1', 'docker.io/acme/api:2'],
    ))
  for (const text of ['', '[]', 'null', '{"manifests":1}', '{']) {
    test(`is not in the index ${text || 'without text'}`, () =>
      assert.throws(() => parseLayoutIndex(Buffer.from(text), place), { code: 'IMAGE_INVALID' }))
  }
})
