/**
 * Approvals of merge requests of a GitLab server as events. The approvals of a merge request are a set without a past: one
 * that is withdrawn or reset is gone from it and stays in notes of the system only (GitLab, "Merge request approvals API").
 */
import * as z from 'zod/mini'
import { Failure, type Waiting } from '../../../base/index.ts'
import type { Clock } from '../../../http/index.ts'
import type { ApprovalEvent, EventRecord, Outcome, Person } from '../../event.ts'
import { checked } from '../api/answer-shape.ts'
import { linkOf, openApi, type ApiClient } from '../api/api-client.ts'
import type { EmitSource } from '../progress.ts'

export interface GitlabOptions extends Waiting {
  readonly token?: string | undefined
  /** reads the notes of every merge request, so that approvals which were withdrawn are told as dismissed */
  readonly hasNotes?: boolean | undefined
  /** milliseconds since 1970: merge requests that were not touched since are not read */
  readonly since?: number | undefined
  readonly emit: EmitSource
  readonly clock?: Clock | undefined
}

const user = z.nullish(
  z.object({
    id: z.number(),
    username: z.string(),
    name: z.optional(z.string()),
    bot: z.optional(z.boolean()),
  }),
)
const mergeRequests = z.array(
  z.object({
    iid: z.number(),
    state: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    author: user,
  }),
)
const approvals = z.object({ approved_by: z.array(z.object({ user, approved_at: z.nullish(z.string()) })) })
const notes = z.array(
  z.object({ id: z.number(), body: z.string(), system: z.boolean(), created_at: z.string(), author: user }),
)

/** Projects as `https://gitlab.example.org/group/project`. @throws Failure APPROVALS_SOURCE | APPROVALS_UNAUTHORIZED | USAGE */
export async function* readGitlab(
  addresses: readonly string[],
  options: GitlabOptions,
): AsyncGenerator<EventRecord[]> {
  const projects = addresses.map(projectOf)
  const parts: EventRecord[][] = []
  for (const { origin, path } of projects) {
    const api = openApi({
      url: `${origin}/api/v4`,
      emit: options.emit,
      clock: options.clock,
      signal: options.signal,
      accessHint: 'set GITLAB_TOKEN to a token with the scope read_api',
      headers: options.token === undefined ? {} : { 'private-token': options.token },
    })
    try {
      parts.push(await readProject(api, { host: new URL(origin).host, path }, options))
    } finally {
      api.close()
    }
  }
  yield* parts
}

interface Project {
  readonly host: string
  /** `group/project` */
  readonly path: string
}

