/** Points in time as people write them. */
import { Failure } from '../base/index.ts'

/**
 * Milliseconds since 1970 of `2020-01-01` (its midnight), `2020-01` (that of its first day), `2020`, or a full ISO 8601 time
 * with its zone. @throws Failure USAGE
 */
export function parseDate(flag: string, text: string): number {
  const short = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text)
  const full = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})$/.test(text)
  const time = short
    ? Date.parse(`${short[1]}-${short[2] ?? '01'}-${short[3] ?? '01'}T00:00:00Z`)
    : full
      ? Date.parse(text.replace(' ', 'T'))
      : Number.NaN
  // Date.parse takes 30 February for 1 March.
  const isReal = !short?.[3] || new Date(time).getUTCDate() === Number(short[3])
  if (!Number.isNaN(time) && isReal) return time
  throw new Failure('USAGE', `${flag} "${text}" is no date`, {
    hint: 'write 2020-01-01, or 2020-01-01T12:00:00Z; days begin at midnight UTC',
  })
}

/** Seconds since 1970 as ISO 8601 in UTC. */
export type TimeFormat = (seconds: number) => string

/** For times of a history, most of one day with the one before: `Date` takes as long for each as the rest of an event. */
export function timeFormat(): TimeFormat {
  let [known, date] = [Number.NaN, '']
  return (seconds) => {
    const day = Math.floor(seconds / 86_400)
    if (day !== known) {
      date = new Date(day * 86_400_000).toISOString().slice(0, -'00:00:00.000Z'.length)
      known = day
    }
    const minutes = Math.floor((seconds - day * 86_400) / 60)
    return `${date}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds - day * 86_400 - minutes * 60)}.000Z`
  }
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number)
}
