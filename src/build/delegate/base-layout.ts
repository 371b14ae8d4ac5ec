/** A base image that this plan builds, for a builder: an OCI layout with nothing else in it. */
import { randomUUID } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode, type Waiting } from '../../base/index.ts'
import {
  digestHex,
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
 * Writes the layout of one image, for one platform or several, into a folder of its own. The folder is named after the
 * digest of its manifest or index: builders that remember names must not take one image for another.
 * @throws Failure FILE_SYSTEM | NO_SPACE | SOURCE_CHANGED
 */
export async function writeBaseLayout(
  parent: string,
  bases: readonly BaseOfPlatform[],
  waiting: Waiting,
): Promise<{ path: string; digest: Digest }> {
  const folder = join(parent, `.${randomUUID()}`)
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
  const path = join(parent, digestHex(top.digest))
  await rename(folder, path).catch((error: unknown) => {
    // another name of the same image
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error
  })
  return { path, digest: top.digest }
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
