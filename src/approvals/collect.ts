/** Events of any number of sources, kept in columns: a million of them take tens of megabytes. */
import {
  outcomes,
  reviewStates,
  type ApprovalEvent,
  type EventRecord,
  type Outcome,
  type Person,
  type ReviewState,
} from './event.ts'

/** Numbers of one kind for all rows, in an array that grows. */
type Column = Float64Array | Int32Array | Uint8Array

interface Columns {
  /** indexes of `Collected.people` */
  approver: Int32Array
  author: Int32Array
  /** index of a change, -1 for rows without */
  change: Int32Array
  repo: Int32Array
  /** milliseconds since 1970; NaN for rows without a date */
  at: Float64Array
  /** milliseconds since 1970; NaN when nobody knows */
  opened: Float64Array
  /** index of `reviewStates` */
  state: Uint8Array
  /** index of `reviewStates`, or that of `state` */
  was: Uint8Array
  /** index of `outcomes` + 1, 0 when nobody knows */
  outcome: Uint8Array
  coauthor: Uint8Array
  count: Float64Array
}

export type Rows = Readonly<Columns> & { readonly length: number }

/** One source as its first and last record tell of it. */
export interface CollectedSource {
  readonly source: string
  readonly repos: readonly string[]
  readonly detail: Readonly<Record<string, string>>
  readonly coverage: Readonly<Record<string, number>>
  readonly partial: readonly string[]
  readonly notes: readonly string[]
}

export interface Collected {
  readonly rows: Rows
  /** as sources know them, each spelling once; the first is nobody */
  readonly people: readonly (Person | null)[]
  readonly repos: readonly string[]
  /** number of changes that have a name */
  readonly changes: number
  readonly sources: readonly CollectedSource[]
}

export async function collectEvents(records: AsyncIterable<EventRecord>): Promise<Collected> {
  const collector = newCollector()
  for await (const record of records) collector.add(record)
  return collector.finish()
}

export interface Collector {
  readonly add: (record: EventRecord) => void
  readonly finish: () => Collected
}

export function newCollector(): Collector {
  const people = newIndex<Person | null>()
  people.of('', null)
  const repos = newIndex<string>()
  const changes = newIndex<undefined>()
  const sources: { open: boolean; events: number; facts: CollectedSource }[] = []
  const rows = newRows()
  const stateOf = new Map(reviewStates.map((state, index) => [state, index] as const))
  const add = (event: ApprovalEvent): void => {
    const repo = repos.of(event.repo, event.repo)
    rows.add({
      approver: people.of(spellingOf(event.approver), event.approver),
      author: people.of(spellingOf(event.author), event.author),
      change: event.change === undefined ? -1 : changes.of(`${repo} ${event.change}`, undefined),
      repo,
      at: event.at === undefined ? Number.NaN : Date.parse(event.at),
      opened: event.opened === undefined ? Number.NaN : Date.parse(event.opened),
      state: stateOf.get(event.state)!,
      was: stateOf.get(event.was ?? event.state)!,
      outcome: event.outcome === undefined ? 0 : outcomes.indexOf(event.outcome) + 1,
      coauthor: event.coauthor ? 1 : 0,
      count: event.count ?? 1,
    })
  }
  return {
    add(record) {
      const last = sources.at(-1)
      if (record.kind === 'approval') {
        if (last) last.events++
        add(record)
      } else if (record.kind === 'source') {
        const { source, repos: names, detail = {} } = record
        sources.push({
          open: true,
          events: 0,
          facts: { source, repos: names, detail, coverage: {}, partial: [], notes: [] },
        })
      } else if (last?.open) {
        last.open = false
        const missing = record.events - last.events
        const lost =
          missing > 0 ? [`${missing} of ${record.events} events of ${nameOf(last.facts)} are missing`] : []
        last.facts = {
          ...last.facts,
          coverage: record.coverage,
          partial: [...record.partial, ...lost],
          notes: record.notes ?? [],
        }
      }
    },
    finish: () => ({
      rows: rows.finish(),
      people: people.values,
      repos: repos.values,
      changes: changes.values.length,
      sources: sources.map(({ open, facts }) => (open ? cutOff(facts) : facts)),
    }),
  }
}

/** A stream that was cut looks like a short one, but for its missing end. */
function cutOff(facts: CollectedSource): CollectedSource {
  return { ...facts, partial: [...facts.partial, `the events of ${nameOf(facts)} stop before their end`] }
}

function nameOf({ source, repos }: CollectedSource): string {
  return repos.length === 0 ? source : repos.join(', ')
}

export function stateAt(index: number): ReviewState {
  return reviewStates[index]!
}

/** Nothing when nobody knows. */
export function outcomeAt(index: number): Outcome | undefined {
  return outcomes[index - 1]
}

function spellingOf(person: Person | null): string {
  if (person === null) return ''
  const { id = '', login = '', name = '', email = '', type = '' } = person
  return `${id}\n${login}\n${name}\n${email}\n${type}`
}

function newIndex<T>(): { readonly values: T[]; readonly of: (key: string, value: T) => number } {
  const byKey = new Map<string, number>()
  const values: T[] = []
  return {
    values,
    of(key, value) {
      const found = byKey.get(key)
      if (found !== undefined) return found
      byKey.set(key, values.length)
      return values.push(value) - 1
    },
  }
}

function newRows(): { add: (row: Record<keyof Columns, number>) => void; finish: () => Rows } {
  let [length, capacity] = [0, 1024]
  const columns: Columns = {
    approver: new Int32Array(capacity),
    author: new Int32Array(capacity),
    change: new Int32Array(capacity),
    repo: new Int32Array(capacity),
    at: new Float64Array(capacity),
    opened: new Float64Array(capacity),
    state: new Uint8Array(capacity),
    was: new Uint8Array(capacity),
    outcome: new Uint8Array(capacity),
    coauthor: new Uint8Array(capacity),
    count: new Float64Array(capacity),
  }
  const names = Object.keys(columns) as (keyof Columns)[]
  const grow = (): void => {
    capacity *= 2
    for (const name of names) {
      const before: Column = columns[name]
      const after = new (before.constructor as new (size: number) => Column)(capacity)
      after.set(before)
      ;(columns as Record<keyof Columns, Column>)[name] = after
    }
  }
  return {
    add(row) {
      if (length === capacity) grow()
      for (const name of names) columns[name][length] = row[name]
      length++
    },
    finish: () => ({ ...columns, length }),
  }
}
