/**
 * The images of one node's kubelet (containerd's namespace `k8s.io`), for one run: asked once what the node holds,
 * then one archive into `ctr images import`, without what it holds.
 */
import { limit, type Tally, type Waiting } from '../../../base/index.ts'
import {
  bytesBlob,
  digestAlgorithm,
  digestHex,
  encodeJson,
  hostPlatform,
  mediaTypes,
  parsePlatform,
  type Blob,
  type Descriptor,
  type Platform,
} from '../../../oci/index.ts'
import { contentOf, type BuiltImage } from '../../image.ts'
import { memberBytes, tarBytes, type TarMember } from '../archive/tar-members.ts'
import { namedDescriptors } from '../named-descriptors.ts'
import { runnablePlatforms } from '../runnable.ts'
import { runCommand } from './command.ts'
import type { KindNode } from './find-nodes.ts'
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

export interface NodeStoreOptions extends Waiting {
  /** of the programs that reach the node */
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly tally: Tally
  /** told of each layer and config, once */
  readonly onBlob: (blob: Descriptor, state: 'started' | 'exists' | 'uploaded') => void
}

const ctr = ['ctr', '--namespace=k8s.io']

/** Unpacking is left to the kubelet, which does it for the snapshotter and at the nodes a pod comes to. */
const importCommand = [...ctr, 'images', 'import', '--all-platforms', '--no-unpack', '-']

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

  const send = async (member: TarMember): Promise<void> => {
    const { digest } = member.blob!.descriptor
    if (sent.has(digest)) return
    await open().write(memberBytes([member], { signal }))
    sent.add(digest)
  }
  const sendContent = async (member: TarMember): Promise<void> => {
    const { descriptor } = member.blob!
    if (sent.has(descriptor.digest) || left.has(descriptor.digest)) return
    if (found.digests.has(descriptor.digest)) {
      left.add(descriptor.digest)
      return onBlob(descriptor, 'exists')
    }
    onBlob(descriptor, 'started')
    await send(member)
    onBlob(descriptor, 'uploaded')
  }
  const putAll = async (image: BuiltImage): Promise<void> => {
    const { layers, documents } = membersOf(image, found.platform)
    for (const layer of layers) await sendContent(layer)
    for (const document of documents) await send(document)
  }
  const finish = async (): Promise<void> => {
    const index = {
      schemaVersion: 2,
      mediaType: mediaTypes.index,
      manifests: images.flatMap(namedDescriptors),
    }
    await open().write(
      tarBytes([document('index.json', index), document('oci-layout', { imageLayoutVersion: '1.0.0' })]),
    )
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
        await putAll(image)
      }),
    async commit() {
      if (images.length === 0) return
      await finish()
      if (await isWhole()) return
      // The node collected blobs after it was asked: once more, leaving nothing out.
      found.digests.clear()
      sent.clear()
      left.clear()
      stream = undefined
      for (const image of images) await putAll(image)
      await finish()
    },
    abandon: async () => stream?.abandon(),
  }
}

interface Found {
  readonly platform: Platform
  readonly digests: Set<string>
}

/** What the node runs and what its content store holds: one question for both. */
async function look(
  node: KindNode,
  { env, signal }: Pick<NodeStoreOptions, 'env' | 'signal'>,
): Promise<Found> {
  const script = `uname -m && ${ctr.join(' ')} content ls -q`
  const text = await runCommand(commandOn(node, [], ['sh', '-c', script]), {
    action: `ask the node ${node.name} what images it has`,
    env,
    signal,
  })
  const [machine = '', ...lines] = text.split('\n')
  return { platform: platformOf(machine), digests: new Set(lines.filter((line) => line.includes(':'))) }
}

/** Of a machine as `uname -m` calls it. */
function platformOf(machine: string): Platform {
  try {
    return parsePlatform(`linux/${machine.replace(/^armv(\d).*/, 'arm/v$1')}`)
  } catch {
    return hostPlatform()
  }
}

/** As kind runs programs on its nodes: with `-i` those that read their input. */
function commandOn({ runtime, name }: KindNode, flags: readonly string[], argv: readonly string[]): string[] {
  return [runtime, 'exec', '--privileged', ...flags, name, ...argv]
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
