/** An image in a registry as a source. */
import { formatReference, type Reference } from '../../oci/index.ts'
import type { ImageSource } from './image-source.ts'
import { registryDocuments, type DocumentKind, type DocumentOptions } from './registry-documents.ts'

const images: DocumentKind = {
  noun: 'image',
  missing: 'IMAGE_NOT_FOUND',
  invalid: 'IMAGE_INVALID',
  missingHint: 'check the name and the tag',
}

/** One request for what the name leads to; documents come from the cache where they are known. @throws Failure IMAGE_NOT_FOUND | REGISTRY_… */
export async function registrySource(reference: Reference, options: DocumentOptions): Promise<ImageSource> {
  const documents = registryDocuments(reference, images, options)
  const { registry: host, repository, tag, digest } = reference
  const registry = options.registry(host)
  return {
    name: formatReference(reference),
    top: await (digest === undefined ? documents.top() : documents.pinned(digest)),
    references: tag === undefined ? [] : [{ registry: host, repository, tag }],
    read: (descriptor) => documents.bytes(descriptor),
    open: (descriptor) => registry.openBlob(repository, descriptor),
    referrers: (subject) => registry.listReferrers(repository, subject),
    origin: { registry: host, repository },
    close: async () => undefined,
  }
}
