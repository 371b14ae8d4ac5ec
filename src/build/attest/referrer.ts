/** Documents about an image that stand beside it in a registry: manifests with a subject (image-spec manifest.md). */
import {
  bytesBlob,
  jsonBlob,
  mediaTypes,
  type Blob,
  type Descriptor,
  type Manifest,
} from '../../oci/index.ts'

export interface Referrer {
  /** the manifest it is about */
  readonly subject: Descriptor
  readonly manifest: Blob
  /** what must be there before the manifest */
  readonly content: readonly Blob[]
  /** how lists of referrers show it */
  readonly descriptor: Descriptor
}

export interface ReferrerDocument {
  /** of the document, which is the artifact type too: that is what scanners look for */
  readonly mediaType: string
  /** name of the file that tools save it as */
  readonly fileName: string
  readonly bytes: Uint8Array
  readonly annotations?: Readonly<Record<string, string>>
}

/** Same document, same digest: nothing in it is of the moment. */
export function referrerOf({ mediaType, digest, size }: Descriptor, document: ReferrerDocument): Referrer {
  const config = bytesBlob(mediaTypes.empty, Buffer.from('{}'))
  const layer = bytesBlob(document.mediaType, document.bytes)
  const subject: Descriptor = { mediaType, digest, size }
  const annotated = document.annotations && { annotations: document.annotations }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: document.mediaType,
    config: config.descriptor,
    layers: [{ ...layer.descriptor, annotations: { 'org.opencontainers.image.title': document.fileName } }],
    subject,
    ...annotated,
  }
  const blob = jsonBlob(mediaTypes.manifest, manifest)
  return {
    subject,
    manifest: blob,
    content: [config, layer],
    descriptor: { ...blob.descriptor, artifactType: document.mediaType, ...annotated },
  }
}
