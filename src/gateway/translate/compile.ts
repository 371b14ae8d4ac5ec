import { createHash } from 'node:crypto'
import type { Cluster, ListenerReport, Snapshot } from '../model/index.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import { gatewayApi } from './gateway-api/gateway-api.ts'
import { translateIngress } from './ingress/translate.ts'
import { translateIstio } from './istio/translate.ts'
import { joinListeners } from './join.ts'
import type { ListenerProblem, ListenerProblems, ObjectStatus } from './status.ts'
import type { TranslateInput, Translation, Translator } from './translation.ts'

/** All that is made of one moment's objects. */
export interface Compiled {
  readonly snapshot: Snapshot
  readonly diagnostics: readonly Diagnostic[]
  readonly statuses: readonly ObjectStatus[]
  /** chains that could not be had beside the others of their listener, by name */
  readonly collisions: ListenerProblems
}

/** In order of precedence where two want the same listener. */
const translators: readonly Translator[] = [gatewayApi, translateIstio, translateIngress]

/** Runs every translator and makes one snapshot of what they give. Pure. */
export function compile(input: TranslateInput): Compiled {
  const parts = translators.map((translate) => translate(input))
  const joined = joinListeners(parts)
  const content = {
    listeners: joined.listeners,
    routeConfigurations: joined.routeConfigurations,
    clusters: byName(joinClusters(parts)),
    secrets: byName(new Map(parts.flatMap(({ secrets }) => secrets.map((secret) => [secret.name, secret])))),
  }
  return {
    snapshot: { version: createHash('sha256').update(JSON.stringify(content)).digest('hex'), ...content },
    diagnostics: [...parts.flatMap(({ diagnostics }) => diagnostics), ...joined.diagnostics],
    statuses: parts.flatMap(({ statuses }) => statuses),
    collisions: joined.collisions,
  }
}

/** An object's status once the data plane has said what it bound. */
export type FinalStatus = Pick<
  ObjectStatus,
  'kind' | 'group' | 'namespace' | 'name' | 'generation' | 'status'
>

/** Programmed means bound: statuses that depend on a listener with a problem say so. */
export function finalStatuses(
  compiled: Pick<Compiled, 'statuses' | 'collisions'>,
  reports: readonly ListenerReport[],
): FinalStatus[] {
  const problems = new Map<string, ListenerProblem>(Object.entries(compiled.collisions))
  for (const { listener, bound, problem, code } of reports) {
    if (bound) continue
    problems.set(listener, {
      message: problem ?? `${listener} is not bound`,
      ...(code === undefined ? {} : { code }),
    })
  }
  return compiled.statuses.map(({ listeners = [], unbound, ...object }) => {
    const own = listeners.flatMap((name) => {
      const problem = problems.get(name)
      return problem ? [[name, problem] as const] : []
    })
    return own.length > 0 && unbound ? { ...object, status: unbound(Object.fromEntries(own)) } : object
  })
}

/** One cluster of each name. What a later translator adds is laid over it, then the policies that hold for it. */
function joinClusters(parts: readonly Translation[]): Map<string, Cluster> {
  const clusters = new Map<string, Cluster>()
  for (const cluster of parts.flatMap((part) => part.clusters)) {
    clusters.set(cluster.name, { ...clusters.get(cluster.name), ...cluster })
  }
  for (const [name, policy] of parts.flatMap(({ policies }) => [...(policies ?? [])])) {
    const cluster = clusters.get(name)
    if (cluster) clusters.set(name, { ...cluster, ...policy })
  }
  return clusters
}

function byName<Named extends { readonly name: string }>(resources: ReadonlyMap<string, Named>): Named[] {
  return [...resources.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
