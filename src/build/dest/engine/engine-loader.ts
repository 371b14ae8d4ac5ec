/** Loads images into a daemon without names and without the layers it has, and makes sure that it has all of them then. */
import { all, Failure, limit, once } from '../../../base/index.ts'
import type { Descriptor, Digest, Reference } from '../../../oci/index.ts'
import { imageArchive } from '../archive/image-archive.ts'
import { tarBytes, tarSize, type TarMember } from '../archive/tar-members.ts'
import type { DestinationOptions } from '../destination.ts'
import type { EngineClient, EngineImage } from './engine-client.ts'
import { isComplete, type ImageStore, type LoadableImage } from './image-store.ts'
import { knownLayers, relativesAmong } from './known-layers.ts'

export interface EngineLoaderOptions extends Pick<DestinationOptions, 'emit'> {
  /** of the destination, for events and messages */
  readonly name: string
  readonly engine: EngineClient
  readonly store: ImageStore
}

export interface EngineLoader {
  /** Layers of an image that the daemon seems to lack, each once. */
  readonly missing: (loadable: LoadableImage) => Promise<readonly Descriptor[]>
  /** Loads images in one archive and returns what was sent. One call at a time: each is spared what those before brought. */
  readonly load: (loadables: readonly LoadableImage[]) => Promise<readonly Descriptor[]>
}

/** Inspections at the same time. */
const inspectors = 8

/** @throws Failure from its functions */
export function newEngineLoader({ name, engine, store, emit }: EngineLoaderOptions): EngineLoader {
  const known = knownLayers(store.kind)
  const list = once<'images', ReturnType<typeof relativesAmong>>()
  const learn = once<string, void>()
  const slot = limit(inspectors)

  /** Asks images that may have layers in common, each once; one that is gone meanwhile has none. */
  const learnLayers = async (references: readonly Reference[]): Promise<void> => {
    const relatives = await list('images', async () => relativesAmong(await engine.images()))
    await all(relatives(references), ({ Id }) =>
      learn(Id, async () => {
        const image = await slot(() => engine.inspect(Id as Digest))
        if (image) known.add(layersOf(image))
      }),
    )
  }
  const missing: EngineLoader['missing'] = async (loadable) => {
    if (store.isVerifiable) await learnLayers(loadable.image.references)
    const lacking = new Set(loadable.image.platforms.flatMap((platform) => known.lackedBy(platform)))
    return layerDescriptors(loadable).filter(({ digest }) => lacking.has(digest))
  }
  const send = async (
    loadables: readonly LoadableImage[],
    omit: ReadonlySet<Digest>,
  ): Promise<Descriptor[]> => {
    const archive = imageArchive(
      loadables.map(({ image }) => image),
      {
        format: store.kind === 'graphdriver' ? 'docker' : 'oci',
        platform: store.platform,
        omit,
        isNameless: true,
      },
    )
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
  /** Images that are not there with all they need; the layers of the others are known then. */
  const unfinished = async (loadables: readonly LoadableImage[]): Promise<LoadableImage[]> => {
    const found = await all(loadables, ({ id }) => slot(() => engine.inspect(id)))
    return loadables.filter((loadable, index) => {
      const image = found[index]
      if (!image || !isComplete(image, loadable)) return true
      for (const { layers } of loadable.image.platforms) known.add(layers.map(({ diffId }) => diffId))
      return false
    })
  }
  const sendAndVerify = async (
    loadables: readonly LoadableImage[],
    omit: ReadonlySet<Digest>,
  ): Promise<Descriptor[]> => {
    const sent = await send(loadables, omit)
    const [lost] = await unfinished(loadables)
    if (!lost) return sent
    const { id, image } = lost
    throw new Failure('STORE_REFUSED', `${name} took "${image.name}" and has not all of ${id}`)
  }
  /** Blobs that no image needs: the daemon opens the file of a layer as soon as it lacks it below one image. */
  const spared = (loadables: readonly LoadableImage[]): ReadonlySet<Digest> => {
    const platforms = loadables.flatMap(({ image }) => image.platforms)
    const needed = new Set(platforms.flatMap((platform) => known.lackedBy(platform)))
    const layers = layerDescriptors(...loadables).map(({ digest }) => digest)
    return new Set(layers.filter((digest) => !needed.has(digest)))
  }
  return {
    missing,
    async load(loadables) {
      if (!store.isVerifiable) return sendAndVerify(loadables, new Set())
      await all(loadables, missing)
      const omit = spared(loadables)
      try {
        const sent = await sendAndVerify(loadables, omit)
        for (const { digest, size: bytes } of layerDescriptors(...loadables))
          if (omit.has(digest)) emit({ kind: 'blob', destination: name, digest, bytes, state: 'exists' })
        return sent
      } catch (error) {
        if (omit.size === 0 || !(error instanceof Failure)) throw error
        // It may have lost layers since, or have them in another form.
        known.forget()
        const rest = await unfinished(loadables)
        const images = rest.map(({ image }) => `"${image.name}"`).join(', ')
        const message = `${name} lacks layers of ${images} that it seemed to have; all of them are sent`
        emit({ kind: 'warning', message, hint: error.message })
        return sendAndVerify(rest, new Set())
      }
    },
  }
}

/** The layers of all platforms of images, each once. */
export function layerDescriptors(...loadables: readonly LoadableImage[]): Descriptor[] {
  const platforms = loadables.flatMap(({ image }) => image.platforms)
  const layers = platforms.flatMap((platform) => platform.layers.map(({ blob }) => blob.descriptor))
  return [...new Map(layers.map((descriptor) => [descriptor.digest, descriptor])).values()]
}

function layersOf({ RootFS, Manifests }: EngineImage): readonly Digest[] {
  const isWhole = !Manifests || Manifests.some(({ Available }) => Available)
  return isWhole ? (RootFS?.Layers ?? []) : []
}
