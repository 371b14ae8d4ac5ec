import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { testImage, testLayer, type TestLayer } from '../../../../test/support/built-images.ts'
import { mediaTypes, parseReference } from '../../../oci/index.ts'
import { isComplete, loadableImage, storeOf } from './image-store.ts'
import { knownLayers, namesOf, relativesAmong } from './known-layers.ts'

const amd64 = { os: 'linux', architecture: 'amd64' }
const arm64 = { os: 'linux', architecture: 'arm64' }
let [base, app] = [] as unknown as [TestLayer, TestLayer]
before(async () => {
  base = await testLayer({ files: { base: 'b' } })
  app = await testLayer({ files: { app: 'a' } })
})
const image = (config?: Record<string, unknown>) =>
  testImage({
    name: 'web',
    tags: ['web:1'],
    layers: [base, app],
    platforms: [arm64, amd64],
    ...(config && { config }),
  })

describe('a store', () => {
  const info = {
    OSType: 'linux',
    Architecture: 'aarch64',
    DriverStatus: [['Backing Filesystem', 'x']] as const,
  }
  test('is told by what the daemon says of itself', () => {
    assert.deepEqual(storeOf({}, info), { kind: 'graphdriver', platform: arm64, isVerifiable: true })
    const DriverStatus = [['driver-type', 'io.containerd.snapshotter.v1']] as const
    const containerd = { ...info, DriverStatus }
    assert.equal(storeOf({}, containerd).kind, 'containerd')
    for (const [ApiVersion, expected] of [
      ['1.47', false],
      ['1.48', true],
      ['1.100', true],
      [undefined, false],
    ] as const)
      assert.equal(storeOf(ApiVersion ? { ApiVersion } : {}, containerd).isVerifiable, expected, ApiVersion)
    assert.equal(storeOf({ Components: [{ Name: 'Podman Engine' }] }, info).kind, 'podman')
  })
  test('with graph drivers keeps the platform of the daemon, under the digest of its config', async () => {
    const built = image()
    const loadable = await loadableImage(built, { kind: 'graphdriver', platform: amd64, isVerifiable: true })
    assert.deepEqual(loadable.leftOut, [arm64])
    assert.equal(loadable.id, built.platforms[1]!.config.descriptor.digest)
  })
  test('of containerd keeps all, and says what it has of it', async () => {
    const built = image()
    const loadable = await loadableImage(built, { kind: 'containerd', platform: amd64, isVerifiable: true })
    assert.deepEqual([loadable.id, loadable.leftOut], [built.top.descriptor.digest, []])
    const [first, second] = built.platforms.map(({ manifest }) => manifest.descriptor.digest)
    const answer = (Available: boolean) => ({
      Id: loadable.id,
      Manifests: [
        { ID: first!, Available: true },
        { ID: second!, Available },
      ],
    })
    assert.equal(isComplete(answer(true), loadable), true)
    assert.equal(isComplete(answer(false), loadable), false)
  })
  test('of podman gets Docker types where there is a health check, and loses it where they have none', async () => {
    const store = { kind: 'podman', platform: amd64, isVerifiable: true } as const
    const types = async (config?: Record<string, unknown>) => {
      const { image: kept, losesHealthcheck } = await loadableImage(image(config), store)
      return [kept.top.descriptor.mediaType, losesHealthcheck]
    }
    const health = { Healthcheck: { Test: ['CMD', '/a'] } }
    assert.deepEqual(await types(), [mediaTypes.manifest, false])
    assert.deepEqual(await types(health), ['application/vnd.docker.distribution.manifest.v2+json', false])
    const { blob } = app
    const zstd = { ...blob, descriptor: { ...blob.descriptor, mediaType: mediaTypes.layerZstd } }
    app = { ...app, blob: zstd }
    assert.deepEqual(await types(health), [mediaTypes.manifest, true])
    app = { ...app, blob }
  })
})

describe('known layers', () => {
  test('are known to a graph driver only upon the same layers', () => {
    const known = knownLayers('graphdriver')
    const platform = image().platforms[0]!
    known.add([app.diffId])
    assert.deepEqual(known.lackedBy(platform), [base.diffId, app.diffId])
    known.add([base.diffId, app.diffId])
    assert.deepEqual(known.lackedBy(platform), [])
    known.forget()
    assert.deepEqual(known.lackedBy(platform), [base.diffId, app.diffId])
  })
  test('are known to others by themselves', () => {
    const known = knownLayers('podman')
    known.add([app.diffId])
    assert.deepEqual(known.lackedBy(image().platforms[0]!), [base.diffId])
  })
  test('are looked for in images of the same repository first, then in the newest', () => {
    const images = [
      { Id: 'old', RepoTags: ['other:1'], Created: 1 },
      { Id: 'new', RepoTags: ['<none>:<none>'], Created: 3 },
      { Id: 'own', RepoTags: ['web:0'], Created: 2 },
    ]
    const found = relativesAmong(images)([parseReference('docker.io/library/web:1')])
    assert.deepEqual(
      found.map(({ Id }) => Id),
      ['own', 'new', 'old'],
    )
  })
  test('names of daemons are made full', () =>
    assert.deepEqual(namesOf(['web:1', '<none>:<none>', 'x.test/a:2']), [
      'docker.io/library/web:1',
      'x.test/a:2',
    ]))
})
