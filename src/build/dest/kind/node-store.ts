/**
 * The images of one node's kubelet (containerd's namespace `k8s.io`), for one run: asked once what the node holds,
 * then one archive into `ctr images import`, without what it holds.
 */
import { limit, type Tally } from '../../../base/index.ts'
import {
  bytesBlob,
  digestAlgorithm,
  digestHex,
  encodeJson,
  formatReference,
  mediaTypes,
  type Blob,
  type Descriptor,
  type Platform,
} from '../../../oci/index.ts'
import { contentOf, type BuiltImage } from '../../image.ts'
import { memberBytes, tarBytes, type TarMember } from '../archive/tar-members.ts'
import { namedDescriptors } from '../named-descriptors.ts'
import { runnablePlatforms } from '../runnable.ts'
import type { KindNode } from './find-nodes.ts'
import { commandOn, kubeletCtr, look, type Found, type LookOptions } from './look.ts'
import { startImport, type ImportStream } from './import-stream.ts'

export interface NodeStore {
  readonly node: KindNode
  /** Sends what the node lacks of an image. */
  put(image: BuiltImage): Promise<void>
  /** Names all images that were put, and makes sure that they are whole. */
  commit(): Promise<void>
  /** Breaks the import off: nothing is named, and containerd collects what came. */
  abandon(): Promise<void>
}

export interface NodeStoreOptions extends LookOptions {
  readonly tally: Tally
  /** told of each layer */
  readonly onBlob: (blob: Descriptor, state: 'started' | 'exists' | 'uploaded') => void
}

/** Unpacking is left to the kubelet, which does it for the snapshotter and at the nodes a pod comes to. */
const importCommand = [...kubeletCtr, 'images', 'import', '--all-platforms', '--no-unpack', '-']

/** @throws Failure STORE_UNREACHABLE when the node does not run, STORE_REFUSED */
export async function openNode(node: KindNode, options: NodeStoreOptions): Promise<NodeStore> {
  const { env, tally, signal, onBlob } = options
  const found = await look(node, options)
  const slot = limit(1)
  const images: BuiltImage[] = []
  /** what the archive holds, and what it leaves out because the node has it */
  const sent = new Set<string>()
  const left = new Set<string>()
  let stream: ImportStream | undefined
  const open = () =>
    (stream ??= startImport(commandOn(node, ['-i'], importCommand), {
      action: `load images into the node ${node.name}`,
      env,
      tally,
      signal,
    }))

  const sendLayer = async (member: TarMember): Promise<void> => {
    const { descriptor } = member.blob!
    if (sent.has(descriptor.digest) || left.has(descriptor.digest)) return
    if (found.digests.has(descriptor.digest)) {
      left.add(descriptor.digest)
      return onBlob(descriptor, 'exists')
    }
    onBlob(descriptor, 'started')
    await open().write(memberBytes([member], { signal }))
    sent.add(descriptor.digest)
    onBlob(descriptor, 'uploaded')
  }
  const putLayers = async (image: BuiltImage): Promise<void> => {
    for (const layer of membersOf(image, found.platform).layers) await sendLayer(layer)
  }
  /** Whether a node has all of an image under all its names. */
  const isThere = (image: BuiltImage, { platform, digests, names }: Found): boolean => {
    const { layers, documents } = membersOf(image, platform)
    return (
      [...layers, ...documents].every(({ blob }) => digests.has(blob!.descriptor.digest)) &&
      image.references.every((name) => names.get(formatReference(name)) === image.top.descriptor.digest)
    )
  }
  /** Asked again, as the first answer may be as old as the run. */
  const isUnchanged = async (): Promise<boolean> => {
    if (!images.every((image) => isThere(image, found))) return false
    const now = await look(node, options)
    return images.every((image) => isThere(image, now))
  }
  const finish = async (): Promise<void> => {
    const documents = images.flatMap((image) => membersOf(image, found.platform).documents)
    const manifests = images.flatMap(namedDescriptors)
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
    const members = [
      ...new Map(documents.map((member) => [member.path, member])).values(),
      document('index.json', index),
      document('oci-layout', { imageLayoutVersion: '1.0.0' }),
    ]
    await open().write(tarBytes(members))
    await open().finish()
  }
  const isWhole = async (): Promise<boolean> => {
    if (left.size === 0) return true
    const { digests } = await look(node, options)
    return [...left].every((digest) => digests.has(digest))
  }
  return {
    node,
    put: (image) =>
      slot(async () => {
        images.push(image)
        await putLayers(image)
      }),
    async commit() {
      if (images.length === 0 || (await isUnchanged())) return
      await finish()
      if (await isWhole()) return
      // The node collected layers after it was asked: once more, leaving nothing out.
      found.digests.clear()
      sent.clear()
      left.clear()
      stream = undefined
      for (const image of images) await putLayers(image)
      await finish()
    },
    abandon: async () => stream?.abandon(),
  }
}

interface Members {
  /** layers of the platforms that the node runs */
  readonly layers: readonly TarMember[]
  /** configs and manifests of all platforms, which `--all-platforms` asks for, and the index */
  readonly documents: readonly TarMember[]
}

function membersOf(image: BuiltImage, machine: Platform): Members {
  const { content, manifests, unproven } = contentOf(image)
  const configs = new Set(image.platforms.map(({ config }) => config.descriptor.digest))
  const needed = new Set(
    runnablePlatforms(image, machine).flatMap(({ layers }) =>
      layers.map(({ blob }) => blob.descriptor.digest),
    ),
  )
  const member = (blob: Blob): TarMember => ({
    path: `blobs/${digestAlgorithm(blob.descriptor.digest)}/${digestHex(blob.descriptor.digest)}`,
    blob,
    isUnproven: unproven.has(blob.descriptor.digest),
  })
  return {
    layers: content.filter(({ descriptor }) => needed.has(descriptor.digest)).map(member),
    documents: [
      ...content.filter(({ descriptor }) => configs.has(descriptor.digest)),
      ...manifests,
      image.top,
    ].map(member),
  }
}

function document(path: string, value: unknown): TarMember {
  return { path, blob: bytesBlob('application/json', encodeJson(value)) }
}
