import { createHash } from 'node:crypto'
import type { Cluster, ListenerReport, Snapshot } from '../model/index.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import { gatewayApi } from './gateway-api/gateway-api.ts'
import { translateIngress } from './ingress/translate.ts'
import { translateIstio } from './istio/translate.ts'
import { joinListeners } from './join.ts'
import type { ListenerProblem, ListenerProblems, ObjectStatus } from './status.ts'
import { behind } from './topology.ts'
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
    listeners: behind(input.options.topology ?? {}, joined.listeners),
    routeConfigurations: joined.routeConfigurations,
    clusters: withPolicies(laidOver(parts.flatMap(({ clusters }) => clusters)), parts),
    secrets: laidOver(parts.flatMap(({ secrets }) => secrets)),
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

/** One of each name, sorted; what a later translator adds is laid over it. */
function laidOver<Named extends { readonly name: string }>(resources: readonly Named[]): Named[] {
  const byName = new Map<string, Named>()
  for (const resource of resources) byName.set(resource.name, { ...byName.get(resource.name), ...resource })
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * The policies of a destination hold for all its clusters, those with something behind `outbound|PORT|SUBSET|HOST` too:
 * for gRPC, for a Gateway's certificate. Bytes that are passed on as they come are not put into TLS.
 */
function withPolicies(clusters: readonly Cluster[], parts: readonly Translation[]): readonly Cluster[] {
  const policies = new Map(parts.flatMap((part) => [...(part.policies ?? [])]))
  if (policies.size === 0) return clusters
  return clusters.map((cluster) => {
    const pieces = cluster.name.split('|')
    const policy = policies.get(pieces.slice(0, 4).join('|'))
    if (policy === undefined) return cluster
    const { tls, ...rest } = policy
    const keeps = tls === undefined || pieces.includes('raw', 4)
    return { ...cluster, ...rest, ...(keeps ? {} : { tls }) }
  })
}
