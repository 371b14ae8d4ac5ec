/** kubeconfig files (`client.authentication.k8s.io` and `clientcmd/api/v1`): what is written in one of them. */
import * as z from 'zod/mini'
import { checkSchema, parseYaml, type PathSegment } from '../../yaml/index.ts'
import type { Place } from '../../base/index.ts'

const text = z.string()
const optional = z.optional

/** Other tools keep their own keys in these files: they are left alone. */
const clusterSchema = z.looseObject({
  server: text,
  'certificate-authority': optional(text),
  'certificate-authority-data': optional(text),
  'insecure-skip-tls-verify': optional(z.boolean()),
  'tls-server-name': optional(text),
  'proxy-url': optional(text),
})

const execSchema = z.looseObject({
  apiVersion: text,
  command: text,
  args: optional(z.nullable(z.array(text))),
  env: optional(z.nullable(z.array(z.looseObject({ name: text, value: text })))),
  installHint: optional(text),
  provideClusterInfo: optional(z.boolean()),
})

const userSchema = z.looseObject({
  'client-certificate': optional(text),
  'client-certificate-data': optional(text),
  'client-key': optional(text),
  'client-key-data': optional(text),
  token: optional(text),
  tokenFile: optional(text),
  username: optional(text),
  password: optional(text),
  as: optional(text),
  'as-groups': optional(z.array(text)),
  exec: optional(execSchema),
  'auth-provider': optional(z.unknown()),
})

const contextSchema = z.looseObject({ cluster: text, user: optional(text), namespace: optional(text) })

const list = <T extends z.core.$ZodType>(item: T) => optional(z.nullable(z.array(item)))

const kubeconfigSchema = z.looseObject({
  'current-context': optional(text),
  clusters: list(z.looseObject({ name: text, cluster: clusterSchema })),
  users: list(z.looseObject({ name: text, user: z.nullable(userSchema) })),
  contexts: list(z.looseObject({ name: text, context: contextSchema })),
})

export type ClusterEntry = z.infer<typeof clusterSchema>
export type UserEntry = z.infer<typeof userSchema>
export type ContextEntry = z.infer<typeof contextSchema>
export type ExecEntry = z.infer<typeof execSchema>

/** An entry with the file that it is from: paths in it are relative to that. */
export interface Entry<T> {
  readonly file: string
  readonly value: T
  readonly placeOf: (...path: readonly PathSegment[]) => Place
}

export interface Kubeconfig {
  readonly currentContext: string | undefined
  readonly clusters: ReadonlyMap<string, Entry<ClusterEntry>>
  readonly users: ReadonlyMap<string, Entry<UserEntry>>
  readonly contexts: ReadonlyMap<string, Entry<ContextEntry>>
}

/** @throws Failure KUBECONFIG_INVALID, at the place */
export function parseKubeconfig(source: string, file: string): Kubeconfig {
  const document = parseYaml(source, file, { code: 'KUBECONFIG_INVALID' })
  const value =
    document.value === null ? {} : checkSchema(document, kubeconfigSchema, { code: 'KUBECONFIG_INVALID' })
  const entries = <T>(key: string, items: readonly (readonly [string, T])[], field: string) =>
    new Map(
      items.map(([name, item], index) => [
        name,
        {
          file,
          value: item,
          placeOf: (...path: readonly PathSegment[]) => document.placeOf([key, index, field, ...path]),
        },
      ]),
    )
  return {
    currentContext: value['current-context'] || undefined,
    clusters: entries(
      'clusters',
      (value.clusters ?? []).map(({ name, cluster }) => [name, cluster]),
      'cluster',
    ),
    users: entries(
      'users',
      (value.users ?? []).map(({ name, user }) => [name, user ?? {}]),
      'user',
    ),
    contexts: entries(
      'contexts',
      (value.contexts ?? []).map(({ name, context }) => [name, context]),
      'context',
    ),
  }
}

/** Several files as one: of two things of one name the first counts, as kubectl has it. */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const merged = <T>(pick: (config: Kubeconfig) => ReadonlyMap<string, T>) =>
    new Map(configs.toReversed().flatMap((config) => [...pick(config)]))
  return {
    currentContext: configs.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    clusters: merged(({ clusters }) => clusters),
    users: merged(({ users }) => users),
    contexts: merged(({ contexts }) => contexts),
  }
}
