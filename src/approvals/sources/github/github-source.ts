/** Approvals of pull requests of GitHub, or of a GitHub Enterprise Server, as events. */
import { join } from 'node:path'
import { Failure, type Waiting } from '../../../base/index.ts'
import type { Clock } from '../../../http/index.ts'
import type { EventRecord } from '../../event.ts'
import { openApi, type ApiClient } from '../api/api-client.ts'
import { withChangeStore, type ChangeStore } from '../change-store.ts'
import type { EmitSource } from '../progress.ts'
import { graphqlPages, NoGraphql } from './graphql.ts'
import { listRepositories, repositoryName } from './repositories.ts'
import { restPages } from './rest.ts'
import { walk, type PullPage } from './walk.ts'

export interface GithubOptions extends Waiting {
  /** default https://api.github.com; of a server of one's own https://HOST/api/v3 */
  readonly apiUrl?: string | undefined
  /** without one only REST answers, 60 times an hour */
  readonly token?: string | undefined
  /** asks the REST API from the start; default: where GraphQL is not to be had */
  readonly isRest?: boolean | undefined
  /** folder that keeps what was read; nothing: only this run knows it */
  readonly store?: string | undefined
  /** milliseconds since 1970: changes that were not touched since are not read */
  readonly since?: number | undefined
  /** reads everything again, as some events do not touch a change */
  readonly isFull?: boolean | undefined
  readonly emit: EmitSource
  readonly clock?: Clock | undefined
}

export const githubApi = 'https://api.github.com'

/** All repositories are read before the first event is given. @throws Failure APPROVALS_SOURCE | APPROVALS_UNAUTHORIZED | USAGE */
export async function* readGithub(
  names: readonly string[],
  options: GithubOptions,
): AsyncGenerator<EventRecord[]> {
  const wanted = names.map(repositoryName)
  const url = (options.apiUrl ?? githubApi).replace(/\/+$/, '')
  if (!URL.canParse(url)) throw new Failure('USAGE', `--api-url ${url} is no address`)
  const host = url === githubApi ? 'github.com' : new URL(url).host
  const api = openApi({
    url,
    emit: options.emit,
    clock: options.clock,
    signal: options.signal,
    accessHint:
      options.token === undefined
        ? 'set GITHUB_TOKEN to a token that may read the repository'
        : 'the token in GITHUB_TOKEN or GH_TOKEN must be valid and may read the repository',
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
    },
  })
  try {
    const parts: EventRecord[][] = []
    for (const repo of await listRepositories(api, wanted))
      parts.push(await readRepository(repo, { ...options, api, host, url }))
    yield* parts
  } finally {
    api.close()
  }
}

interface Repository extends GithubOptions {
  readonly api: ApiClient
  readonly host: string
  readonly url: string
}

async function readRepository(repo: string, options: Repository): Promise<EventRecord[]> {
  const { host, url } = options
  const folder =
    options.store === undefined
      ? undefined
      : join(options.store, host.replaceAll(':', '_'), ...repo.toLowerCase().split('/'))
  return withChangeStore(
    folder,
    async (store) => {
      const { name, isRest } = await walkRepository(repo, store, options)
      const changes = store.changes()
      const events = changes.flatMap((change) => change.events.map((event) => ({ ...event, repo: name })))
      const ghosts = events.filter(({ author, approver }) => author === null || approver === null).length
      return [
        {
          kind: 'source',
          version: 1,
          source: 'github',
          repos: [name],
          detail: { ...(host !== 'github.com' && { server: new URL(url).host }) },
        },
        ...events,
        {
          kind: 'end',
          events: events.length,
          partial: [],
          coverage: { changes: changes.length, reviews: events.length, ghosts },
          notes: isRest ? [`REST does not tell what dismissed reviews of ${name} were before`] : [],
        },
      ]
    },
    options,
  )
}

async function walkRepository(
  repo: string,
  store: ChangeStore,
  options: Repository,
): Promise<{ name: string; isRest: boolean }> {
  const { api, host, emit, since, isFull = false } = options
  const common = {
    store,
    host,
    repo,
    emit,
    isFull,
    since: since === undefined ? undefined : new Date(since).toISOString(),
  }
  const rest = (after: string | undefined, wants: (updated: string) => boolean): Promise<PullPage> =>
    restPages({ api, repo, wants })(after)
  if (options.isRest || options.token === undefined) {
    if (!options.isRest)
      emit({
        kind: 'note',
        message:
          'there is no token in GITHUB_TOKEN or GH_TOKEN: the REST API is asked, which answers 60 times an hour',
      })
    return { name: await walk({ ...common, pages: rest }), isRest: true }
  }
  try {
    return {
      name: await walk({
        ...common,
        pages: graphqlPages({ api, endpoint: endpointOf(options.url), repo, emit }),
      }),
      isRest: false,
    }
  } catch (error) {
    if (!(error instanceof NoGraphql)) throw error
    emit({ kind: 'note', message: `GraphQL is not to be had (${error.message}): the REST API is asked` })
    return { name: await walk({ ...common, pages: rest, isFull: true }), isRest: true }
  }
}

function endpointOf(url: string): string {
  return url.endsWith('/api/v3') ? url.replace(/v3$/, 'graphql') : `${url}/graphql`
}
