/** Pull requests by GitHub's GraphQL API: a page of them with all their reviews is one request. */
import * as z from 'zod/mini'
import { Failure } from '../../../base/index.ts'
import { checked } from '../api/answer-shape.ts'
import { untilReset, type ApiAnswer, type ApiClient } from '../api/api-client.ts'
import type { EmitSource } from '../progress.ts'
import { unknownShape, type Actor, type PullRequest, type Review } from './model.ts'
import type { PullPage } from './walk.ts'

const actorFields = `__typename login ... on User { databaseId } ... on Bot { databaseId } ... on Mannequin { databaseId } ... on Organization { databaseId }`
const reviewFields = `totalCount pageInfo { hasNextPage endCursor } nodes { fullDatabaseId state submittedAt author { ${actorFields} } }`
const dismissalFields = `pageInfo { hasNextPage endCursor } nodes { ... on ReviewDismissedEvent { previousReviewState review { fullDatabaseId } } }`
const limitFields = `rateLimit { remaining resetAt }`

const pageQuery = `query($owner: String!, $name: String!, $first: Int!, $after: String) { ${limitFields}
  repository(owner: $owner, name: $name, followRenames: true) { nameWithOwner
    pullRequests(first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount pageInfo { hasNextPage endCursor }
      nodes { number createdAt updatedAt mergedAt state author { ${actorFields} }
        reviews(first: 50) { ${reviewFields} }
        timelineItems(first: 50, itemTypes: [REVIEW_DISMISSED_EVENT]) { ${dismissalFields} } } } } }`

const restQuery = (
  what: string,
  fields: string,
) => `query($owner: String!, $name: String!, $number: Int!, $after: String) { ${limitFields}
  repository(owner: $owner, name: $name, followRenames: true) { pullRequest(number: $number) { ${what} { ${fields} } } } }`
const reviewsQuery = restQuery('reviews(first: 100, after: $after)', reviewFields)
const dismissalsQuery = restQuery(
  'timelineItems(first: 100, itemTypes: [REVIEW_DISMISSED_EVENT], after: $after)',
  dismissalFields,
)

const actor = z.nullable(
  z.object({ __typename: z.string(), login: z.string(), databaseId: z.optional(z.nullable(z.number())) }),
)
const pageInfo = z.object({ hasNextPage: z.boolean(), endCursor: z.nullable(z.string()) })
const reviews = z.object({
  pageInfo,
  nodes: z.array(
    z.object({
      fullDatabaseId: z.nullable(z.union([z.string(), z.number()])),
      state: z.string(),
      submittedAt: z.nullable(z.string()),
      author: actor,
    }),
  ),
})
const dismissals = z.object({
  pageInfo,
  nodes: z.array(
    z.object({
      previousReviewState: z.string(),
      review: z.nullable(z.object({ fullDatabaseId: z.nullable(z.union([z.string(), z.number()])) })),
    }),
  ),
})
const pullRequest = z.object({
  number: z.number(),
  createdAt: z.string(),
  updatedAt: z.string(),
  mergedAt: z.nullable(z.string()),
  state: z.string(),
  author: actor,
  reviews,
  timelineItems: dismissals,
})
const page = z.object({
  repository: z.object({
    nameWithOwner: z.string(),
    pullRequests: z.object({ totalCount: z.number(), pageInfo, nodes: z.array(pullRequest) }),
  }),
})
const moreReviews = z.object({ repository: z.object({ pullRequest: z.object({ reviews }) }) })
const moreDismissals = z.object({
  repository: z.object({ pullRequest: z.object({ timelineItems: dismissals }) }),
})

/** Thrown where the server has no GraphQL for us, so that REST is asked. */
export class NoGraphql extends Error {}

export interface GraphqlOptions {
  readonly api: ApiClient
  /** address of the endpoint */
  readonly endpoint: string
  readonly repo: string
  readonly emit: EmitSource
}

const [largestPage, smallestPage] = [50, 1]

/** A reader of pages, newest changes first. Its pages shrink where the server cannot make them in time. */
export function graphqlPages(options: GraphqlOptions): (after: string | undefined) => Promise<PullPage> {
  const [owner = '', name = ''] = options.repo.split('/')
  let first = largestPage
  const read = async (after: string | undefined): Promise<z.infer<typeof page>> => {
    for (;;) {
      const answer = await ask(options, page, pageQuery, { owner, name, first, after: after ?? null })
      if (answer !== 'too heavy') return answer
      if (first <= smallestPage)
        throw new Failure(
          'APPROVALS_SOURCE',
          `GitHub cannot make a page of one change of ${options.repo} in its time`,
          { hint: 'add --rest' },
        )
      first = Math.max(smallestPage, first >> 1)
      options.emit({
        kind: 'note',
        message: `GitHub could not make a page in its time: pages have ${first} changes from now on`,
      })
    }
  }
  return async (after) => {
    const { repository } = await read(after)
    const { nodes, pageInfo: info, totalCount } = repository.pullRequests
    const pulls: PullRequest[] = []
    for (const node of nodes) pulls.push(await whole(options, { owner, name }, node))
    return {
      repo: repository.nameWithOwner,
      pulls,
      next: info.hasNextPage ? (info.endCursor ?? undefined) : undefined,
      total: totalCount,
    }
  }
}

