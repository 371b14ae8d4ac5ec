/**
 * Daemons with the Docker Engine API as a destination: Docker with either of its stores, and podman. Images are loaded
 * without names, as they get ready or, where that spares layers, all at once; names move when the whole run is in place.
 */
import { limit } from '../../../base/index.ts'
import { formatReference, type Descriptor, type Digest, type Reference } from '../../../oci/index.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import { partlyMoved } from '../partly-moved.ts'
import type { EngineClient } from './engine-client.ts'
import { layerDescriptors, newEngineLoader } from './engine-loader.ts'
import { describePlatforms, isComplete, loadableImage, storeOf, type LoadableImage } from './image-store.ts'
import { namesOf } from './known-layers.ts'

interface PendingName {
  readonly id: Digest
  readonly reference: Reference
}

/** @throws Failure STORE_UNREACHABLE | STORE_REFUSED when nothing answers that is a container engine */
export async function engineDestination(
  name: string,
  engine: EngineClient,
  { emit }: DestinationOptions,
): Promise<Destination> {
  const store = storeOf(await engine.version(), await engine.info())
  const loader = newEngineLoader({ name, engine, store, emit })
  const oneAtATime = limit(1)
  /** images to be loaded all at once, by their ids */
  const waiting = new Map<Digest, LoadableImage>()
  /** layers that will be sent with them */
  const awaited = new Set<Digest>()
  const pending: PendingName[] = []
  const names: string[] = []
  /** images that were not there before this run */
  const brought = new Set<Digest>()

  const warnOfLosses = ({ image, leftOut, losesHealthcheck }: LoadableImage): void => {
    const warn = (message: string, hint?: string) => emit({ kind: 'warning', message, hint })
    if (leftOut.length > 0)
      warn(`${name} keeps one platform of "${image.name}": ${describePlatforms(leftOut)} is left out`)
    if (losesHealthcheck)
      warn(
        `${name} drops the health check of "${image.name}", as it has layers compressed with zstd`,
        'use another compression there',
      )
  }
  const wait = async (loadable: LoadableImage): Promise<Descriptor[]> => {
    waiting.set(loadable.id, loadable)
    const missing = (await loader.missing(loadable)).filter(({ digest }) => !awaited.has(digest))
    for (const { digest } of missing) awaited.add(digest)
    return missing
  }
  const closing = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } finally {
      engine.close()
    }
  }
  return {
    name,
    async stage(image) {
      const loadable = await loadableImage(image, store)
      const { id } = loadable
      warnOfLosses(loadable)
      return oneAtATime(async () => {
        const found = await engine.inspect(id)
        const has = new Set(namesOf(found?.RepoTags))
        names.push(...image.references.map((reference) => formatReference(reference)))
        for (const reference of image.references)
          if (!has.has(formatReference(reference))) pending.push({ id, reference })
        if (!found) brought.add(id)
        if (!found || !isComplete(found, loadable))
          // A layer upon other ones is another layer there: only an archive of all images has its bytes once.
          return store.kind === 'graphdriver' ? wait(loadable) : loader.load([loadable])
        for (const { digest, size: bytes } of layerDescriptors(loadable))
          emit({ kind: 'blob', destination: name, digest, bytes, state: 'exists' })
        return []
      })
    },
    async prepare() {
      if (waiting.size > 0) await loader.load([...waiting.values()])
    },
    commit: () =>
      closing(async () => {
        const moved: Reference[] = []
        try {
          for (const { id, reference } of pending) {
            await engine.tag(id, reference)
            moved.push(reference)
            // From now on it is in use.
            brought.delete(id)
          }
        } catch (error) {
          throw moved.length > 0 ? partlyMoved(error, moved, pending.length) : error
        }
        emit({ kind: 'published', destination: name, references: names.toSorted() })
      }),
    abandon: () =>
      closing(async () => {
        await Promise.allSettled([...brought].map((id) => engine.remove(id)))
      }),
  }
}
