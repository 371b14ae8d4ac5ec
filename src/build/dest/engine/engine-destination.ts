/**
 * Daemons with the Docker Engine API as a destination: Docker with either of its stores, and podman. Images are loaded
 * without names, with the layers the daemon lacks; names move when the whole run is in place.
 */
import { all, Failure, limit, once } from '../../../base/index.ts'
import { formatReference, type Descriptor, type Digest, type Reference } from '../../../oci/index.ts'
import { imageArchive } from '../archive/image-archive.ts'
import { tarBytes, tarSize, type TarMember } from '../archive/tar-members.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import { partlyMoved } from '../partly-moved.ts'
import type { EngineClient, EngineImage } from './engine-client.ts'
import {
  describePlatforms,
  isComplete,
  loadableImage,
  storeOf,
  type ImageStore,
  type LoadableImage,
} from './image-store.ts'
import { knownLayers, namesOf, relatives } from './known-layers.ts'

interface PendingName {
  readonly id: Digest
  readonly reference: Reference
}

/** Inspections at the same time. */
const inspectors = 8

/** @throws Failure STORE_UNREACHABLE | STORE_REFUSED when nothing answers that is a container engine */
export async function engineDestination(
  name: string,
  engine: EngineClient,
  options: DestinationOptions,
): Promise<Destination> {
  const { emit } = options
  const store = storeOf(await engine.version(), await engine.info())
  const known = knownLayers(store.kind)
  const learn = once<'relatives', void>()
  /** One load at a time: the next knows what this one brought. */
  const queue = limit(1)
  const pending: PendingName[] = []
  const names: string[] = []
  const loaded: Digest[] = []

  /** Sends one image without the blobs in `omit`, and returns what was sent. */
  const send = async (
    { image }: LoadableImage,
    omit: ReadonlySet<Digest>,
  ): Promise<readonly Descriptor[]> => {
    const format = store.kind === 'graphdriver' ? 'docker' : 'oci'
    const { platform } = store
    const archive = imageArchive([image], { format, platform, omit, isNameless: true })
    const members = [...archive.content, ...archive.documents]
    const onMember = ({ blob }: TarMember, state: 'started' | 'finished'): void => {
      if (!blob || !blob.descriptor.mediaType.includes('layer')) return
      const { digest, size: bytes } = blob.descriptor
      if (state === 'started') emit({ kind: 'blob-started', destination: name, digest, bytes })
      else emit({ kind: 'blob', destination: name, digest, bytes, state: 'uploaded' })
    }
    await engine.load({
      size: tarSize(members),
      open: ({ signal }) => tarBytes(members, { signal, onMember }),
    })
    return archive.content.flatMap(({ blob }) => (blob ? [blob.descriptor] : []))
  }

  const load = async (loadable: LoadableImage): Promise<readonly Descriptor[]> => {
    await learn('relatives', () => learnLayers(engine, loadable.image.references, known))
    const omit = new Set(loadable.image.platforms.flatMap((platform) => known.among(platform)))
    try {
      const sent = await send(loadable, omit)
      await verify(engine, loadable, store)
      emitKnown(loadable, omit)
      return sent
    } catch (error) {
      if (omit.size === 0 || !(error instanceof Failure)) throw error
      // The daemon may have lost layers since, or have them in another form.
      known.forget()
      const message = `${name} lacks layers of "${loadable.image.name}" it seemed to have; sending all of them`
      emit({ kind: 'warning', message, hint: error.message })
      const sent = await send(loadable, new Set())
      await verify(engine, loadable, store)
      return sent
    }
  }
  const emitKnown = ({ image }: LoadableImage, digests: ReadonlySet<Digest>): void => {
    const layers = image.platforms.flatMap((platform) => platform.layers)
    for (const { descriptor } of new Map(layers.map(({ blob }) => [blob.descriptor.digest, blob])).values()) {
      const { digest, size: bytes } = descriptor
      if (digests.has(digest)) emit({ kind: 'blob', destination: name, digest, bytes, state: 'exists' })
    }
  }
  const close = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } finally {
      engine.close()
    }
  }

  return {
    name,
    async stage(image) {
      const loadable = await loadableImage(image, store)
      const { id, leftOut } = loadable
      if (leftOut.length > 0) {
        const message = `${name} keeps one platform of "${image.name}": ${describePlatforms(leftOut)} is left out`
        emit({ kind: 'warning', message })
      }
      names.push(...image.references.map((reference) => formatReference(reference)))
      return queue(async () => {
        const found = await engine.inspect(id)
        const has = new Set(namesOf(found?.RepoTags))
        for (const reference of image.references)
          if (!has.has(formatReference(reference))) pending.push({ id, reference })
        let sent: readonly Descriptor[] = []
        if (found && isComplete(found, loadable))
          emitKnown(loadable, new Set(allLayers(loadable).map(({ digest }) => digest)))
        else {
          if (!found) loaded.push(id)
          sent = await load(loadable)
        }
        for (const { layers } of loadable.image.platforms) known.add(layers.map(({ diffId }) => diffId))
        return sent
      })
    },
    commit: () =>
      close(async () => {
        const moved: Reference[] = []
        try {
          for (const { id, reference } of pending) {
            await engine.tag(id, reference)
            moved.push(reference)
          }
        } catch (error) {
          throw moved.length > 0 ? partlyMoved(error, moved, pending.length) : error
        }
        emit({ kind: 'published', destination: name, references: names.toSorted() })
      }),
    abandon: () =>
      close(async () => {
        await Promise.allSettled(loaded.map((id) => engine.remove(id)))
      }),
  }
}

function allLayers({ image }: LoadableImage): Descriptor[] {
  return image.platforms.flatMap(({ layers }) => layers.map(({ blob }) => blob.descriptor))
}

/** Asks images that may have layers in common; one that is gone meanwhile has none. */
async function learnLayers(
  engine: EngineClient,
  references: readonly Reference[],
  known: ReturnType<typeof knownLayers>,
): Promise<void> {
  const slot = limit(inspectors)
  const candidates = relatives(await engine.images(), references)
  const images = await all(candidates, ({ Id }) => slot(() => engine.inspect(Id as Digest)))
  for (const image of images) if (image) known.add(layersOf(image))
}

function layersOf({ RootFS, Manifests }: EngineImage): readonly Digest[] {
  const isWhole = !Manifests || Manifests.some(({ Available }) => Available)
  return isWhole ? (RootFS?.Layers ?? []) : []
}

/** @throws Failure STORE_REFUSED when the daemon has not what was sent, or not all of it */
async function verify(engine: EngineClient, loadable: LoadableImage, store: ImageStore): Promise<void> {
  const { id, image } = loadable
  const found = await engine.inspect(id)
  if (found && isComplete(found, loadable)) return
  const what = found ? `has not all of ${id}` : `has no image ${id}`
  throw new Failure('STORE_REFUSED', `the daemon took "${image.name}" and ${what}`, {
    hint: `its store is ${store.kind}`,
  })
}