function projectOf(address: string): { origin: string; path: string } {
  const match = /^(https?:\/\/[^/]+)\/(.+?)(?:\.git)?\/*$/.exec(address)
  if (match && match[2]!.includes('/')) return { origin: match[1]!, path: match[2]! }
  throw new Failure('USAGE', `"${address}" is no address of a project of GitLab`, {
    hint: 'write it as https://gitlab.com/group/project',
  })
}

async function readProject(api: ApiClient, project: Project, options: GitlabOptions): Promise<EventRecord[]> {
  const base = `/projects/${encodeURIComponent(project.path)}/merge_requests`
  const since = options.since === undefined ? '' : `&updated_after=${new Date(options.since).toISOString()}`
  const all = await readPages(
    api,
    mergeRequests,
    `${base}?state=all&scope=all&order_by=created_at&sort=asc&per_page=100${since}`,
  )
  const events: ApprovalEvent[] = []
  let undated = 0
  for (const [index, request] of all.entries()) {
    const { approved_by: approved } = checked(
      approvals,
      (await api.send({ path: `${base}/${request.iid}/approvals` })).body,
      unknownShape,
    )
    const isDated = approved.every(({ approved_at: at }) => at)
    const told =
      options.hasNotes || !isDated
        ? await readPages(
            api,
            notes,
            `${base}/${request.iid}/notes?sort=asc&order_by=created_at&per_page=100`,
          )
        : []
    const found = eventsOf(project, request, { approved, told, hasNotes: options.hasNotes ?? false })
    undated += found.undated
    events.push(...found.events)
    if (index % 20 === 19)
      options.emit({ kind: 'progress', repo: project.path, done: index + 1, total: all.length })
  }
  return [
    { kind: 'source', version: 1, source: 'gitlab', repos: [project.path], detail: { server: project.host } },
    ...events,
    {
      kind: 'end',
      events: events.length,
      partial: [],
      coverage: { mergeRequests: all.length, approvals: events.length, undated },
      notes: options.hasNotes
        ? []
        : [`approvals of ${project.path} are those that hold now; --notes adds what was withdrawn`],
    },
  ]
}

interface Told {
  readonly approved: z.infer<typeof approvals>['approved_by']
  readonly told: z.infer<typeof notes>
  readonly hasNotes: boolean
}

/** How GitLab writes it into notes of the system, in English whatever the language of people is. */
const approvedNote = /^approved this merge request/i
const withdrawnNote = /^unapproved this merge request|^reset approvals/i

function eventsOf(
  project: Project,
  request: z.infer<typeof mergeRequests>[number],
  { approved, told, hasNotes }: Told,
): { events: ApprovalEvent[]; undated: number } {
  const system = told.filter((note) => note.system)
  const lastNote = (id: number | undefined) =>
    system.findLast((note) => approvedNote.test(note.body) && note.author?.id === id)
  const holds = new Set(approved.map(({ user: each }) => each?.id))
  const event = (who: z.infer<typeof user>, at: string, state: 'approved' | 'dismissed'): ApprovalEvent => ({
    kind: 'approval',
    source: 'gitlab',
    repo: project.path,
    change: `!${request.iid}`,
    review: `${request.iid}-${who?.id ?? 'gone'}`,
    author: personOf(request.author, project.host),
    approver: personOf(who, project.host),
    at: new Date(at).toISOString(),
    state,
    ...(state === 'dismissed' && { was: 'approved' as const }),
    outcome: outcomeOf(request.state),
    opened: new Date(request.created_at).toISOString(),
  })
  let undated = 0
  const current = approved.map(({ user: who, approved_at: at }) => {
    const time = at ?? lastNote(who?.id)?.created_at
    // Whoever approved did so before the merge request was last touched.
    if (time === undefined) undated++
    return event(who, time ?? request.updated_at, 'approved')
  })
  const gone = hasNotes
    ? [
        ...new Map(
          system
            .filter((note) => approvedNote.test(note.body))
            .map((note) => [note.author?.id, note] as const),
        ).values(),
      ]
    : []
  const hasReset = (note: { created_at: string }) =>
    system.some((other) => withdrawnNote.test(other.body) && other.created_at >= note.created_at)
  const withdrawn = gone
    .filter((note) => !holds.has(note.author?.id) && hasReset(note))
    .map((note) => event(note.author, note.created_at, 'dismissed'))
  return { events: [...current, ...withdrawn], undated }
}

async function readPages<T>(api: ApiClient, schema: z.ZodMiniType<T[]>, first: string): Promise<T[]> {
  const all: T[] = []
  for (let path: string | undefined = first; path !== undefined;) {
    const answer = await api.send({ path })
    all.push(...checked(schema, answer.body, unknownShape))
    path = linkOf(answer.headers, 'next')
  }
  return all
}

function outcomeOf(state: string): Outcome {
  return state === 'merged' ? 'merged' : state === 'opened' || state === 'locked' ? 'open' : 'closed'
}

/** GitLab gives what people who are gone left behind to a user of its own. */
function personOf(who: z.infer<typeof user>, host: string): Person | null {
  if (!who || who.username === 'ghost' || who.username === 'ghost1') return null
  const isBot = who.bot === true || /^(?:project|group)_\d+_bot/.test(who.username)
  return {
    id: `${host}:${who.id}`,
    login: who.username,
    ...(who.name !== undefined && { name: who.name }),
    ...(isBot && { type: 'bot' as const }),
  }
}

/** What is said of an answer that no schema fits. */
const unknownShape = 'the server does not answer as GitLab does'
