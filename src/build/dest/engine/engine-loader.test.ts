import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testImage, testLayer } from '../../../../test/support/built-images.ts'
import { Failure } from '../../../base/index.ts'
import { joinChunks } from '../../../http/index.ts'
import type { Digest } from '../../../oci/index.ts'
import type { BuildEvent } from '../../events.ts'
import type { BuiltImage } from '../../image.ts'
import type { EngineClient } from './engine-client.ts'
import { newEngineLoader } from './engine-loader.ts'
import { loadableImage, type ImageStore } from './image-store.ts'

const store: ImageStore = {
  kind: 'graphdriver',
  platform: { os: 'linux', architecture: 'amd64' },
  isVerifiable: true,
}
const [low, shared, other] = await Promise.all(
  ['low', 'shared', 'other'].map((name) => testLayer({ files: { [name]: name } })),
)
const image = (name: string, layers: readonly (typeof low)[]): BuiltImage =>
  testImage({ name, tags: [`x.test/${name}:1`], layers: layers as NonNullable<typeof low>[] })
const idOf = ({ platforms }: BuiltImage): Digest => platforms[0]!.config.descriptor.digest

/** A daemon that believes what it is told: images are there once `accept` says so of an archive. */
function newDaemon(images: readonly BuiltImage[], accept: (load: number) => readonly BuiltImage[] | Failure) {
  const layers = new Map(images.map((each) => [idOf(each), each]))
  const archives: Buffer[] = []
  const unused = () => assert.fail('is not asked for')
  const engine: EngineClient = {
    version: unused,
    info: unused,
    save: unused,
    tag: unused,
    remove: unused,
    close() {},
    images: async () =>
      images.map((each) => ({ Id: idOf(each), RepoTags: [`x.test/${each.name}:0`], Created: 0 })),
    async inspect(id) {
      const found = layers.get(id as Digest)
      return found && { Id: id, RootFS: { Layers: found.platforms[0]!.layers.map(({ diffId }) => diffId) } }
    },
    async load({ open }) {
      const chunks: Uint8Array[] = []
      for await (const chunk of open({})) chunks.push(Buffer.from(chunk))
      archives.push(Buffer.from(joinChunks(chunks)))
      const answer = accept(archives.length)
      if (answer instanceof Failure) throw answer
      for (const each of answer) layers.set(idOf(each), each)
      return []
    },
  }
  /** whether an archive has the file of a layer: NUL follows a name in a header of tar */
  const has = (archive: number, layer: typeof low) =>
    archives[archive]!.includes(`blobs/sha256/${layer!.diffId.slice('sha256:'.length)}\0`)
  return { engine, archives, has }
}

async function loaderOf(engine: EngineClient, images: readonly BuiltImage[]) {
  const events: BuildEvent[] = []
  const loader = newEngineLoader({ name: 'docker', engine, store, emit: (event) => void events.push(event) })
  const loadables = await Promise.all(images.map((each) => loadableImage(each, store)))
  return { loader, loadables, events }
}

test('a layer that one of several images needs is sent, one that all of them have is not', async () => {
  const there = image('there', [low, shared])
  const images = [image('one', [low, shared, other]), image('two', [low, other])]
  const daemon = newDaemon([there], () => images)
  const { loader, loadables, events } = await loaderOf(daemon.engine, images)
  const missing = await Promise.all(loadables.map(loader.missing))
  assert.deepEqual(
    missing.map((layers) => layers.map(({ digest }) => digest)),
    [[other!.diffId], [other!.diffId]],
  )
  await loader.load(loadables)
  assert.equal(daemon.archives.length, 1)
  assert.deepEqual(
    [low, shared, other].map((layer) => daemon.has(0, layer)),
    [false, false, true],
  )
  const states = events.flatMap((event) => (event.kind === 'blob' ? [[event.digest, event.state]] : []))
  const stateOf = new Map(states as [string, string][])
  assert.deepEqual(
    [low, shared, other].map((layer) => stateOf.get(layer!.diffId)),
    ['exists', 'exists', 'uploaded'],
  )
})

test('when a daemon lost layers, the images it lacks are sent whole, and only they', async () => {
  const there = image('there', [low, shared])
  const images = [image('one', [low, other]), image('two', [low, shared, other])]
  const refusal = new Failure('STORE_REFUSED', 'open /tmp/docker-import-1/blobs: no such file')
  const daemon = newDaemon([there], (load) => (load === 1 ? refusal : images))
  const { loader, loadables, events } = await loaderOf(daemon.engine, images)
  await loader.load(loadables)
  assert.deepEqual(
    [low, shared, other].map((layer) => daemon.has(1, layer)),
    [true, true, true],
  )
  const [warning] = events.filter((event) => event.kind === 'warning')
  assert.match(warning!.message, /lacks layers of "one", "two" that it seemed to have/)
})

test('an image that is not there after a load is a failure that names it', async () => {
  const images = [image('one', [low]), image('two', [other])]
  const { engine } = newDaemon([], () => images.slice(0, 1))
  const { loader, loadables } = await loaderOf(engine, images)
  await assert.rejects(loader.load(loadables), { code: 'STORE_REFUSED', message: /took "two" and has not/ })
})
