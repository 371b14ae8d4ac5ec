/**
 * A walk over the changes of a repository, from the newest back to what is known already. Reviews are kept before the
 * place of the walk is, so a process that is killed goes on where it was and misses nothing.
 */
import type { EmitSource } from '../progress.ts'
import type { ChangeStore, Cursor } from '../change-store.ts'
import { changeOf, type PullRequest } from './model.ts'

export interface PullPage {
  /** what the repository is called now */
  readonly repo: string
  readonly pulls: readonly PullRequest[]
  readonly next: string | undefined
  /** of all changes, where the server tells */
  readonly total: number | undefined
}

export interface WalkOptions {
  readonly store: ChangeStore
  readonly host: string
  readonly repo: string
  /** ISO 8601: changes that were not touched since are left alone */
  readonly since: string | undefined
  readonly pages: (after: string | undefined, wants: (updated: string) => boolean) => Promise<PullPage>
  readonly emit: EmitSource
  /** everything is read anew, as some events do not touch a change */
  readonly isFull: boolean
}

/** Servers tell of touches late and by several clocks. */
const overlapMs = 10 * 60_000

/** The name of the repository now. */
export async function walk(options: WalkOptions): Promise<string> {
  const { store, since } = options
  const known = options.isFull || reachesLess(store.cursor, since) ? undefined : store.cursor
  const resumed = known?.walk
  if (resumed) {
    const end = await pass(options, {
      after: resumed.after,
      newest: resumed.newest,
      until: until(known, since),
      cursor: known,
    })
    const cursor: Cursor = { repo: end.repo, updated: resumed.newest, since }
    // What was touched since the first half of the walk.
    const last = await pass(options, {
      after: undefined,
      newest: undefined,
      until: until(cursor, since),
      cursor,
    })
    await store.finish({ repo: last.repo, updated: last.newest ?? cursor.updated, since })
    return last.repo
  }
  const end = await pass(options, {
    after: undefined,
    newest: undefined,
    until: until(known, since),
    cursor: known,
  })
  await store.finish({
    repo: end.repo,
    updated: end.newest ?? known?.updated,
    since: known ? known.since : since,
  })
  return end.repo
}

/** Whether what is kept does not go back as far as is wanted now. */
function reachesLess(cursor: Cursor | undefined, since: string | undefined): boolean {
  return cursor?.since !== undefined && (since === undefined || since < cursor.since)
}

function until(cursor: Cursor | undefined, since: string | undefined): string {
  const known =
    cursor?.updated === undefined ? '' : new Date(Date.parse(cursor.updated) - overlapMs).toISOString()
  return [known, since ?? ''].toSorted().at(-1)!
}

interface Pass {
  readonly after: string | undefined
  readonly newest: string | undefined
  /** ISO 8601: what was touched before is known */
  readonly until: string
  readonly cursor: Cursor | undefined
}

async function pass(
  options: WalkOptions,
  start: Pass,
): Promise<{ repo: string; newest: string | undefined }> {
  const { store, host, emit } = options
  const wants = (updated: string) =>
    Date.parse(updated) >= (start.until === '' ? -Infinity : Date.parse(start.until))
  let { after, newest } = start
  let repo = options.repo
  let done = 0
  for (;;) {
    const page = await options.pages(after, wants)
    repo = page.repo
    newest ??= page.pulls[0]?.updated
    const wanted = page.pulls.filter(({ updated }) => wants(updated))
    await store.put(wanted.map((pull) => changeOf(repo, host, pull)))
    done += wanted.length
    emit({ kind: 'progress', repo, done, total: start.until === '' ? page.total : undefined })
    if (wanted.length < page.pulls.length || page.next === undefined) return { repo, newest }
    after = page.next
    await store.mark({
      repo,
      updated: start.cursor?.updated,
      since: start.cursor ? start.cursor.since : options.since,
      walk: { after, newest: newest! },
    })
  }
}
