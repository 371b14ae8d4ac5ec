import type { KubeObject } from '../../objects/object.ts'
import type { Condition } from '../status.ts'
import type { ParentState, RouteState } from './attachments.ts'
import { ruleOf } from './backend-tls.ts'
import type { DroppedRule } from './compiled-route.ts'
import { condition, problem, type Problem, type Verdict } from './conditions.ts'
import type { Context } from './context.ts'
import { controllerName, gatewayGroup } from './specs.ts'

/** What the rules of a route came to. */
export interface RuleVerdicts {
  readonly resolved: Verdict
  readonly dropped: readonly DroppedRule[]
}

/** Writes the status of a route, an entry for each of its parents that are ours, and reports what is wrong. */
export function writeRouteStatus({ output }: Context, route: RouteState, verdicts: RuleVerdicts): void {
  const { object, parents } = route
  const { namespace, name, generation } = object.metadata
  const rules = ((object.spec as { rules?: readonly unknown[] }).rules ?? []).length
  const report = (path: (string | number)[], { reason, message }: Problem) =>
    output.report(object, path, { severity: 'error', rule: ruleOf(reason), message })
  for (const { accepted, index } of parents) {
    if (!accepted.ok) report(['spec', 'parentRefs', index], accepted)
  }
  for (const { rule, problem: wrong } of verdicts.dropped) report(['spec', 'rules', rule], wrong)
  if (!verdicts.resolved.ok) report(['spec', 'rules'], verdicts.resolved)
  output.statuses.push({
    kind: object.kind,
    group: gatewayGroup,
    namespace,
    name,
    generation,
    status: {
      parents: parents.map((parent) => ({
        parentRef: parentReference(object, parent),
        controllerName,
        conditions: conditionsOf(parent, { ...verdicts, rules, generation }),
      })),
    },
  })
}

/** As it is written, with its defaults. */
function parentReference(object: KubeObject, { reference }: ParentState): Record<string, unknown> {
  const { namespace = object.metadata.namespace, sectionName, port, name } = reference
  return {
    group: reference.group ?? gatewayGroup,
    kind: reference.kind ?? 'Gateway',
    namespace,
    name,
    ...(sectionName === undefined ? {} : { sectionName }),
    ...(port === undefined ? {} : { port }),
  }
}

function conditionsOf(
  { accepted }: ParentState,
  { resolved, dropped, rules, generation }: RuleVerdicts & { rules: number; generation: number },
): Condition[] {
  const first = dropped[0]?.problem
  const isWhole = first !== undefined && dropped.length === rules
  const verdict = accepted.ok && isWhole ? first : accepted
  const conditions = [
    condition('Accepted', verdict, generation),
    condition('ResolvedRefs', resolved, generation),
  ]
  if (first !== undefined && verdict.ok) {
    const numbers = dropped.map(({ rule, problem: why }) => `${rule} (${why.message})`).join('; ')
    conditions.push({
      ...condition('PartiallyInvalid', problem('UnsupportedValue', `Dropped Rule ${numbers}`), generation),
      status: 'True',
    })
  }
  return conditions
}
