/** DestinationRules: which one holds for a service, and what several for one host become. */
import type { KubeObject } from '../../objects/object.ts'
import type { TranslateInput } from '../translation.ts'
import { compareSpecificity, fullHost, isSubset } from './host-name.ts'
import type { FieldPath, Report } from '../report.ts'
import type { DestinationRuleSpec, PolicyBlocks, Subset, TrafficPolicy } from './spec.ts'
import { isVisible } from './visibility.ts'

export type DestinationRuleObject = KubeObject<DestinationRuleSpec>

/** Rules of one host and namespace as one: the oldest policy holds, subsets are put together. */
export interface MergedRule {
  readonly policy?: PlacedPolicy
  readonly subsets: readonly PlacedSubset[]
}

export interface PlacedPolicy {
  readonly policy: TrafficPolicy
  readonly object: DestinationRuleObject
  readonly path: FieldPath
}

export interface PlacedSubset {
  readonly subset: Subset
  readonly object: DestinationRuleObject
  readonly path: FieldPath
}

export interface DestinationRules {
  /** the rule of the most specific host: in a namespace of the Gateways, else in the service's, else in istio-system */
  readonly of: (service: { readonly host: string; readonly namespace: string }) => MergedRule | undefined
  /** tells of rules that were asked for by no service */
  readonly tellUnused: () => void
}

const rootNamespace = 'istio-system'

interface OwnedRule {
  readonly object: DestinationRuleObject
  readonly host: string
}

/** `clients`: namespaces of the Gateways that are served. */
export function destinationRules(
  { objects, options }: TranslateInput,
  clients: readonly string[],
  report: Report,
): DestinationRules {
  const rules = objects
    .list<DestinationRuleSpec>('DestinationRule.networking.istio.io')
    .map((object) => ({
      object,
      host: fullHost(object.spec.host, object.metadata.namespace, options.domain),
    }))
    .filter(({ object }) => {
      const wanted = Object.entries(object.spec.workloadSelector?.matchLabels ?? {})
      return wanted.every(([name, value]) => options.labels[name] === value)
    })
  const isSeen = ({ object }: OwnedRule) =>
    clients.length === 0 ||
    clients.some((client) => isVisible(object.spec.exportTo, object.metadata.namespace, client))
  const places = Map.groupBy(rules.filter(isSeen), ({ object }) => object.metadata.namespace)
  const indexes = new Map([...places].map(([place, own]) => [place, indexRules(own)]))
  const merged = new Map<string, MergedRule>()
  const used = new Set<DestinationRuleObject>()

  return {
    of: ({ host, namespace }) => {
      for (const place of new Set([...clients, namespace, rootNamespace])) {
        const found = indexes.get(place)?.(host)
        if (!found) continue
        const key = `${place} ${found.host}`
        let rule = merged.get(key)
        if (!rule) {
          const own = preferSelected(found.rules)
          for (const { object } of own) used.add(object)
          rule = mergeRules(own, report)
          merged.set(key, rule)
        }
        return rule
      }
      return undefined
    },
    tellUnused: () => {
      for (const { object } of rules) {
        if (used.has(object)) continue
        report.warn(object, ['host'], {
          rule: 'destination-rule-without-effect',
          message: `no service has the host ${object.spec.host}, or another DestinationRule holds for it`,
          hint: `rules are looked for in the namespaces of Gateway and service, then in ${rootNamespace}`,
        })
      }
    },
  }
}

interface FoundRules {
  readonly host: string
  readonly rules: readonly OwnedRule[]
}

/** Finds the rules of the most specific host that covers a host. */
function indexRules(rules: readonly OwnedRule[]): (host: string) => FoundRules | undefined {
  const byHost = Map.groupBy(rules, ({ host }) => host)
  const wildcards = [...byHost.keys()].filter((host) => host.startsWith('*')).toSorted(compareSpecificity)
  return (host) => {
    const best = byHost.has(host) ? host : wildcards.find((wildcard) => isSubset(host, wildcard))
    const own = best === undefined ? undefined : byHost.get(best)
    return best === undefined || !own ? undefined : { host: best, rules: own }
  }
}

