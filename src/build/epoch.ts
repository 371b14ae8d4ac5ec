/** SOURCE_DATE_EPOCH: the time of everything a build writes (reproducible-builds.org), in seconds since the epoch. */
import { Failure } from '../base/index.ts'

/** Nothing for an absent or empty value. @throws Failure USAGE */
export function parseEpoch(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new Failure('USAGE', `SOURCE_DATE_EPOCH is "${text}", not a number of seconds`)
}
