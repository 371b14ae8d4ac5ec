/**
 * The definition of the original chart: reviews whose state is approved now, submitted strictly after a moment, programs
 * and all outcomes in, pairs of more than 5 in a direction, nobody merged but by id or login, no others.
 */
import type { PictureOptions } from './picture.ts'

/** `since` in milliseconds since 1970. */
export function compatOptions(since: number): PictureOptions {
  return {
    mode: 'reviews',
    identity: { mergeNames: false },
    count: { since, isSinceStrict: true, keepsUndated: true, includeBots: true, includeSelf: true },
    view: { min: 6, minPer: 'direction', top: Infinity, hasOthers: false },
  }
}
