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
import { newBlobHomes } from './blob-homes.ts'
import { newReferrerStage } from './registry-referrers.ts'
import { newRegistryStreams } from './registry-streams.ts'
import type { MemoStore } from '../memo/build-memos.ts'
import type { Destination, DestinationOptions, SharedNames } from './destination.ts'
import { knownImages } from './known-images.ts'
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
  const homes = newBlobHomes()
  /** looks at names that have not been answered yet */
  const looks = new Set<Promise<unknown>>()
  const push = once<string, boolean>()
  const restage = once<string, void>()
  const pending: PendingTag[] = []
  const stageReferrers = newReferrerStage(options)
  const names = registryNames(options)
  const known = knownImages(options.pushed)
  const stream = newRegistryStreams({
    ...options,
    names,
    known,
    homes,
    onUploaded(reference, digest, bytes) {
      const { registry, repository } = reference
      homes.expect(reference, digest, Promise.resolve())
      void push(placeOf(reference, digest), async () => true)
      emit({ kind: 'blob', destination: `${registry}/${repository}`, digest, bytes, state: 'uploaded' })
    },
  })

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
    push(placeOf(reference, blob.descriptor.digest), async () => {
      const { registry, repository } = reference
      const { digest, size } = blob.descriptor
      if (homes.holds(reference, digest)) {
        emit({ kind: 'blob', destination: `${registry}/${repository}`, digest, bytes: size, state: 'exists' })
        return false
      }
      const home = homes.find(registry, digest)
      // What is in this registry can be mounted without asking first whether it is in this repository.
      if (home)
        return (await bring(reference, blob, { mountFrom: [await home], skipHead: true })) === 'uploaded'
      const first = bring(reference, blob, { mountFrom: mountSources(blob, reference) })
      homes.expect(reference, digest, first)
      return (await first) === 'uploaded'
    })

  /** One HEAD for each name: which of them do not lead to the image yet, and what is there because of where they lead. */
  const look = async (references: readonly Reference[], top: Blob, content: ImageContent) => {
    const digests = await all(references, (reference) => names.find(reference))
    const moved = references.filter((_, index) => digests[index] !== top.descriptor.digest)
    for (const digest of new Set(digests)) {
      if (digest === top.descriptor.digest) homes.note(references[0]!, digestsOf(content))
      else if (digest) homes.note(references[0]!, known.content(digest))
    }
    return { references, moved }
  }

  /** All names of an image; waits for those of other images too, whose repositories may have what this one needs. */
  const lookAround = async (references: readonly Reference[], top: Blob, content: ImageContent) => {
    const looking = all(byRepository(references), async (some) => look(some, top, content))
    looks.add(looking)
    try {
      const found = await looking
      if (found.some(({ moved }) => moved.length > 0)) await Promise.allSettled(looks)
      return found
    } finally {
      looks.delete(looking)
    }
  }

  const stageRepository = async (reference: Reference, content: ImageContent): Promise<Descriptor[]> => {
    const { registry, repository } = reference
    const added: Descriptor[] = []
    await all(content.content, async (blob) => {
      if (await pushBlob(reference, blob)) added.push(blob.descriptor)
    })
    const manifests = content.manifests.filter(({ descriptor }) => !homes.holds(reference, descriptor.digest))
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
    stream,
    async stage(image) {
      const content = contentOf(image)
      const added: Descriptor[] = []
      const found = await lookAround(image.references, image.top, content)
      await all(found, async ({ references, moved }) => {
        for (const reference of moved) pending.push({ reference, top: image.top, content })
        const [first] = moved
        if (first) added.push(...(await stageRepository(first, content)))
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
        return (await registry(reference.registry).headManifest(repository, tag, { signal, willPush: true }))
          ?.digest
      }
      return isFresh ? look() : share(formatReference(reference), look)
    },
    digestOf: async (image) => image.top.descriptor.digest,
  }
}

/** Names what a run brings into a repository. */
function placeOf({ registry, repository }: Reference, digest: Digest): string {
  return `${registry}/${repository} ${digest}`
}

function digestsOf({ content, manifests }: ImageContent): Digest[] {
  return [...content, ...manifests].map(({ descriptor }) => descriptor.digest)
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
