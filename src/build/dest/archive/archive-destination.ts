/** All images of a run in one tar: an OCI layout, or what `docker load` of any age reads as well. */
import { formatPlatform, formatReference, hostPlatform } from '../../../oci/index.ts'
import type { BuiltImage } from '../../image.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import type { ArchiveSink } from './archive-sink.ts'
import { chosenPlatform, imageArchive, type ArchiveOptions, type ImageArchive } from './image-archive.ts'
import { memberBytes, tarBytes, type TarMember } from './tar-members.ts'

/**
 * Blobs go from their sources to the sink, once all are known, in an order that does not tell which image was ready
 * first. The documents that make an archive of it come last.
 */
export function archiveDestination(
  sink: ArchiveSink,
  format: ArchiveOptions['format'],
  { emit, signal }: DestinationOptions,
): Destination {
  const { name } = sink
  const images: BuiltImage[] = []
  let archive: ImageArchive

  const onMember = ({ blob }: TarMember, state: 'started' | 'finished'): void => {
    if (!blob) return
    const { digest, size: bytes } = blob.descriptor
    if (state === 'started') emit({ kind: 'blob-started', destination: name, digest, bytes })
    else emit({ kind: 'blob', destination: name, digest, bytes, state: 'written' })
  }
  const warnOfPlatforms = (): void => {
    for (const image of images) {
      if (image.platforms.length < 2) continue
      const platform = formatPlatform(chosenPlatform(image, hostPlatform()).platform)
      const message = `${name}: daemons that keep one platform will load ${platform} of "${image.name}"`
      emit({ kind: 'warning', message, hint: 'those with the containerd store, and containerd, read all' })
    }
  }
  return {
    name,
    async stage(image) {
      images.push(image)
      return image.platforms.flatMap(({ layers }) => layers.map(({ blob }) => blob.descriptor))
    },
    async prepare() {
      if (format === 'docker') warnOfPlatforms()
      archive = imageArchive(images, { format, platform: hostPlatform() })
      const { content, documents } = archive
      const chunks = sink.isStream
        ? memberBytes(content, { signal, onMember })
        : tarBytes([...content, ...documents], { signal, onMember })
      await sink.write(chunks, { signal })
    },
    async commit() {
      if (sink.isStream) await sink.write(tarBytes(archive.documents))
      await sink.commit()
      const references = images.flatMap((image) => image.references.map((name) => formatReference(name)))
      emit({ kind: 'published', destination: name, references: references.toSorted() })
    },
    abandon: () => sink.abandon(),
  }
}
