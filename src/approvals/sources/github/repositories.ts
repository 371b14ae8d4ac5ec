/** Which repositories of GitHub are meant: `owner/name`, addresses of them, and `owner/*` for all that are no forks. */
import * as z from 'zod/mini'
import { Failure } from '../../../base/index.ts'
import { linkOf, type ApiClient } from '../api/api-client.ts'

const list = z.array(z.object({ full_name: z.string(), fork: z.boolean() }))

/** `owner/name` or `owner/*` out of itself or of an address. @throws Failure USAGE */
export function repositoryName(text: string): string {
  const name = text.replace(/^https?:\/\/[^/]+\//, '').replace(/(?:\.git)?\/*$/, '')
  if (/^[\w.-]+\/(?:[\w.-]+|\*)$/.test(name)) return name
  throw new Failure('USAGE', `"${text}" is no repository of GitHub`, {
    hint: 'write it as owner/name, or owner/* for all of an owner',
  })
}

/** Each name once, those of owners in the order of their names. @throws Failure APPROVALS_SOURCE */
export async function listRepositories(api: ApiClient, names: readonly string[]): Promise<string[]> {
  const all: string[] = []
  for (const name of names) {
    if (name.endsWith('/*')) all.push(...(await repositoriesOf(api, name.slice(0, -2))))
    else all.push(name)
  }
  return [...new Set(all)]
}

async function repositoriesOf(api: ApiClient, owner: string): Promise<string[]> {
  const asOrganization = await api.send({ path: `/orgs/${owner}/repos?per_page=100`, accept: [404] })
  const first =
    asOrganization.status === 404
      ? await api.send({ path: `/users/${owner}/repos?per_page=100` })
      : asOrganization
  const names: string[] = []
  for (let answer = first; ;) {
    const parsed = list.safeParse(answer.body)
    if (!parsed.success)
      throw new Failure('APPROVALS_SOURCE', `GitHub does not list the repositories of ${owner}`)
    names.push(...parsed.data.filter(({ fork }) => !fork).map(({ full_name: name }) => name))
    const next = linkOf(answer.headers, 'next')
    if (next === undefined) return names.toSorted()
    answer = await api.send({ path: next })
  }
}
