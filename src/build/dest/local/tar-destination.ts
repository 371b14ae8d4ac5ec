/** The file system of an image as one tar (`type=tar`). */
import { openRecipe, tarEndSize, type Recipe } from '../../../layer/index.ts'
import type { ArchiveSink } from '../archive/archive-sink.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import { imageFiles } from './image-files.ts'
import { oneImageOnly } from './one-image.ts'

/** What is seen at once lacks the end of a tar until all else is in place. */
export function tarDestination(sink: ArchiveSink, { emit, signal, tally }: DestinationOptions): Destination {
  const { name } = sink
  const checkImage = oneImageOnly(name)
  let files: Recipe | undefined

  const write = async (part: 'content' | 'end'): Promise<void> => {
    if (!files) return
    const middle = files.size - tarEndSize
    const range = part === 'content' ? { end: middle } : { start: middle }
    await sink.write(openRecipe(files, { ...range, tally }), { signal })
  }
  return {
    name,
    async stage(image) {
      checkImage(image)
      files = await imageFiles(image, { signal })
      return image.platforms.flatMap(({ layers }) => layers.map(({ blob }) => blob.descriptor))
    },
    async prepare() {
      await write('content')
      if (!sink.isStream) await write('end')
    },
    async commit() {
      if (sink.isStream) await write('end')
      await sink.commit()
      emit({ kind: 'published', destination: name, references: [] })
    },
    abandon: () => sink.abandon(),
  }
}
