/** Dates and times: RFC 3339 texts and seconds since the epoch. */
import { ArgumentError } from '../function.ts'
import { object, type Value } from '../value.ts'
import { define, num, some, text, type FunctionTable } from './define.ts'

/** `now`: milliseconds since the epoch. */
export function timeFunctions(now: () => number): FunctionTable {
  return {
    timestamp: define([], () => formatRfc3339(now(), 0)),
    formatdate: define<[string, string]>([text('format'), text('time')], (format, time) =>
      formatTime(format, parseTime(time, 1)),
    ),
    formattimestamp: define<[string, Value]>([text('format'), some('time')], (format, time) => {
      const parsed =
        typeof time === 'number' ? unixTime(time, 1) : parseTime(typeof time === 'string' ? time : '', 1)
      return format === 'X' ? String(Math.floor(parsed.epoch / 1000)) : formatTime(format, parsed)
    }),
    timeadd: define<[string, string]>([text('timestamp'), text('duration')], (time, duration) => {
      const { epoch, offset } = parseTime(time, 0)
      return formatRfc3339(epoch + parseDuration(duration), offset)
    }),
    unixtimestampparse: define<[number]>([num('unix_timestamp')], (seconds) => parts(unixTime(seconds, 0))),
  }
}

interface Time {
  /** milliseconds */
  readonly epoch: number
  /** minutes east of UTC */
  readonly offset: number
}

function unixTime(seconds: number, index: number): Time {
  if (!Number.isInteger(seconds))
    throw new ArgumentError('seconds since the epoch must be a whole number', index)
  return { epoch: seconds * 1000, offset: 0 }
}

function parseTime(written: string, index: number): Time {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(written)
  const epoch = Date.parse(written)
  if (!match || Number.isNaN(epoch))
    throw new ArgumentError(`"${written}" is no time such as 2006-01-02T15:04:05Z`, index)
  const minutes = match[1] === undefined ? 0 : Number(match[2]) * 60 + Number(match[3])
  return { epoch, offset: match[1] === '-' ? -minutes : minutes }
}

function formatRfc3339(epoch: number, offset: number): string {
  const local = new Date(epoch + offset * 60_000).toISOString().replace(/\.\d+Z$/, '')
  return local + (offset === 0 ? 'Z' : zone(offset, ':'))
}

function zone(offset: number, separator: string): string {
  const minutes = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${separator}${pad(minutes % 60)}`
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function formatTime(format: string, { epoch, offset }: Time): string {
  const date = new Date(epoch + offset * 60_000)
  const hours = date.getUTCHours()
  const verbs: Record<string, string> = {
    YYYY: String(date.getUTCFullYear()).padStart(4, '0'),
    YY: pad(date.getUTCFullYear() % 100),
    MMMM: months[date.getUTCMonth()]!,
    MMM: months[date.getUTCMonth()]!.slice(0, 3),
    MM: pad(date.getUTCMonth() + 1),
    M: String(date.getUTCMonth() + 1),
    DD: pad(date.getUTCDate()),
    D: String(date.getUTCDate()),
    EEEE: weekdays[date.getUTCDay()]!,
    EEE: weekdays[date.getUTCDay()]!.slice(0, 3),
    hh: pad(hours),
    h: String(hours),
    HH: pad(hours % 12 || 12),
    H: String(hours % 12 || 12),
    AA: hours < 12 ? 'AM' : 'PM',
    aa: hours < 12 ? 'am' : 'pm',
    mm: pad(date.getUTCMinutes()),
    m: String(date.getUTCMinutes()),
    ss: pad(date.getUTCSeconds()),
    s: String(date.getUTCSeconds()),
    ZZZZZ: zone(offset, ':'),
    ZZZZ: zone(offset, ''),
    ZZZ: offset === 0 ? 'UTC' : zone(offset, ''),
    Z: offset === 0 ? 'Z' : zone(offset, ':'),
  }
  return format.replaceAll(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (written, quoted?: string) => {
    if (quoted !== undefined) return quoted.replaceAll("''", "'")
    const verb = verbs[written]
    if (verb === undefined)
      throw new ArgumentError(`the format has "${written}", which is no part of a time`, 0)
    return verb
  })
}

const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

function parseDuration(written: string): number {
  const all = /^([+-]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(written)
  if (!all) throw new ArgumentError(`"${written}" is no duration such as 1h30m`, 1)
  const total = Array.from(
    all[2]!.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g),
    ([, count, unit]) => Number(count) * units[unit!]!,
  )
  return total.reduce((sum, part) => sum + part, 0) * (all[1] === '-' ? -1 : 1)
}

function parts({ epoch }: Time): Value {
  const date = new Date(epoch)
  const startOfYear = Date.UTC(date.getUTCFullYear(), 0, 1)
  const thursday = new Date(epoch)
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7))
  const isoStart = Date.UTC(thursday.getUTCFullYear(), 0, 1)
  return object(
    Object.entries({
      year: date.getUTCFullYear(),
      year_day: Math.floor((epoch - startOfYear) / 86_400_000) + 1,
      day: date.getUTCDate(),
      month: date.getUTCMonth() + 1,
      month_name: months[date.getUTCMonth()]!,
      weekday: date.getUTCDay(),
      weekday_name: weekdays[date.getUTCDay()]!,
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      rfc3339: formatRfc3339(epoch, 0),
      iso_year: thursday.getUTCFullYear(),
      iso_week: Math.floor((thursday.getTime() - isoStart) / 604_800_000) + 1,
    }),
  )
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
