/**
 * GitHub's two APIs over pull requests of a test, on loopback: pages, limits, failures and renames as the real ones have
 * them (docs.github.com, "Rate limits", "Using pagination", the schema of pullRequests and reviews).
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeActor {
  readonly id: number
  readonly login: string
  /** default User */
  readonly type?: string
}

export interface FakeReview {
  readonly id: number
  state: string
  /** what it was before it was dismissed */
  was?: string
  readonly at: string | null
  readonly author: FakeActor | null
}

export interface FakePull {
  readonly number: number
  readonly created: string
  updated: string
  readonly merged: string | null
  readonly state: 'OPEN' | 'CLOSED' | 'MERGED'
  readonly author: FakeActor | null
  readonly reviews: FakeReview[]
}

/** Answers instead of the server when it returns true. */
export type Fault = (
  request: { readonly path: string; readonly index: number; readonly first: number },
  response: ServerResponse,
) => boolean

export interface FakeGithub {
  readonly url: string
  readonly pulls: FakePull[]
  /** paths in the order they were asked for, queries of GraphQL by their variables */
  readonly requests: string[]
  /** most requests that were under way at once */
  readonly mostAtOnce: () => number
  fault: Fault
  /** the name that old ones lead to */
  name: string
  readonly close: () => Promise<void>
}

export async function startFakeGithub(pulls: FakePull[]): Promise<FakeGithub> {
  let [underWay, most, index] = [0, 0, 0]
  const server = createServer((request, response) => {
    most = Math.max(most, ++underWay)
    response.once('close', () => underWay--)
    void answer(request, response)
  })
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    const url = new URL(request.url!, github.url)
    const variables = body === '' ? undefined : (JSON.parse(body) as { variables: Variables }).variables
    github.requests.push(variables ? `graphql ${JSON.stringify(variables)}` : `${url.pathname}${url.search}`)
    if (github.fault({ path: url.pathname, index: index++, first: variables?.first ?? 0 }, response)) return
    response.setHeader('content-type', 'application/json')
    if (url.pathname === '/graphql') response.end(JSON.stringify(graphql(github, variables!)))
    else rest(github, url, response)
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const github: FakeGithub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pulls,
    requests: [],
    mostAtOnce: () => most,
    fault: () => false,
    name: 'o/r',
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return github
}

interface Variables {
  readonly first?: number
  readonly number?: number
  readonly after?: string | null
}

async function text(request: IncomingMessage): Promise<string> {
  let all = ''
  for await (const chunk of request) all += String(chunk)
  return all
}

const byTouch = (pulls: readonly FakePull[]) =>
  pulls.toSorted((a, b) => (a.updated < b.updated ? 1 : a.updated > b.updated ? -1 : b.number - a.number))

function graphql(github: FakeGithub, { first = 100, number, after }: Variables): unknown {
  const rateLimit = { remaining: 4000, resetAt: '2030-01-01T00:00:00Z' }
  if (number !== undefined) {
    const pull = github.pulls.find((each) => each.number === number)!
    const at = Number(after ?? 0)
    return {
      data: {
        rateLimit,
        repository: {
          pullRequest: { reviews: reviewsOf(pull, at, 100), timelineItems: dismissalsOf(pull, at, 100) },
        },
      },
    }
  }
  const sorted = byTouch(github.pulls)
  const start = after ? sorted.findIndex((pull) => `${pull.updated} ${pull.number}` === after) + 1 : 0
  const page = sorted.slice(start, start + first)
  const last = page.at(-1)
  return {
    data: {
      rateLimit,
      repository: {
        nameWithOwner: github.name,
        pullRequests: {
          totalCount: sorted.length,
          pageInfo: {
            hasNextPage: start + first < sorted.length,
            endCursor: last ? `${last.updated} ${last.number}` : null,
          },
          nodes: page.map((pull) => ({
            number: pull.number,
            createdAt: pull.created,
            updatedAt: pull.updated,
            mergedAt: pull.merged,
            state: pull.state,
            author: actorOf(pull.author),
            reviews: reviewsOf(pull, 0, 50),
            timelineItems: dismissalsOf(pull, 0, 50),
          })),
        },
      },
    },
  }
}

function actorOf(actor: FakeActor | null): unknown {
  return (
    actor && {
      __typename: actor.type ?? 'User',
      login: actor.login.replace(/\[bot\]$/, ''),
      databaseId: actor.id,
    }
  )
}

function pageOf<T, R>(all: readonly T[], at: number, size: number, map: (each: T) => R): unknown {
  return {
    totalCount: all.length,
    pageInfo: { hasNextPage: at + size < all.length, endCursor: String(at + size) },
    nodes: all.slice(at, at + size).map(map),
  }
}

function reviewsOf(pull: FakePull, at: number, size: number): unknown {
  return pageOf(pull.reviews, at, size, ({ id, state, at: submittedAt, author }) => ({
    fullDatabaseId: String(id),
    state,
    submittedAt,
    author: actorOf(author),
  }))
}

function dismissalsOf(pull: FakePull, at: number, size: number): unknown {
  const dismissed = pull.reviews.filter(({ was }) => was !== undefined)
  return pageOf(dismissed, at, size, ({ id, was }) => ({
    previousReviewState: was,
    review: { fullDatabaseId: String(id) },
  }))
}

function rest(github: FakeGithub, url: URL, response: ServerResponse): void {
  const listed = /^\/(orgs|users)\/([^/]+)\/repos$/.exec(url.pathname)
  if (listed?.[1] === 'users' && listed[2] === github.name.split('/')[0]) {
    const repositories = [
      { full_name: github.name, fork: false },
      { full_name: `${listed[2]}/forked`, fork: true },
    ]
    return void response.end(JSON.stringify(repositories))
  }
  const [, owner, name, number] =
    /^\/repos\/([^/]+)\/([^/]+)\/pulls(?:\/(\d+)\/reviews)?$/.exec(url.pathname) ?? []
  if (name === undefined) return void response.writeHead(404).end('{"message":"Not Found"}')
  if (`${owner}/${name}` !== github.name)
    return void response
      .writeHead(301, {
        location: `${github.url}/repos/${github.name}${url.pathname
          .split('/')
          .slice(4)
          .map((part) => `/${part}`)
          .join('')}${url.search}`,
      })
      .end('{"message":"Moved Permanently"}')
  const [size, page] = [
    Number(url.searchParams.get('per_page') ?? 30),
    Number(url.searchParams.get('page') ?? 1),
  ]
  const send = (all: readonly unknown[]) => {
    url.searchParams.set('page', String(page + 1))
    const link =
      page * size < all.length ? { link: `<${url.href}>; rel="next", <${url.href}>; rel="last"` } : {}
    response
      .writeHead(200, { etag: 'W/"x"', ...link })
      .end(JSON.stringify(all.slice((page - 1) * size, page * size)))
  }
  const user = (actor: FakeActor | null) =>
    actor && { id: actor.id, login: actor.login, type: actor.type ?? 'User' }
  if (number === undefined)
    return send(
      byTouch(github.pulls).map((pull) => ({
        number: pull.number,
        created_at: pull.created,
        updated_at: pull.updated,
        merged_at: pull.merged,
        state: pull.state === 'OPEN' ? 'open' : 'closed',
        user: user(pull.author),
        base: { repo: { full_name: github.name } },
      })),
    )
  const pull = github.pulls.find((each) => each.number === Number(number))!
  send(
    pull.reviews.map(({ id, state, at, author }) => ({
      id,
      state,
      ...(at !== null && { submitted_at: at }),
      user: user(author),
    })),
  )
}
