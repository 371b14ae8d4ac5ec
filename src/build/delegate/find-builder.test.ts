import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/index.ts'
import { builderNames, type BuilderName } from './choice.ts'
import { findBuilder, type Detectors } from './find-builder.ts'

/** Detectors of a machine that has some builders; `asked` lists who was looked for. */
function machine(present: readonly BuilderName[]) {
  const asked: BuilderName[] = []
  const detectorOf = (name: BuilderName): Detectors[BuilderName] => {
    return async () => {
      asked.push(name)
      if (!present.includes(name)) return { missing: 'is not installed' }
      return { name, description: `${name} 1`, platforms: undefined, build: async () => undefined }
    }
  }
  const [buildctl, buildx, docker, buildah] = builderNames.map(detectorOf) as [
    Detectors['buildctl'],
    Detectors['buildx'],
    Detectors['docker'],
    Detectors['buildah'],
  ]
  return { asked, detectors: { buildctl, buildx, docker, buildah } }
}

test('auto takes the first that answers and asks no further', async () => {
  const { asked, detectors } = machine(['docker', 'buildah'])
  const builder = await findBuilder('auto', { env: {} }, detectors)
  assert.equal(builder.name, 'docker')
  assert.deepEqual(asked, ['buildctl', 'buildx', 'docker'])
})

test('a builder by name is taken though an earlier one is there', async () => {
  const { asked, detectors } = machine(['buildctl', 'buildah'])
  assert.equal((await findBuilder('buildah', { env: {} }, detectors)).name, 'buildah')
  assert.deepEqual(asked, ['buildah'])
})

test('a builder by name is not replaced by another', async () => {
  const { detectors } = machine(['buildctl'])
  await assert.rejects(findBuilder('buildx', { env: {} }, detectors), {
    code: 'BUILDER_NOT_FOUND',
    message: 'RUN needs a builder, and none can be used: docker buildx is not installed',
  })
})

test('without any, all that was looked for is told', async () => {
  const { detectors } = machine([])
  const error: unknown = await findBuilder('auto', { env: {} }, detectors).catch((reason: unknown) => reason)
  assert.ok(error instanceof Failure)
  for (const command of ['buildctl', 'docker buildx', 'docker build', 'buildah'])
    assert.ok(error.message.includes(`${command} is not installed`), error.message)
  assert.ok(error.hint?.includes('buildah'))
})
