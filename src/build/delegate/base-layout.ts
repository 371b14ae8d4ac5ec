/** A base image that this plan builds, for a builder: an OCI layout with nothing else in it. */
import type { Waiting } from '../../base/index.ts'
import {
  jsonBlob,
  mediaTypes,
  type Blob,
  type Descriptor,
  type Digest,
  type Index,
  type Platform,
} from '../../oci/index.ts'
import { openLayout, refNameAnnotation } from '../../store/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import { assembleManifest } from '../image.ts'

export interface BaseOfPlatform {
  readonly image: BaseImage
  readonly platform: Platform
}

/**
 * Writes the layout of one image, for one platform or several, and returns the digest of its manifest or index.
 * @throws Failure FILE_SYSTEM | NO_SPACE | SOURCE_CHANGED
 */
export async function writeBaseLayout(
  folder: string,
  bases: readonly BaseOfPlatform[],
  waiting: Waiting,
): Promise<Digest> {
  const layout = await openLayout(folder)
  const manifests: Descriptor[] = []
  for (const { image, platform } of bases) {
    const { config, manifest } = assembleManifest(image.config, image.layers, {})
    for (const { blob, isProven } of image.layers) await layout.write(blob, { ...waiting, isProven })
    await layout.write(config, waiting)
    await layout.write(manifest, waiting)
    manifests.push({ ...manifest.descriptor, platform })
  }
  const [only, ...others] = manifests
  const top =
    only && others.length === 0 ? only : await writeIndex(manifests, (blob) => layout.write(blob, waiting))
  await layout.commit([{ ...top, annotations: { [refNameAnnotation]: 'latest' } }], waiting)
  await layout.clean()
  return top.digest
}

async function writeIndex(
  manifests: readonly Descriptor[],
  write: (blob: Blob) => Promise<unknown>,
): Promise<Descriptor> {
  const index: Index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  const blob = jsonBlob(mediaTypes.index, index)
  await write(blob)
  return blob.descriptor
}
