/** Images as a build makes them, small, from text alone; how often each blob was opened is counted. */
import {
  jsonBlob,
  mediaTypes,
  parseReference,
  sha256,
  type Blob,
  type Platform,
} from '../../src/oci/index.ts'
import { assembleManifest, assembleTop, type BuiltImage } from '../../src/build/image.ts'
import type { BuiltLayer } from '../../src/build/layers.ts'
import { emptyTree, overlayTree } from '../../src/build/overlay.ts'
import type { Node, Tree } from '../../src/build/tree.ts'
import { makeRecipe, openRecipe } from '../../src/layer/index.ts'

export interface LayerSource {
  /** content by path in the image */
  readonly files: Readonly<Record<string, string>>
}

export interface TestLayer extends BuiltLayer {
  readonly nodes: readonly Node[]
  /** how often its bytes were asked for */
  opened: number
}

export interface ImageSource {
  readonly name: string
  /** names such as `127.0.0.1:5000/a:1`; default none */
  readonly tags?: readonly string[]
  readonly layers: readonly (BuiltLayer & Pick<TestLayer, 'nodes'>)[]
  /** default: linux/amd64 */
  readonly platforms?: readonly Platform[]
  /** the run configuration, such as `{ Healthcheck: … }` */
  readonly config?: Readonly<Record<string, unknown>>
}

export async function testLayer({ files }: LayerSource): Promise<TestLayer> {
  const entries = Object.entries(files).map(([path, text]) => {
    const bytes = Buffer.from(text)
    const source = { kind: 'bytes', bytes } as const
    return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: bytes.length, source } as const
  })
  const chunks: Uint8Array[] = []
  for await (const chunk of openRecipe(makeRecipe(entries))) chunks.push(Buffer.from(chunk))
  const bytes = Buffer.concat(chunks)
  const digest = sha256(bytes)
  const layer: TestLayer = {
    opened: 0,
    nodes: entries,
    diffId: digest,
    state: 'hashed',
    isProven: true,
    blob: {
      descriptor: { mediaType: mediaTypes.layer, digest, size: bytes.length },
      async *open({ start = 0, end = bytes.length } = {}) {
        layer.opened++
        yield bytes.subarray(start, end)
      },
    },
  }
  return layer
}

export function testImage(source: ImageSource): BuiltImage {
  const { name, tags = [], layers, config = { Cmd: ['/a'] } } = source
  const platforms = (source.platforms ?? [{ os: 'linux', architecture: 'amd64' }]).map((platform) => {
    const diffIds = layers.map(({ diffId }) => diffId)
    const document = {
      created: '1970-01-01T00:00:00Z',
      architecture: platform.architecture,
      os: platform.os,
      config,
      rootfs: { type: 'layers' as const, diff_ids: diffIds },
      history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'COPY' })),
    }
    const tree = layers.reduce<Tree>((lower, layer) => overlayTree(lower, layer), emptyTree())
    return { platform, layers, tree: async () => tree, seconds: 0, ...assembleManifest(document, layers) }
  })
  return {
    name,
    variant: undefined,
    references: tags.map((tag) => parseReference(tag)),
    platforms,
    top: assembleTop(platforms),
    seconds: 0,
  }
}

/** A blob whose content is not what its descriptor says. */
export function wrongBlob(): Blob {
  const { descriptor } = jsonBlob(mediaTypes.layer, 'right')
  return { descriptor, open: jsonBlob(mediaTypes.layer, 'wrong').open }
}
