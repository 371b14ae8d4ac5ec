/** What refers to an image, to be copied with it: signatures, SBOMs, provenance, and what refers to those. */
import { all } from '../../base/index.ts'
import { bytesOpener, type Blob, type Descriptor, type Manifest } from '../../oci/index.ts'
import type { Referrer } from '../attest/referrer.ts'
import type { ImageSource } from '../source/image-source.ts'
import type { ReadImage } from '../source/read-image.ts'

/** Nothing where the source keeps no lists. @throws Failure IMAGE_INVALID | REGISTRY_… */
export async function copiedReferrers(source: ImageSource, image: ReadImage): Promise<Referrer[]> {
  const { referrers } = source
  if (!referrers) return []
  const found = new Map<string, Referrer>()
  const visit = async (subject: Descriptor): Promise<void> => {
    await all(await referrers(subject.digest), async (descriptor) => {
      if (found.has(descriptor.digest)) return
      const referrer = await readReferrer(source, subject, descriptor)
      found.set(descriptor.digest, referrer)
      await visit(descriptor)
    })
  }
  const subjects = [image.top, ...image.indexes, ...image.manifests].map(({ descriptor }) => descriptor)
  await all(new Map(subjects.map((subject) => [subject.digest, subject])).values(), visit)
  return [...found.values()]
}

async function readReferrer(
  source: ImageSource,
  { mediaType, digest, size }: Descriptor,
  descriptor: Descriptor,
): Promise<Referrer> {
  const bytes = await source.read(descriptor)
  const { config, layers = [] } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Manifest>
  const content = [...(config ? [config] : []), ...layers]
  return {
    subject: { mediaType, digest, size },
    manifest: { descriptor, open: bytesOpener(bytes) },
    content: content.map((part): Blob => ({ descriptor: part, open: source.open(part) })),
    descriptor,
  }
}
