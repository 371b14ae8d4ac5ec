/**
 * Approvals of changes of a Gerrit server as events: the highest vote on Code-Review approves, a negative one asks for
 * changes, those between are comments (Gerrit REST API, "Query Changes", "Label Info").
 */
import * as z from 'zod/mini'
import { Failure, type Waiting } from '../../../base/index.ts'
import type { Clock } from '../../../http/index.ts'
import type { ApprovalEvent, EventRecord, Outcome, Person, ReviewState } from '../../event.ts'
import { openApi, type ApiClient } from '../api/api-client.ts'
import type { EmitSource } from '../progress.ts'

export interface GerritOptions extends Waiting {
  /** which changes, in Gerrit's own words; default: all */
  readonly query?: string | undefined
  /** default Code-Review */
  readonly label?: string | undefined
  readonly user?: string | undefined
  readonly token?: string | undefined
  /** milliseconds since 1970: changes that were not touched since are not read */
  readonly since?: number | undefined
  readonly emit: EmitSource
  readonly clock?: Clock | undefined
}

const account = z.object({
  _account_id: z.number(),
  name: z.optional(z.string()),
  email: z.optional(z.string()),
  username: z.optional(z.string()),
  tags: z.optional(z.array(z.string())),
})
const vote = z.extend(account, { value: z.optional(z.number()), date: z.optional(z.string()) })
const label = z.object({
  all: z.optional(z.array(vote)),
  values: z.optional(z.record(z.string(), z.string())),
})
const changes = z.array(
  z.object({
    _number: z.number(),
    project: z.string(),
    branch: z.string(),
    status: z.string(),
    created: z.string(),
    updated: z.string(),
    owner: account,
    labels: z.optional(z.record(z.string(), label)),
    _more_changes: z.optional(z.boolean()),
  }),
)
type Change = z.infer<typeof changes>[number]

/** A server may refuse to count further than this; then the walk begins anew below the last change seen. */
const longestOffset = 5000

/** @throws Failure APPROVALS_SOURCE | APPROVALS_UNAUTHORIZED | USAGE */
export async function* readGerrit(server: string, options: GerritOptions): AsyncGenerator<EventRecord[]> {
  if (!/^https?:\/\//.test(server) || !URL.canParse(server))
    throw new Failure('USAGE', `"${server}" is no address of a Gerrit server`, {
      hint: 'write it as https://review.example.org',
    })
  const { user, token, label: name = 'Code-Review' } = options
  const hasLogin = user !== undefined && token !== undefined
  const host = new URL(server).host
  const api = openApi({
    url: `${server.replace(/\/+$/, '')}${hasLogin ? '/a' : ''}`,
    emit: options.emit,
    clock: options.clock,
    signal: options.signal,
    accessHint: 'set GERRIT_USER and GERRIT_TOKEN to an account that may read the changes',
    headers: hasLogin ? { authorization: `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}` } : {},
  })
  try {
    const read = await readChanges(api, options, host)
    const events = read.flatMap((change) => eventsOf(change, host, name))
    const unlabelled = read.filter(({ labels }) => labels?.[name] === undefined).length
    yield [
      {
        kind: 'source',
        version: 1,
        source: 'gerrit',
        repos: [...new Set(read.map(({ project }) => project))].toSorted(),
        detail: { server: host },
      },
      ...events,
      {
        kind: 'end',
        events: events.length,
        partial: [],
        coverage: { changes: read.length, votes: events.length, withoutLabel: unlabelled },
        notes:
          read.length > 0 && unlabelled === read.length
            ? [`no change of ${host} has a label ${name}; --label names another`]
            : [],
      },
    ]
  } finally {
    api.close()
  }
}

async function readChanges(api: ApiClient, options: GerritOptions, host: string): Promise<Change[]> {
  const all = new Map<number, Change>()
  let before: string | undefined
  let offset = 0
  const from = options.since === undefined ? '' : ` after:"${gerritTime(options.since)}"`
  for (;;) {
    const slice = before === undefined ? '' : ` before:"${before}"`
    const query = encodeURIComponent(`${options.query ?? '-is:wip OR is:wip'}${from}${slice}`.trim())
    const path = `/changes/?q=${query}&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&n=200&S=${offset}`
    const answer = await api.send({ path, guard: ")]}'", accept: [400] })
    const parsed = changes.safeParse(answer.body)
    if (answer.status === 400 && offset > 0) before = lastTouched(all)
    else if (!parsed.success)
      throw new Failure(
        'APPROVALS_SOURCE',
        `${host} does not answer as Gerrit does to the query ${options.query ?? 'for all changes'}`,
        { hint: 'check the address and the query' },
      )
    else {
      const sizeBefore = all.size
      for (const change of parsed.data) all.set(change._number, change)
      options.emit({ kind: 'progress', repo: host, done: all.size, total: undefined })
      const hasMore = parsed.data.at(-1)?._more_changes === true
      if (!hasMore) return [...all.values()].toSorted((a, b) => a._number - b._number)
      offset += parsed.data.length
      if (offset < longestOffset || all.size === sizeBefore) continue
      before = lastTouched(all)
    }
    offset = 0
  }
}

/** A second later than the last change seen, as `before:` leaves its own second out. */
function lastTouched(all: ReadonlyMap<number, Change>): string {
  return gerritTime(Date.parse(isoOf([...all.values()].at(-1)!.updated)) + 1000)
}

/** `2020-01-31 12:00:00.000000000` is in UTC. */
function isoOf(time: string): string {
  return `${time.slice(0, 19).replace(' ', 'T')}Z`
}

function gerritTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} +0000`
}

function eventsOf(change: Change, host: string, name: string): ApprovalEvent[] {
  const { all = [], values = {} } = change.labels?.[name] ?? {}
  const highest = Math.max(
    ...Object.keys(values).map(Number),
    ...(Object.keys(values).length === 0 ? [2] : []),
  )
  return all
    .filter(({ value = 0 }) => value !== 0)
    .map((each): ApprovalEvent => ({
      kind: 'approval',
      source: 'gerrit',
      repo: change.project,
      change: `#${change._number}`,
      review: `${change._number}-${each._account_id}`,
      author: personOf(change.owner, host),
      approver: personOf(each, host),
      at: isoOf(each.date ?? change.updated),
      state: stateOf(each.value!, highest),
      outcome: outcomeOf(change.status),
      opened: isoOf(change.created),
      via: `${name.toLowerCase()}${each.value! > 0 ? '+' : ''}${each.value}`,
    }))
}

function stateOf(value: number, highest: number): ReviewState {
  if (value === highest) return 'approved'
  return value < 0 ? 'changes_requested' : 'commented'
}

function outcomeOf(status: string): Outcome {
  return status === 'MERGED' ? 'merged' : status === 'ABANDONED' ? 'closed' : 'open'
}

function personOf(
  { _account_id: id, name, email, username, tags }: z.infer<typeof account>,
  host: string,
): Person {
  return {
    id: `${host}:${id}`,
    ...(username !== undefined && { login: username }),
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
    ...(tags?.includes('SERVICE_USER') && { type: 'bot' as const }),
  }
}
