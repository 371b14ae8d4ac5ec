/** Lines of events as text to records, checked: what is wrong is an error with its line. */
import { Failure, type Place } from '../base/index.ts'
import {
  eventVersion,
  outcomes,
  reviewStates,
  type ApprovalEvent,
  type EndRecord,
  type EventRecord,
  type Person,
  type SourceRecord,
} from './event.ts'

/** Records of a stream of bytes. @throws Failure APPROVALS_INVALID with the line */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
): AsyncGenerator<EventRecord> {
  let line = 0
  for await (const text of linesOf(chunks)) {
    line++
    if (text.trim() === '') continue
    yield parseEvent(text, file, line)
  }
}

/** Lines without their ends; a last line needs none. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop()!
    yield* lines
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

export function parseEvent(text: string, file: string, line: number): EventRecord {
  const fail = (message: string): never => {
    const at: Place = { file, line, column: 1 }
    throw new Failure('APPROVALS_INVALID', message, {
      at,
      hint: 'events are what slipway approvals git, github, gerrit, gitlab, gharchive and rows print',
    })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return fail(`a line of events is not JSON: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || value === null) return fail('a line of events is no JSON object')
  const { kind } = value as { kind?: unknown }
  if (kind === 'approval') return checkedApproval(value as ApprovalEvent, fail)
  if (kind === 'source') {
    const { version, repos } = value as SourceRecord
    if (version !== eventVersion)
      return fail(`events are of version ${String(version)}, and ${String(eventVersion)} is what is read`)
    if (!Array.isArray(repos)) return fail('a source has no list of repos')
    return value as SourceRecord
  }
  if (kind === 'end') {
    if (!Array.isArray((value as EndRecord).partial)) return fail('an end has no list of what is partial')
    return value as EndRecord
  }
  return fail(`a record is of kind ${JSON.stringify(kind)}, not approval, source or end`)
}

type Fail = (message: string) => never

/** States are spelled as one host or another does: webhooks of GitHub write lower case, its API upper case. */
function checkedApproval(event: ApprovalEvent, fail: Fail): ApprovalEvent {
  const state = stateOf(event.state, fail)
  if (typeof event.repo !== 'string') fail('an approval has no repo')
  if (event.at !== undefined && Number.isNaN(Date.parse(event.at)))
    fail(`"${event.at}" is no point in time as ISO 8601 writes it`)
  if (event.outcome !== undefined && !outcomes.includes(event.outcome))
    fail(`an outcome is ${outcomes.join(', ')}, not ${JSON.stringify(event.outcome)}`)
  if (event.count !== undefined && !(Number.isSafeInteger(event.count) && event.count >= 0))
    fail(`a count is a whole number, not ${JSON.stringify(event.count)}`)
  checkPerson('author', event.author, fail)
  checkPerson('approver', event.approver, fail)
  const was = event.was === undefined ? undefined : stateOf(event.was, fail)
  return state === event.state && was === event.was ? event : { ...event, state, was }
}

function stateOf(value: unknown, fail: Fail): ApprovalEvent['state'] {
  const state = typeof value === 'string' ? value.toLowerCase() : value
  return reviewStates.includes(state as 'approved')
    ? (state as 'approved')
    : fail(`a state is ${reviewStates.join(', ')}, not ${JSON.stringify(value)}`)
}

function checkPerson(role: string, person: Person | null | undefined, fail: Fail): void {
  if (person === null) return
  if (typeof person !== 'object') fail(`an approval has no ${role}; one that is gone is null`)
  for (const key of ['id', 'login', 'name', 'email'] as const)
    if (person![key] !== undefined && typeof person![key] !== 'string')
      fail(`the ${key} of the ${role} is no text`)
}
