/**
 * Approvals out of files of GH Archive: an hour of GitHub's public events each, one JSON object a line, gzipped.
 * They hold no reviews before 2019 or so, no dismissals, and since October 2025 no authors of changes: those are taken from
 * the events that open them, where the files have these too.
 */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Failure, fileFailure, systemCode } from '../../../base/index.ts'
import { linesOf } from '../../event-reader.ts'
import type { ApprovalEvent, EventRecord, Person } from '../../event.ts'
import { personOf, stateOf } from '../github/model.ts'

export interface GharchiveOptions {
  /** `owner/name`; or `owner/*` for all of an owner */
  readonly repos: readonly string[]
}

interface Account {
  readonly id?: number
  readonly login?: string
  readonly type?: string
}

interface PullRequest {
  readonly number?: number
  readonly user?: Account | null
  readonly created_at?: string
  readonly merged_at?: string | null
  readonly state?: string
}

interface ArchiveEvent {
  readonly type?: string
  readonly created_at?: string
  readonly repo?: { readonly name?: string }
  readonly actor?: Account
  readonly payload?: {
    readonly action?: string
    readonly number?: number
    readonly pull_request?: PullRequest
    readonly review?: {
      readonly id?: number
      readonly state?: string
      readonly submitted_at?: string | null
      readonly user?: Account | null
    }
  }
}

/** @throws Failure APPROVALS_INVALID | FILE_SYSTEM */
export async function* readGharchive(
  files: readonly string[],
  options: GharchiveOptions,
): AsyncGenerator<EventRecord[]> {
  const wanted = options.repos.map((repo) => repo.toLowerCase())
  if (wanted.some((repo) => !/^[\w.-]+\/(?:[\w.-]+|\*)$/.test(repo)))
    throw new Failure('USAGE', `--repo ${options.repos.join(',')} is not owner/name or owner/*`)
  const { events, authors, seen, reviews } = await readReviews(files, wanted)
  const whole = [...events.values()].flatMap((event) => {
    const author = authors.get(`${event.repo} ${event.change!.slice(1)}`)
    return author === undefined ? [] : [{ ...event, author }]
  })
  const lost = events.size - whole.length
  yield [
    {
      kind: 'source',
      version: 1,
      source: 'gharchive',
      repos: [...seen].toSorted(),
      detail: { files: String(files.length) },
    },
    ...whole.toSorted((a, b) =>
      a.at! < b.at! ? -1 : a.at! > b.at! ? 1 : Number(a.review) - Number(b.review),
    ),
    {
      kind: 'end',
      events: whole.length,
      partial:
        lost > 0
          ? [
              `${lost} of ${events.size} reviews name no author of their change, and no file here has the event that opened it`,
            ]
          : [],
      coverage: { files: files.length, reviews, withoutAuthor: lost },
      notes:
        reviews === 0
          ? [`no review of ${options.repos.join(', ')} is in these files`]
          : ['GH Archive has no dismissals of reviews'],
    },
  ]
}

interface Reviews {
  /** by repository and id, the last of several */
  readonly events: ReadonlyMap<string, ApprovalEvent>
  /** of changes, by repository and number */
  readonly authors: ReadonlyMap<string, Person | null>
  readonly seen: ReadonlySet<string>
  readonly reviews: number
}

async function readReviews(files: readonly string[], wanted: readonly string[]): Promise<Reviews> {
  const isWanted = (name: string) =>
    wanted.includes(name.toLowerCase()) || wanted.includes(`${name.split('/')[0]!.toLowerCase()}/*`)
  const events = new Map<string, ApprovalEvent>()
  const authors = new Map<string, Person | null>()
  const seen = new Set<string>()
  let reviews = 0
  for (const file of files) {
    for await (const event of archiveEvents(file, wanted)) {
      const repo = event.repo?.name ?? ''
      const pull = event.payload?.pull_request
      const number = pull?.number ?? event.payload?.number
      if (!isWanted(repo) || pull === undefined || number === undefined) continue
      seen.add(repo)
      const key = `${repo} ${number}`
      if (pull.user !== undefined) authors.set(key, accountOf(pull.user))
      else if (event.type === 'PullRequestEvent' && event.payload?.action === 'opened' && event.actor)
        authors.set(key, accountOf(event.actor))
      if (event.type !== 'PullRequestReviewEvent') continue
      reviews++
      const approval = reviewOf(event, repo, number)
      if (approval) events.set(`${repo} ${approval.review}`, approval)
    }
  }
  return { events, authors, seen, reviews }
}

function accountOf(account: Account | null): Person | null {
  if (account === null || account.login === undefined) return null
  return personOf({ id: account.id, login: account.login, type: account.type ?? 'User' }, 'github.com')
}

function reviewOf(event: ArchiveEvent, repo: string, number: number): ApprovalEvent | undefined {
  const { review, pull_request: pull } = event.payload!
  const state = stateOf(review?.state ?? '')
  const at = review?.submitted_at ?? event.created_at
  if (state === undefined || state === 'pending' || at === undefined) return undefined
  return {
    kind: 'approval',
    source: 'gharchive',
    repo,
    change: `#${number}`,
    review: String(review?.id ?? `${number}-${at}`),
    author: null,
    approver: accountOf(review?.user === undefined ? (event.actor ?? null) : review.user),
    at: new Date(at).toISOString(),
    state,
    ...(pull?.merged_at ? { outcome: 'merged' as const } : {}),
    ...(pull?.created_at !== undefined && { opened: pull.created_at }),
  }
}

/** Events of lines that may be wanted: most of an hour is not, and is not parsed. */
async function* archiveEvents(file: string, wanted: readonly string[]): AsyncGenerator<ArchiveEvent> {
  const source = createReadStream(file)
  const plain = file.endsWith('.gz') ? Readable.from(gunzipped(source)) : source
  const owners = wanted.map((repo) => `"${repo.split('/')[0]}/`)
  let number = 0
  try {
    for await (const line of linesOf(plain)) {
      number++
      if (!line.includes('PullRequest') || !owners.some((owner) => line.toLowerCase().includes(owner)))
        continue
      try {
        yield JSON.parse(line) as ArchiveEvent
      } catch (error) {
        throw new Failure('APPROVALS_INVALID', `a line of ${file} is not JSON`, {
          at: { file, line: number, column: 1 },
          cause: error,
        })
      }
    }
  } catch (error) {
    if (/^Z_|ERR_.*ZLIB/.test(systemCode(error) ?? ''))
      throw new Failure('APPROVALS_INVALID', `${file} is no whole gzip file`, { cause: error })
    throw fileFailure('read', file, error)
  }
}

async function* gunzipped(source: Readable): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  source.once('error', (error) => gunzip.destroy(error))
  source.pipe(gunzip)
  yield* gunzip as AsyncIterable<Uint8Array>
}
