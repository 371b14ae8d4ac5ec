/**
 * Registries as a destination (distribution-spec "Push"). Every blob travels once per registry and is mounted into the
 * other repositories that need it; manifests follow by digest; tags move when the whole run is in place.
 */
import { all, once } from '../../base/index.ts'
import {
  readContent,
  formatReference,
  isIndexMediaType,
  type Blob,
  type Descriptor,
  type Digest,
  type Reference,
} from '../../oci/index.ts'
import type { PushBlobOptions, PushedBlob, Registry } from '../../registry/index.ts'
import { contentOf, referrersOf, type ImageContent } from '../image.ts'
import { newReferrerStage } from './registry-referrers.ts'
import type { MemoStore } from '../memo/build-memos.ts'
import type { Destination, DestinationOptions, SharedNames } from './destination.ts'
import { knownImages, type KnownImages } from './known-images.ts'
import { partlyMoved } from './partly-moved.ts'
import { isContentMissing } from './restage.ts'

export interface RegistryDestinationOptions extends DestinationOptions {
  /** the client of a host, one per host and run */
  readonly registry: (host: string) => Registry
  /** what earlier runs pushed; default: nothing is known */
  readonly pushed?: MemoStore | undefined
}

interface PendingTag {
  readonly reference: Reference
  readonly top: Blob
  readonly content: ImageContent
}

export function registryDestination(options: RegistryDestinationOptions): Destination {
  const { emit } = options
  const name = 'registry'
  /** repositories of a host that hold a blob, the first one being where it was uploaded or found */
  const homes = new Map<string, Promise<string>>()
  const push = once<string, boolean>()
  const restage = once<string, void>()
  const pending: PendingTag[] = []
  const stageReferrers = newReferrerStage(options)
  const names = registryNames(options)
  const known = knownImages(options.pushed)

  const bring = async (reference: Reference, blob: Blob, how: PushBlobOptions = {}): Promise<PushedBlob> => {
    const { registry, repository } = reference
    const { digest, size } = blob.descriptor
    const state = await options
      .registry(registry)
      .pushBlob(repository, blob, { ...how, signal: options.signal })
    emit({ kind: 'blob', destination: `${registry}/${repository}`, digest, bytes: size, state })
    return state
  }

  /** Brings a blob into a repository, once in a run; true when its bytes were sent for it. */
  const pushBlob = (reference: Reference, blob: Blob): Promise<boolean> =>
    push(`${reference.registry}/${reference.repository} ${blob.descriptor.digest}`, async () => {
      const key = `${reference.registry} ${blob.descriptor.digest}`
      const home = homes.get(key)
      // What came to this registry a moment ago can be mounted without asking first whether it is there.
      if (home)
        return (await bring(reference, blob, { mountFrom: [await home], skipHead: true })) === 'uploaded'
      const first = bring(reference, blob, { mountFrom: mountSources(blob, reference) })
      const arrived = first.then(() => reference.repository)
      homes.set(key, arrived)
      arrived.catch(() => homes.delete(key))
      return (await first) === 'uploaded'
    })

  /** `present`: what is in the repository for certain. */
  const stageRepository = async (
    reference: Reference,
    content: ImageContent,
    present: ReadonlySet<Digest>,
  ): Promise<Descriptor[]> => {
    const { registry, repository } = reference
    const added: Descriptor[] = []
    const isMissing = ({ descriptor }: Blob) => !present.has(descriptor.digest)
    for (const { descriptor } of content.content.filter((blob) => !isMissing(blob))) {
      const { digest, size } = descriptor
      const key = `${registry} ${digest}`
      if (!homes.has(key)) homes.set(key, Promise.resolve(repository))
      emit({ kind: 'blob', destination: `${registry}/${repository}`, digest, bytes: size, state: 'exists' })
    }
    await all(content.content.filter(isMissing), async (blob) => {
      if (await pushBlob(reference, blob)) added.push(blob.descriptor)
    })
    const manifests = content.manifests.filter(isMissing)
    await pushOrRestage(reference, content, () =>
      pushManifests(options.registry(registry), repository, manifests),
    )
    return added
  }

  /** Does the work; once more, after everything has been looked for and sent again, when content turns out missing. */
  const pushOrRestage = async (
    reference: Reference,
    content: ImageContent,
    work: () => Promise<unknown>,
  ): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!isContentMissing(error)) throw error
      const { registry, repository } = reference
      const digests = content.content.map(({ descriptor }) => descriptor.digest)
      await restage(`${registry}/${repository} ${digests.join(' ')}`, async () => {
        const message = `${registry}/${repository} has lost content that was there; looking for all of it again`
        emit({ kind: 'warning', message })
        await all(content.content, async (blob) => bring(reference, blob))
        await pushManifests(options.registry(registry), repository, content.manifests)
      })
      await work()
    }
  }

  return {
    name,
    names,
    takesReferrers: true,
    async stage(image) {
      const content = contentOf(image)
      const added: Descriptor[] = []
      await all(byRepository(image.references), async (references) => {
        const { moved, present } = await tagsToMove(references, image.top, { names, known })
        for (const reference of moved) pending.push({ reference, top: image.top, content })
        const [first] = moved
        if (first) added.push(...(await stageRepository(first, content, present)))
        const referrers = referrersOf(image)
        // What is referred to or signed comes first, its name last of all.
        if (first && (referrers.length > 0 || image.isSigned === true)) {
          await pushOrRestage(first, content, () =>
            pushManifest(options.registry(first.registry), first.repository, image.top),
          )
        }
        added.push(...(await stageReferrers(references[0]!, referrers, pushBlob)))
      })
      return added
    },
    async commit() {
      const moved: Reference[] = []
      try {
        await all(pending, async ({ reference, top, content }) => {
          const registry = options.registry(reference.registry)
          await pushOrRestage(reference, content, () =>
            pushManifest(registry, reference.repository, top, reference.tag),
          )
          moved.push(reference)
          known.remember(top.descriptor.digest, content)
        })
      } catch (error) {
        throw moved.length > 0 ? partlyMoved(error, moved, pending.length) : error
      }
      emit({
        kind: 'published',
        destination: name,
        references: pending.map(({ reference }) => formatReference(reference)),
      })
    },
    async abandon() {
      // Blobs and manifests without a tag stay in the registry and are found again by the next run; nobody can pull
      // them by name, and a registry's own garbage collection removes them.
    },
  }
}

