/** What is in an image, from its documents in a layout, and as skopeo and umoci unpack it from wherever it is. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256, type Digest, type ImageConfig, type Index, type Manifest } from '../../../src/oci/index.ts'
import { describeTree, readTree } from '../file-tree.ts'
import { runProgram } from '../program.ts'
import { umociUnpack } from '../umoci.ts'
import { architectures, ownArchitecture } from './project.ts'

/** The documents under a digest, for the platform of this machine and for all. */
export interface ImageFacts {
  readonly index: string
  /** of the config for this machine */
  readonly config: string
  /** by architecture */
  readonly diffIds: Readonly<Record<string, readonly string[]>>
  /** of the layers for this machine */
  readonly mediaTypes: readonly string[]
}

/** Each document is proven by its digest. */
export async function readFacts(layout: string, index: string): Promise<ImageFacts> {
  const read = async <T>(digest: string): Promise<T> => {
    const bytes = await readFile(join(layout, 'blobs', ...digest.split(':')))
    if (sha256(bytes) !== (digest as Digest)) throw new Error(`${digest} in ${layout} is something else`)
    return JSON.parse(bytes.toString()) as T
  }
  const { manifests } = await read<Index>(index)
  const diffIds: Record<string, readonly string[]> = {}
  let own: Manifest | undefined
  for (const architecture of architectures) {
    const { digest } = manifests.find(({ platform }) => platform?.architecture === architecture)!
    const manifest = await read<Manifest>(digest)
    diffIds[architecture] = (await read<ImageConfig>(manifest.config.digest)).rootfs.diff_ids
    if (architecture === ownArchitecture) own = manifest
  }
  if (own === undefined) throw new Error(`there is no image for ${ownArchitecture}`)
  return {
    index,
    config: own.config.digest,
    diffIds,
    mediaTypes: own.layers.map(({ mediaType }) => mediaType),
  }
}

/** Copies the image for this machine out with skopeo, which proves digests, and unpacks it with umoci: one line a file. */
export async function unpackedFiles(
  source: string,
  scratch: string,
  env: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const platform = ['--override-os', 'linux', '--override-arch', ownArchitecture]
  const copy = (...args: string[]) =>
    runProgram('skopeo', ['--insecure-policy', ...platform, 'copy', '--src-tls-verify=false', ...args], {
      env,
    })
  // umoci of Debian 12 reads no zstd: skopeo, which does, takes it off on the way.
  await copy('--dest-decompress', source, `dir:${scratch}/plain`)
  await copy(`dir:${scratch}/plain`, `oci:${scratch}/layout:image`)
  const { rootfs } = await umociUnpack(join(scratch, 'layout'), 'image', join(scratch, 'bundle'))
  return describeTree(await readTree(rootfs))
}
