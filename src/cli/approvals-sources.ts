/** Sources of approvals as a process: events to the standard output or to a file that is whole or absent. */
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import type { Writable } from 'node:stream'
import { once } from 'node:events'
import { Failure, fileFailure, systemCode } from '../base/index.ts'
import {
  defaultKeys,
  eventFormat,
  messageStyles,
  readGit,
  readRecords,
  type EventRecord,
  type MessageStyle,
  type RowColumn,
} from '../approvals/index.ts'
import type { GitFlags, RowsFlags } from './approvals-command.ts'
import { choice, openEvents } from './approvals-input.ts'
import { abortOnSignals } from './interruption.ts'

/** what a source that could not give everything ends with */
export const partialStatus = 3

export async function runGit(repository: string, flags: GitFlags): Promise<void> {
  const styles = flags.style.filter((style) => style !== 'auto').map(parseStyle)
  await printEvents(flags.output, (signal) =>
    readGit(repository, {
      signal,
      ref: flags.ref,
      name: flags.name,
      keys: flags.keys ?? defaultKeys,
      styles: styles.length > 0 ? styles : undefined,
      allBranches: flags.allBranches,
    }),
  )
}

export async function runRows(file: string, flags: RowsFlags): Promise<void> {
  const columns = flags.columns?.map((column) => choice('--columns', column, rowColumns))
  if (columns && !(['author', 'approver', 'count'] as const).every((column) => columns.includes(column)))
    throw new Failure('USAGE', '--columns has no author, no approver or no count')
  const { name } = flags
  await printEvents(flags.output, async function* () {
    for await (const record of readRecords(openEvents(file), file === '-' ? 'stdin' : file, {
      columns,
      name,
    }))
      yield [record]
  })
}

const rowColumns: readonly RowColumn[] = ['author', 'approver', 'count', 'skip']

function parseStyle(text: string): MessageStyle {
  const style = messageStyles.find((each) => each === text)
  if (style) return style
  throw new Failure('USAGE', `--style "${text}" is none of auto, ${messageStyles.join(', ')}`)
}

/** Prints what a source gives and says on stderr what is missing; the exit status is 3 then. */
export async function printEvents(
  output: string | undefined,
  open: (signal: AbortSignal) => AsyncIterable<readonly EventRecord[]>,
): Promise<void> {
  const controller = new AbortController()
  const interruptions = abortOnSignals(controller)
  try {
    const end = await (output === undefined || output === '-'
      ? writeAll(process.stdout, open(controller.signal))
      : writeFile(output, open(controller.signal)))
    if (end === undefined) return
    for (const note of end.notes) process.stderr.write(`note: ${note}\n`)
    for (const reason of end.partial) process.stderr.write(`warning: ${reason}\n`)
    process.stderr.write(`${end.events} approvals of ${end.repos.join(', ')}${coverageText(end.coverage)}\n`)
    if (end.partial.length > 0) process.exitCode = partialStatus
  } finally {
    interruptions.release()
  }
}

interface Printed {
  readonly repos: readonly string[]
  readonly events: number
  readonly notes: readonly string[]
  readonly partial: readonly string[]
  readonly coverage: Readonly<Record<string, number>>
}

/** A server gives all events of a repository at once, which may be more than a text can hold. */
const linesAtOnce = 5000

/** Nothing when the reader of our output has left before the end. */
async function writeAll(
  stream: Writable,
  batches: AsyncIterable<readonly EventRecord[]>,
): Promise<Printed | undefined> {
  const repos: string[] = []
  const [notes, partial]: [string[], string[]] = [[], []]
  const coverage: Record<string, number> = {}
  const format = eventFormat()
  let events = 0
  for await (const batch of batches) {
    for (const record of batch) {
      if (record.kind === 'source') repos.push(...record.repos)
      if (record.kind !== 'end') continue
      events += record.events
      notes.push(...(record.notes ?? []))
      partial.push(...record.partial)
      for (const [name, count] of Object.entries(record.coverage))
        coverage[name] = (coverage[name] ?? 0) + count
    }
    for (let start = 0; start < batch.length; start += linesAtOnce) {
      const text = format(batch.slice(start, start + linesAtOnce))
      if (!stream.write(text) && stream.writable) await drained(stream)
      if (!stream.writable) return undefined
    }
  }
  return { repos, events, notes, partial, coverage }
}

/** Until it takes more, or takes nothing any more. */
async function drained(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    const events = ['drain', 'close', 'error'] as const
    const done = (): void => {
      for (const event of events) stream.off(event, done)
      resolve()
    }
    for (const event of events) stream.on(event, done)
  })
}

async function writeFile(
  path: string,
  batches: AsyncIterable<readonly EventRecord[]>,
): Promise<Printed | undefined> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const stream = createWriteStream(temporary)
  const failed = new Promise<never>((_, reject) => stream.once('error', reject))
  failed.catch(() => undefined)
  try {
    const printed = await Promise.race([writeAll(stream, batches), failed])
    stream.end()
    await Promise.race([once(stream, 'close'), failed])
    await rename(temporary, path)
    return printed
  } catch (error) {
    stream.destroy()
    await rm(temporary, { force: true })
    throw systemCode(error) === undefined ? error : fileFailure('write', path, error)
  }
}

/** ` (10703 commits, 9442 with approval)` */
function coverageText(coverage: Readonly<Record<string, number>>): string {
  const parts = Object.entries(coverage)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
