/** Loads images into a daemon without names and without the layers it has, and makes sure that it has all of them then. */
import { all, Failure, limit, once } from '../../../base/index.ts'
import type { Descriptor, Digest, Reference } from '../../../oci/index.ts'
import { imageArchive } from '../archive/image-archive.ts'
import { tarBytes, tarSize, type TarMember } from '../archive/tar-members.ts'
import type { DestinationOptions } from '../destination.ts'
import type { EngineClient, EngineImage } from './engine-client.ts'
import { isComplete, type ImageStore, type LoadableImage } from './image-store.ts'
import { knownLayers, relatives } from './known-layers.ts'

export interface EngineLoaderOptions extends Pick<DestinationOptions, 'emit'> {
  /** of the destination, for events and messages */
  readonly name: string
  readonly engine: EngineClient
  readonly store: ImageStore
}

/** Loads one image after the other and returns what was sent. @throws Failure */
export type EngineLoader = (loadable: LoadableImage) => Promise<readonly Descriptor[]>

/** Inspections at the same time. */
const inspectors = 8

/** Images are to be loaded one at a time: each is spared what those before it brought. */
export function newEngineLoader({ name, engine, store, emit }: EngineLoaderOptions): EngineLoader {
  const known = knownLayers(store.kind)
  const learn = once<'relatives', void>()

  /** Asks images that may have layers in common; one that is gone meanwhile has none. */
  const learnLayers = async (references: readonly Reference[]): Promise<void> => {
    const slot = limit(inspectors)
    const candidates = relatives(await engine.images(), references)
    const images = await all(candidates, ({ Id }) => slot(() => engine.inspect(Id as Digest)))
    for (const image of images) if (image) known.add(layersOf(image))
  }
  const send = async ({ image }: LoadableImage, omit: ReadonlySet<Digest>): Promise<Descriptor[]> => {
    const archive = imageArchive([image], {
      format: store.kind === 'graphdriver' ? 'docker' : 'oci',
      platform: store.platform,
      omit,
      isNameless: true,
    })
    const members = [...archive.content, ...archive.documents]
    const onMember = ({ blob }: TarMember, state: 'started' | 'finished'): void => {
      if (!blob) return
      const { digest, size: bytes } = blob.descriptor
      if (state === 'started') emit({ kind: 'blob-started', destination: name, digest, bytes })
      else emit({ kind: 'blob', destination: name, digest, bytes, state: 'uploaded' })
    }
    const open = ({ signal }: { signal?: AbortSignal | undefined }) => tarBytes(members, { signal, onMember })
    await engine.load({ size: tarSize(members), open })
    return archive.content.flatMap(({ blob }) => (blob ? [blob.descriptor] : []))
  }
  const verify = async (loadable: LoadableImage): Promise<void> => {
    const { id, image } = loadable
    const found = await engine.inspect(id)
    if (found && isComplete(found, loadable)) return
    const what = found ? `has not all of ${id}` : `has no image ${id}`
    throw new Failure('STORE_REFUSED', `${name} took "${image.name}" and ${what}`)
  }
  const sendAll = async (loadable: LoadableImage, omit: ReadonlySet<Digest>): Promise<Descriptor[]> => {
    const sent = await send(loadable, omit)
    await verify(loadable)
    for (const { layers } of loadable.image.platforms) known.add(layers.map(({ diffId }) => diffId))
    return sent
  }
  return async (loadable) => {
    const { image } = loadable
    if (!store.isVerifiable) return sendAll(loadable, new Set())
    await learn('relatives', () => learnLayers(image.references))
    const omit = new Set(image.platforms.flatMap((platform) => known.among(platform)))
    try {
      const sent = await sendAll(loadable, omit)
      for (const { digest, size: bytes } of layerDescriptors(loadable))
        if (omit.has(digest)) emit({ kind: 'blob', destination: name, digest, bytes, state: 'exists' })
      return sent
    } catch (error) {
      if (omit.size === 0 || !(error instanceof Failure)) throw error
      // It may have lost layers since, or have them in another form.
      known.forget()
      const message = `${name} lacks layers of "${image.name}" that it seemed to have; all of them are sent`
      emit({ kind: 'warning', message, hint: error.message })
      return sendAll(loadable, new Set())
    }
  }
}

/** The layers of all platforms, each once. */
export function layerDescriptors({ image }: LoadableImage): Descriptor[] {
  const layers = image.platforms.flatMap((platform) => platform.layers.map(({ blob }) => blob.descriptor))
  return [...new Map(layers.map((descriptor) => [descriptor.digest, descriptor])).values()]
}

function layersOf({ RootFS, Manifests }: EngineImage): readonly Digest[] {
  const isWhole = !Manifests || Manifests.some(({ Available }) => Available)
  return isWhole ? (RootFS?.Layers ?? []) : []
}
