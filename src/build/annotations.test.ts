import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePlatform } from '../oci/index.ts'
import { readAnnotations } from './annotations.ts'

const amd64 = parsePlatform('linux/amd64')
const arm64 = parsePlatform('linux/arm64')

describe('annotations', () => {
  const annotations = readAnnotations({
    'org.opencontainers.image.title': 'plain',
    'index:org.example.a': '1',
    'index,manifest:org.example.b': '2',
    'manifest[linux/arm64]:org.example.c': '3',
    'manifest-descriptor:org.example.d': '4',
  })
  test('without a prefix go to every manifest', () =>
    assert.deepEqual(annotations.at('manifest', amd64), {
      'org.opencontainers.image.title': 'plain',
      'org.example.b': '2',
    }))
  test('can be of one platform', () => assert.equal(annotations.at('manifest', arm64)['org.example.c'], '3'))
  test('go to the index when asked', () =>
    assert.deepEqual(annotations.at('index'), { 'org.example.a': '1', 'org.example.b': '2' }))
  test('go to descriptors when asked', () =>
    assert.deepEqual(annotations.at('manifest-descriptor', amd64), { 'org.example.d': '4' }))
  test('of a long key without a prefix are read as they are', () => {
    const key = 'a-key-of-lower-case-letters-'.repeat(2000)
    assert.deepEqual(readAnnotations({ [key]: 'v' }).at('manifest'), { [key]: 'v' })
  })
  test('refuse a place that does not exist', () =>
    assert.throws(() => readAnnotations({ 'idnex:a': 'b' }), { code: 'USAGE', hint: 'did you mean index?' }))
  test('refuse a platform that is none', () =>
    assert.throws(() => readAnnotations({ 'manifest[arm64]:a': 'b' }), { code: 'PLATFORM_INVALID' }))
})
