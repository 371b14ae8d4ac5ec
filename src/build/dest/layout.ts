/** OCI image layout folders as a destination (image-layout.md). */
import { all, limit, once } from '../../base/index.ts'
import type { Blob, Descriptor } from '../../oci/index.ts'
import { openLayout, refNameAnnotation } from '../../store/index.ts'
import { contentOf, referrersOf, type BuiltImage } from '../image.ts'
import type { Destination, DestinationOptions } from './destination.ts'
import { namedDescriptors } from './named-descriptors.ts'

/** Files written at the same time: more brings nothing on one disk and costs buffers. */
const writers = 2

/**
 * A layout folder that takes all images of a run, named by their full references.
 * @throws Failure LAYOUT_INVALID when the folder holds something else
 */
export async function layoutDestination(folder: string, options: DestinationOptions): Promise<Destination> {
  const { tally, emit, signal } = options
  const layout = await openLayout(folder)
  const name = `layout ${folder}`
  const slot = limit(writers)
  const share = once<string, 'exists' | 'written'>()
  const staged: Descriptor[] = []
  /** documents about images, by digest: they have no names */
  const documents = new Map<string, Descriptor>()

  const write = async (blob: Blob, isProven: boolean): Promise<boolean> => {
    let isFirst = false
    const { digest, size } = blob.descriptor
    const state = await share(digest, async () => {
      isFirst = true
      if (await layout.has(blob.descriptor)) return 'exists'
      return slot(() => {
        emit({ kind: 'blob-started', destination: name, digest, bytes: size })
        return layout.write(blob, { signal, tally, isProven })
      })
    })
    if (isFirst) emit({ kind: 'blob', destination: name, digest, bytes: size, state })
    return isFirst && state === 'written'
  }
  return {
    name,
    takesReferrers: true,
    async stage(image: BuiltImage) {
      const { content, manifests, unproven } = contentOf(image)
      const added: Descriptor[] = []
      await all([...content, ...manifests, image.top], async (blob) => {
        if (await write(blob, !unproven.has(blob.descriptor.digest))) added.push(blob.descriptor)
      })
      for (const referrer of referrersOf(image)) {
        await all([...referrer.content, referrer.manifest], async (blob) => {
          if (await write(blob, true)) added.push(blob.descriptor)
        })
        documents.set(referrer.descriptor.digest, referrer.descriptor)
      }
      staged.push(...namedDescriptors(image))
      return added
    },
    async commit() {
      // Images get ready in any order; the index does not tell in which.
      const ordered = staged.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      const unnamed = [...documents.values()].toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
      await layout.commit([...ordered, ...unnamed], { signal })
      await layout.clean()
      const references = ordered.map(nameOf)
      emit({ kind: 'published', destination: name, references })
    },
    abandon: () => layout.clean(),
  }
}

function nameOf({ annotations, digest }: Descriptor): string {
  return annotations?.[refNameAnnotation] ?? digest
}
