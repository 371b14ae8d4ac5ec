/** Pull requests by GitHub's REST API: a request for each hundred of them, and one or more for the reviews of each. */
import * as z from 'zod/mini'
import { checked } from '../api/answer-shape.ts'
import { linkOf, type ApiClient } from '../api/api-client.ts'
import { unknownShape, type Actor, type PullRequest, type Review } from './model.ts'
import type { PullPage } from './walk.ts'

const account = z.nullish(z.object({ id: z.number(), login: z.string(), type: z.optional(z.string()) }))
const pulls = z.array(
  z.object({
    number: z.number(),
    created_at: z.string(),
    updated_at: z.string(),
    merged_at: z.nullish(z.string()),
    state: z.string(),
    user: account,
    base: z.object({ repo: z.nullish(z.object({ full_name: z.string() })) }),
  }),
)
const reviews = z.array(
  z.object({ id: z.number(), state: z.string(), submitted_at: z.nullish(z.string()), user: account }),
)

export interface RestOptions {
  readonly api: ApiClient
  readonly repo: string
  /** reads the reviews only of those the walk still wants */
  readonly wants: (updated: string) => boolean
}

/** A reader of pages, newest changes first; `after` is the number of a page. */
export function restPages({
  api,
  repo,
  wants,
}: RestOptions): (after: string | undefined) => Promise<PullPage> {
  return async (after = '1') => {
    const query = `state=all&sort=updated&direction=desc&per_page=100&page=${after}`
    const answer = await api.send({ path: `/repos/${repo}/pulls?${query}` })
    const list = checked(pulls, answer.body, unknownShape)
    const read: PullRequest[] = []
    for (const pull of list) {
      const isWanted = wants(pull.updated_at)
      read.push({
        number: pull.number,
        created: pull.created_at,
        updated: pull.updated_at,
        outcome: pull.merged_at ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
        author: actorOf(pull.user),
        reviews: isWanted ? await reviewsOf(api, repo, pull.number) : [],
      })
      // All that follow were touched still earlier.
      if (!isWanted) break
    }
    const hasNext = linkOf(answer.headers, 'next') !== undefined
    return {
      repo: list[0]?.base.repo?.full_name ?? repo,
      pulls: read,
      next: hasNext ? String(Number(after) + 1) : undefined,
      total: undefined,
    }
  }
}

async function reviewsOf(api: ApiClient, repo: string, number: number): Promise<Review[]> {
  const all: Review[] = []
  for (
    let path: string | undefined = `/repos/${repo}/pulls/${number}/reviews?per_page=100`;
    path !== undefined;
  ) {
    const answer = await api.send({ path })
    for (const review of checked(reviews, answer.body, unknownShape))
      all.push({
        id: String(review.id),
        state: review.state,
        submitted: review.submitted_at ?? null,
        author: actorOf(review.user),
      })
    path = linkOf(answer.headers, 'next')
  }
  return all
}

function actorOf(value: z.infer<typeof account>): Actor | null {
  return value ? { id: value.id, login: value.login, type: value.type ?? 'User' } : null
}
