import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { testImage, testLayer } from '../../../../test/support/built-images.ts'
import { indexLabels, manifestLabels } from './gc-labels.ts'
import { runnablePlatforms } from '../runnable.ts'

const amd64 = { os: 'linux', architecture: 'amd64' }
const arm64 = { os: 'linux', architecture: 'arm64' }
const layers = [await testLayer({ files: { a: '1' } }), await testLayer({ files: { b: '2' } })]
const image = testImage({ name: 'a', tags: ['a:1'], layers, platforms: [amd64, arm64] })

describe('labels for the garbage collector', () => {
  test('a manifest refers to its config and its layers', () =>
    assert.deepEqual(manifestLabels(image.platforms[0]!), {
      'containerd.io/gc.ref.content.config': image.platforms[0]!.config.descriptor.digest,
      'containerd.io/gc.ref.content.l.0': layers[0]!.diffId,
      'containerd.io/gc.ref.content.l.1': layers[1]!.diffId,
    }))
  test('an index refers to the manifests that are there', () =>
    assert.deepEqual(indexLabels([image.platforms[1]!]), {
      'containerd.io/gc.ref.content.m.0': image.platforms[1]!.manifest.descriptor.digest,
    }))
})

describe('the platforms a machine runs', () => {
  test('are its own, whatever variant is left out', () =>
    assert.deepEqual(
      runnablePlatforms(image, { ...arm64, variant: 'v8' }).map(({ platform }) => platform),
      [arm64],
    ))
  test('are all when none is its own', () =>
    assert.equal(runnablePlatforms(image, { os: 'linux', architecture: 's390x' }).length, 2))
})