/** A pull request with what did not fit into its page. */
async function whole(
  options: GraphqlOptions,
  of: { owner: string; name: string },
  node: z.infer<typeof pullRequest>,
): Promise<PullRequest> {
  const allReviews = [...node.reviews.nodes]
  for (let info = node.reviews.pageInfo; info.hasNextPage;) {
    const more = await must(options, moreReviews, reviewsQuery, {
      ...of,
      number: node.number,
      after: info.endCursor,
    })
    allReviews.push(...more.repository.pullRequest.reviews.nodes)
    info = more.repository.pullRequest.reviews.pageInfo
  }
  const allDismissals = [...node.timelineItems.nodes]
  for (let info = node.timelineItems.pageInfo; info.hasNextPage;) {
    const more = await must(options, moreDismissals, dismissalsQuery, {
      ...of,
      number: node.number,
      after: info.endCursor,
    })
    allDismissals.push(...more.repository.pullRequest.timelineItems.nodes)
    info = more.repository.pullRequest.timelineItems.pageInfo
  }
  const was = new Map(
    allDismissals.map((each) => [String(each.review?.fullDatabaseId), each.previousReviewState] as const),
  )
  return {
    number: node.number,
    created: node.createdAt,
    updated: node.updatedAt,
    outcome:
      node.mergedAt !== null || node.state === 'MERGED'
        ? 'merged'
        : node.state === 'OPEN'
          ? 'open'
          : 'closed',
    author: actorOf(node.author),
    reviews: allReviews.map((review): Review => {
      const id = String(review.fullDatabaseId)
      return {
        id,
        state: review.state,
        was: was.get(id),
        submitted: review.submittedAt,
        author: actorOf(review.author),
      }
    }),
  }
}

function actorOf(value: z.infer<typeof actor>): Actor | null {
  return value && { id: value.databaseId ?? undefined, login: value.login, type: value.__typename }
}

async function must<T>(
  options: GraphqlOptions,
  schema: z.ZodMiniType<T>,
  query: string,
  variables: object,
): Promise<T> {
  const answer = await ask(options, schema, query, variables)
  if (answer === 'too heavy')
    throw new Failure(
      'APPROVALS_SOURCE',
      `GitHub cannot list all reviews of one change of ${options.repo} in its time`,
      { hint: 'add --rest' },
    )
  return answer
}

/** Limits, renames and refusals come with status 200 here. */
async function ask<T>(
  { api, endpoint, emit, repo }: GraphqlOptions,
  schema: z.ZodMiniType<T>,
  query: string,
  variables: object,
): Promise<T | 'too heavy'> {
  for (let limits = 0; ; limits++) {
    const answer = await api.send({
      method: 'POST',
      path: endpoint,
      json: { query, variables },
      accept: [404, 405, 501, 502, 504],
    })
    if (answer.status === 502 || answer.status === 504) return 'too heavy'
    if (answer.status !== 200) throw new NoGraphql(`status ${answer.status}`)
    const { data, errors = [] } = answer.body as {
      data?: unknown
      errors?: { type?: string; message?: string }[]
    }
    if (errors.some(({ type }) => type === 'RATE_LIMITED') && limits < 10) {
      await api.wait('the limit of GraphQL points is used up', resetOf(answer, data, api.clock.now()))
      continue
    }
    // A page whose query took too long comes with what there was until then, which is not all.
    if (errors.some(({ message }) => /timeout|timed out|something went wrong/i.test(message ?? '')))
      return 'too heavy'
    if (errors.length > 0) refuse(errors, repo)
    const parsed = checked(schema, data, unknownShape)
    await pauseBeforeEmpty(api, data, emit)
    return parsed
  }
}

function refuse(errors: readonly { type?: string; message?: string }[], repo: string): never {
  const { type, message = 'it does not say why' } = errors[0]!
  if (type === 'NOT_FOUND')
    throw new Failure('APPROVALS_SOURCE', `GitHub has no repository ${repo}, or does not show it to us`, {
      hint: 'check its name, and that the token in GITHUB_TOKEN may read it',
    })
  if (type === 'FORBIDDEN' || type === 'INSUFFICIENT_SCOPES') throw new NoGraphql(message)
  throw new Failure('APPROVALS_SOURCE', `GitHub cannot tell of ${repo}: ${message}`)
}

function resetOf({ headers }: ApiAnswer, data: unknown, now: number): number {
  const reset = Number(headers['x-ratelimit-reset'])
  const told = Date.parse((data as { rateLimit?: { resetAt?: string } } | null)?.rateLimit?.resetAt ?? '')
  if (reset > 0) return untilReset(reset, now)
  return Number.isNaN(told) ? 60_000 : untilReset(told / 1000, now)
}

/** The next request would be refused, and refusals count against us. */
async function pauseBeforeEmpty(api: ApiClient, data: unknown, emit: EmitSource): Promise<void> {
  const { rateLimit } = data as { rateLimit?: { remaining?: number; resetAt?: string } | null }
  if (rateLimit?.remaining === undefined || rateLimit.remaining > 2) return
  const reset = Date.parse(rateLimit.resetAt ?? '')
  if (Number.isNaN(reset)) return
  emit({ kind: 'note', message: 'the limit of GraphQL points is nearly used up' })
  await api.wait('the limit of GraphQL points is used up', untilReset(reset / 1000, api.clock.now()))
}
