/** The last good result of each image, over rounds that build only some of them. */
import type { BuiltImage } from '../build/index.ts'
import { formatReference } from '../oci/index.ts'
import type { RunResult } from './run.ts'

export interface LatestResults {
  /** Takes the results of a round; returns the images that are not what they were, or have other names. */
  readonly add: (result: RunResult) => readonly string[]
  /** The result as if all images had been in it. */
  readonly merged: (result: RunResult) => RunResult
}

export function newLatest(): LatestResults {
  const parts = new Map<string, Pick<RunResult, 'images' | 'deliveries' | 'rows'>>()
  const stateOf = (image: BuiltImage | undefined) =>
    image && [image.top.descriptor.digest, ...image.references.map((each) => formatReference(each))].join()
  return {
    add({ images, deliveries, rows }) {
      const moved: string[] = []
      for (const image of images) {
        const { name, variant } = image
        const shown = variant === undefined ? name : `${name} (${variant})`
        if (stateOf(parts.get(shown)?.images[0]) !== stateOf(image)) moved.push(shown)
        parts.set(shown, {
          images: [image],
          deliveries: deliveries.filter((each) => each.image.name === name && each.image.variant === variant),
          rows: rows.filter((row) => row.image === name && row.variant === variant),
        })
      }
      return moved
    },
    merged: (result) => ({
      ...result,
      images: [...parts.values()].flatMap(({ images }) => images),
      deliveries: [...parts.values()].flatMap(({ deliveries }) => deliveries),
      rows: [...parts.values()].flatMap(({ rows }) => rows),
    }),
  }
}
