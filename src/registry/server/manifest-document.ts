/** What the registry has to know of a manifest: what it names and what it says about itself. Pure. */
import {
  isDigest,
  isIndexMediaType,
  isManifestMediaType,
  type Descriptor,
  type Digest,
} from '../../oci/index.ts'
import { refuse } from './answer.ts'

export interface ManifestDocument {
  /** blobs that must be there first */
  readonly blobs: readonly Digest[]
  /** manifests that must be there first */
  readonly children: readonly Digest[]
  readonly subject: Digest | undefined
  /** as the referrers list shows it (distribution-spec "Listing Referrers") */
  readonly artifactType: string | undefined
  readonly annotations: Readonly<Record<string, string>> | undefined
}

/** Layers that registries do not have to hold (image-spec layer.md, "Non-Distributable Layers"). */
const foreignLayer = /foreign|nondistributable/

/** @throws Refusal 400 MANIFEST_INVALID */
export function readManifestDocument(bytes: Uint8Array, mediaType: string): ManifestDocument {
  if (!isManifestMediaType(mediaType) && !isIndexMediaType(mediaType))
    throw invalid(`"${mediaType}" is not a media type of manifests`)
  const document = parse(bytes)
  if (document['mediaType'] !== undefined && document['mediaType'] !== mediaType)
    throw invalid(`it was sent as ${mediaType} and says it is ${JSON.stringify(document['mediaType'])}`)
  const subject = document['subject'] === undefined ? undefined : descriptorOf(document['subject'], 'subject')
  const about = {
    subject: subject?.digest,
    annotations: document['annotations'] as Readonly<Record<string, string>> | undefined,
  }
  const artifactType = textOf(document['artifactType'])
  if (isIndexMediaType(mediaType)) {
    const manifests = descriptorsOf(document['manifests'], 'manifests')
    return { blobs: [], children: manifests.map(({ digest }) => digest), artifactType, ...about }
  }
  const config = descriptorOf(document['config'], 'config')
  const layers = descriptorsOf(document['layers'], 'layers').filter(
    (layer) => !foreignLayer.test(layer.mediaType),
  )
  return {
    blobs: [config, ...layers].map(({ digest }) => digest),
    children: [],
    artifactType: artifactType ?? config.mediaType,
    ...about,
  }
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof document === 'object' && document !== null && !Array.isArray(document))
      return document as Record<string, unknown>
  } catch {
    // told below, together with JSON that is no object
  }
  throw invalid('it is not a JSON object')
}

function descriptorsOf(value: unknown, name: string): Descriptor[] {
  if (!Array.isArray(value)) throw invalid(`it has no list "${name}"`)
  return value.map((item, index) => descriptorOf(item, `${name}[${index}]`))
}

function descriptorOf(value: unknown, name: string): Descriptor {
  const { digest, mediaType, size } = (value ?? {}) as Partial<Record<keyof Descriptor, unknown>>
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid(`its ${name} has no digest`)
  if (typeof mediaType !== 'string') throw invalid(`its ${name} has no media type`)
  return { digest, mediaType, size: Number(size) }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function invalid(why: string) {
  return refuse(400, 'MANIFEST_INVALID', `it is not a manifest: ${why}`)
}
