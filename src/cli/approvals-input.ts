/** Flags of counting as options, and files of events as what was collected. */
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Failure, fileFailure, nearest } from '../base/index.ts'
import {
  collectEvents,
  countModes,
  outcomes,
  parseDate,
  readPeople,
  readRecords,
  type Collected,
  type EventRecord,
  type KnownPerson,
  type PictureOptions,
} from '../approvals/index.ts'
import type { CountFlags } from './approvals-command.ts'

/** @throws Failure USAGE | APPROVALS_INVALID | FILE_SYSTEM */
export async function collectFiles(files: readonly string[]): Promise<Collected> {
  if (files.filter((file) => file === '-').length > 1)
    throw new Failure('USAGE', 'the standard input can be read once only')
  return collectEvents(recordsOf(files))
}

async function* recordsOf(files: readonly string[]): AsyncGenerator<EventRecord> {
  for (const file of files) yield* readRecords(openEvents(file), file === '-' ? 'stdin' : file)
}

export async function* openEvents(file: string): AsyncGenerator<Uint8Array> {
  if (file === '-' && process.stdin.isTTY)
    throw new Failure('USAGE', 'events are read from the standard input, which is a terminal', {
      hint: 'slipway approvals git REPOSITORY | slipway approvals graph - -o approvals.html',
    })
  try {
    yield* file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1024 * 1024 })
  } catch (error) {
    throw fileFailure('read', file, error)
  }
}

/** @throws Failure USAGE | APPROVALS_INVALID */
export async function pictureOptions(flags: CountFlags): Promise<PictureOptions> {
  const since = flags.since === undefined ? undefined : parseDate('--since', flags.since)
  const until = flags.until === undefined ? undefined : parseDate('--until', flags.until)
  if (since !== undefined && until !== undefined && since >= until)
    throw new Failure('USAGE', `--since ${flags.since} is not before --until ${flags.until}`)
  const outcome = choice('--outcome', flags.outcome, [...outcomes, 'all'] as const)
  return {
    mode: choice('--count', flags.count, countModes),
    identity: { bots: flags.bot, mergeNames: flags.mergeNames, known: await knownPeople(flags.people) },
    count: {
      since,
      until,
      outcome: outcome === 'all' ? undefined : outcome,
      includeBots: flags.bots,
      excludeGhosts: !flags.ghosts,
      includeSelf: flags.own,
      groupBy: choice('--group-by', flags.groupBy, ['person', 'team'] as const),
    },
    view: {
      min: wholeNumber('--min', flags.min, 1),
      minPer: choice('--min-per', flags.minPer, ['pair', 'direction'] as const),
      top: wholeNumber('--top', flags.top, 1),
      hasOthers: flags.others,
    },
  }
}

async function knownPeople(file: string | undefined): Promise<KnownPerson[]> {
  if (file === undefined) return []
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw fileFailure('read', file, error)
  })
  return readPeople(text, file)
}

export function choice<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find((each) => each === text)
  if (found !== undefined) return found
  const near = nearest(text, choices)
  throw new Failure('USAGE', `${flag} "${text}" is none of ${choices.join(', ')}`, {
    hint: near === undefined ? undefined : `did you mean ${flag} ${near}?`,
  })
}

export function wholeNumber(flag: string, text: string, least: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least) return value
  throw new Failure('USAGE', `${flag} "${text}" is no whole number from ${least} on`)
}
