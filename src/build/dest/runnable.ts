/** What of an image a machine can use. Pure. */
import { samePlatform, type Platform } from '../../oci/index.ts'
import type { BuiltImage, BuiltPlatform } from '../image.ts'

/**
 * The platforms of an image that a machine runs, as a pull would choose them: its own; all when the image has no such
 * one, for then whoever asked for it knows how to run it.
 */
export function runnablePlatforms(image: BuiltImage, machine: Platform): readonly BuiltPlatform[] {
  const own = image.platforms.filter(({ platform }) => samePlatform(machine, platform))
  return own.length > 0 ? own : image.platforms
}