/** Rules with a workloadSelector, which fit this proxy, before those for every proxy. */
function preferSelected(rules: readonly OwnedRule[]): readonly OwnedRule[] {
  const selected = rules.filter(({ object }) => object.spec.workloadSelector !== undefined)
  return selected.length > 0 ? selected : rules
}

function mergeRules(rules: readonly OwnedRule[], report: Report): MergedRule {
  const subsets = new Map<string, PlacedSubset>()
  let policy: PlacedPolicy | undefined
  for (const { object } of rules) {
    const own = object.spec.trafficPolicy
    if (own && policy) {
      report.warn(object, ['trafficPolicy'], {
        rule: 'destination-rule-conflict',
        message: `DestinationRule ${policy.object.metadata.namespace}/${policy.object.metadata.name} for the same host is older, so its trafficPolicy holds`,
      })
    } else if (own) policy = { policy: own, object, path: ['trafficPolicy'] }
    for (const [index, subset] of (object.spec.subsets ?? []).entries()) {
      const path = ['subsets', index]
      const other = subsets.get(subset.name)
      if (!other) subsets.set(subset.name, { subset, object, path })
      else {
        report.warn(object, path, {
          rule: 'duplicate-subset',
          message: `subset ${subset.name} is in DestinationRule ${other.object.metadata.namespace}/${other.object.metadata.name} already, which is the one that holds`,
        })
      }
    }
  }
  return { subsets: [...subsets.values()], ...(policy && { policy }) }
}

/** Blocks that hold for a port: a port's own settings replace all blocks, and a subset's blocks those of the rule. */
export interface EffectivePolicy {
  readonly blocks: PlacedBlocks
  readonly proxyProtocol?: 'v1' | 'v2'
}

export type PlacedBlocks = {
  readonly [Block in keyof PolicyBlocks]?: {
    readonly value: NonNullable<PolicyBlocks[Block]>
    readonly object: DestinationRuleObject
    readonly path: FieldPath
  }
}

export function effectivePolicy(
  rule: MergedRule | undefined,
  subset: PlacedSubset | undefined,
  port: number,
): EffectivePolicy {
  const own: PlacedPolicy | undefined = subset?.subset.trafficPolicy && {
    policy: subset.subset.trafficPolicy,
    object: subset.object,
    path: [...subset.path, 'trafficPolicy'],
  }
  let blocks: PlacedBlocks = {}
  let version: 'V1' | 'V2' | undefined
  for (const level of [rule?.policy, own]) {
    if (!level) continue
    const index = (level.policy.portLevelSettings ?? []).findIndex((setting) => setting.port?.number === port)
    const setting = level.policy.portLevelSettings?.[index]
    blocks = setting
      ? placeBlocks(setting, level, ['portLevelSettings', index])
      : { ...blocks, ...placeBlocks(level.policy, level, []) }
    if (level.policy.proxyProtocol) version = level.policy.proxyProtocol.version ?? 'V1'
  }
  return { blocks, ...(version && { proxyProtocol: version === 'V2' ? 'v2' : 'v1' }) }
}

function placeBlocks(blocks: PolicyBlocks, { object, path }: PlacedPolicy, steps: FieldPath): PlacedBlocks {
  const place = <Value>(value: Value, name: string) => ({ value, object, path: [...path, ...steps, name] })
  const { loadBalancer, connectionPool, outlierDetection, tls } = blocks
  return {
    ...(loadBalancer && { loadBalancer: place(loadBalancer, 'loadBalancer') }),
    ...(connectionPool && { connectionPool: place(connectionPool, 'connectionPool') }),
    ...(outlierDetection && { outlierDetection: place(outlierDetection, 'outlierDetection') }),
    ...(tls && { tls: place(tls, 'tls') }),
  }
}