function registryNames({ registry, signal }: RegistryDestinationOptions): SharedNames {
  const share = once<string, Digest | undefined>()
  return {
    find(reference, { isFresh = false } = {}) {
      const look = async () => {
        const { repository, digest, tag = digest ?? 'latest' } = reference
        return (await registry(reference.registry).headManifest(repository, tag, { signal }))?.digest
      }
      return isFresh ? look() : share(formatReference(reference), look)
    },
    digestOf: async (image) => image.top.descriptor.digest,
  }
}

/** The references whose tag does not point at the image yet, and what is there because of where they point: one HEAD each. */
async function tagsToMove(
  references: readonly Reference[],
  top: Blob,
  { names, known }: { names: SharedNames; known: KnownImages },
): Promise<{ moved: readonly Reference[]; present: ReadonlySet<Digest> }> {
  const digests = await all(references, (reference) => names.find(reference))
  const moved = references.filter((_, index) => digests[index] !== top.descriptor.digest)
  const present = new Set<Digest>()
  if (moved.length > 0)
    for (const digest of new Set(digests))
      if (digest) for (const part of known.content(digest)) present.add(part)
  return { moved, present }
}

/** Manifests of images first, all at once; then the indexes that name them, in their order. */
async function pushManifests(
  registry: Registry,
  repository: string,
  manifests: readonly Blob[],
): Promise<void> {
  const isIndex = ({ descriptor }: Blob) => isIndexMediaType(descriptor.mediaType)
  const images = manifests.filter((manifest) => !isIndex(manifest))
  await all(images, async (manifest) => pushManifest(registry, repository, manifest))
  for (const index of manifests.filter(isIndex)) await pushManifest(registry, repository, index)
}

async function pushManifest(
  registry: Registry,
  repository: string,
  manifest: Blob,
  tag?: string,
): Promise<void> {
  const { mediaType, digest } = manifest.descriptor
  const bytes = await readContent(manifest.open)
  await registry.pushManifest(repository, tag ?? digest, { mediaType, bytes })
}

function byRepository(references: readonly Reference[]): Reference[][] {
  return Object.values(
    Object.groupBy(references, ({ registry, repository }) => `${registry}/${repository}`),
  ) as Reference[][]
}

/** A blob of a base that lives on the same registry can be mounted from there. */
function mountSources(blob: Blob, { registry }: Reference): string[] {
  return blob.origin?.registry === registry ? [blob.origin.repository] : []
}
