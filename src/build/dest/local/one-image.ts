/** Files of two images in one place could not be told apart. */
import { Failure } from '../../../base/index.ts'
import type { BuiltImage } from '../../image.ts'

/** Lets the first image of a run through. @throws Failure USAGE for every other one */
export function oneImageOnly(name: string): (image: BuiltImage) => void {
  let first: BuiltImage | undefined
  return (image) => {
    first ??= image
    if (first === image) return
    throw new Failure('USAGE', `${name} takes the files of one image, and the run builds several`, {
      hint: 'build one image of the plan in one variant, or write an archive of all with type=oci',
    })
  }
}
