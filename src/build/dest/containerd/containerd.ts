/**
 * A containerd of this machine as a destination: what it lacks is sent into its content store under a lease, image
 * records are written last. Layers are left for the runtime to unpack, at the first container of an image.
 */
import { all, Failure, limit, nearest, once } from '../../../base/index.ts'
import {
  formatReference,
  hostPlatform,
  type Blob,
  type Descriptor,
  type Reference,
} from '../../../oci/index.ts'
import { contentOf } from '../../image.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import { latestTagWarner } from '../latest-tag.ts'
import { partlyMoved } from '../partly-moved.ts'
import { runnablePlatforms } from '../runnable.ts'
import { indexLabels, manifestLabels } from './gc-labels.ts'
import type { ImageStore, PutOptions } from './image-store.ts'

export interface ContainerdDestinationOptions extends DestinationOptions {
  /** absolute path of the socket; default `/run/containerd/containerd.sock` */
  readonly socket?: string | undefined
  /** default: `default`, as for ctr and nerdctl; the images of Kubernetes are in `k8s.io` */
  readonly namespace?: string | undefined
}

/** Blobs sent at the same time: one is hashed and synced by the daemon while another comes; a third only costs memory. */
const senders = 2

/** Where the kubelet has its images. */
const ofKubernetes = 'k8s.io'

/** Namespaces that tools expect, which need not be there before the first image is. */
const wellKnown = ['default', ofKubernetes]

/**
 * @throws Failure STORE_UNREACHABLE when no containerd answers
 * @throws Failure STORE_REFUSED when it does not have the namespace: a new one would hide the images
 */
export async function containerdDestination(options: ContainerdDestinationOptions): Promise<Destination> {
  const { tally, emit, signal } = options
  const { socket = '/run/containerd/containerd.sock', namespace = 'default' } = options
  // The gRPC client is heavy: only who asks for containerd waits for it.
  const { openImageStore } = await import('./image-store.ts')
  const store = await openImageStore({ socket, namespace, tally, signal })
  await checkNamespace(store, namespace)
  const name = `containerd ${namespace}`
  const warn = latestTagWarner(emit)
  const slot = limit(senders)
  const share = once<string, 'exists' | 'mounted' | 'uploaded'>()
  const names = new Map<string, { readonly reference: Reference; readonly target: Descriptor }>()

  /** Whether the bytes were sent now, for this caller. */
  const put = async (blob: Blob, labels?: PutOptions['labels']): Promise<boolean> => {
    let isFirst = false
    const { digest, size: bytes } = blob.descriptor
    const state = await share(digest, () => {
      isFirst = true
      const onStart = () => emit({ kind: 'blob-started', destination: name, digest, bytes })
      return slot(() => store.put(blob, { onStart, ...(labels && { labels }) }))
    })
    if (isFirst) emit({ kind: 'blob', destination: name, digest, bytes, state })
    return isFirst && state === 'uploaded'
  }
  return {
    name,
    async stage(image) {
      // Without a name it would be collected.
      if (image.references.length === 0) return []
      const platforms = runnablePlatforms(image, hostPlatform())
      const added: Descriptor[] = []
      await all(contentOf({ ...image, platforms }).content, async (blob) => {
        if (await put(blob)) added.push(blob.descriptor)
      })
      // Labels may name content only once it is there.
      await all(platforms, (platform) => put(platform.manifest, manifestLabels(platform)))
      if (!platforms.some(({ manifest }) => manifest === image.top))
        await put(image.top, indexLabels(platforms))
      for (const reference of image.references) {
        if (namespace === ofKubernetes) warn(reference)
        names.set(formatReference(reference), { reference, target: image.top.descriptor })
      }
      return added
    },
    async commit() {
      const moved: Reference[] = []
      try {
        await all(names, async ([text, { reference, target }]) => {
          await store.name(text, target)
          moved.push(reference)
        })
      } catch (error) {
        throw moved.length > 0 ? partlyMoved(error, moved, names.size) : error
      }
      emit({ kind: 'published', destination: name, references: [...names.keys()].toSorted() })
      await store.release({ collect: false })
      store.close()
    },
    async abandon() {
      try {
        await store.release({ collect: true })
      } finally {
        store.close()
      }
    },
  }
}

async function checkNamespace(store: ImageStore, namespace: string): Promise<void> {
  const present = await store.namespaces()
  if (present.includes(namespace) || wellKnown.includes(namespace)) return
  store.close()
  const suggestion = nearest(namespace, [...present, ...wellKnown])
  throw new Failure('STORE_REFUSED', `containerd has no namespace "${namespace}"`, {
    hint: suggestion
      ? `did you mean ${suggestion}?`
      : `it has ${present.join(', ') || 'none'}; "ctr namespaces create ${namespace}" makes one`,
  })
}
