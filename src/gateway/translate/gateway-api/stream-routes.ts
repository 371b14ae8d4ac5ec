/** TLSRoute, TCPRoute and UDPRoute: connections as they come, no request in sight. */
import type { WeightedTarget } from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'
import { resolveBackend, type BackendUse } from './backend-refs.ts'
import { fine, type Problem, type Verdict } from './conditions.ts'
import type { RouteScope } from './http-rules.ts'
import type { Reference, StreamRouteSpec } from './specs.ts'

export interface StreamRoute {
  readonly targets: readonly WeightedTarget[]
  readonly resolved: Verdict
}

/** The first rule of a route; these kinds have one. A backend that cannot be had keeps its share, which is refused. */
export function compileStreamRoute(
  { context, gateway }: RouteScope,
  object: KubeObject<StreamRouteSpec>,
  traffic: BackendUse['traffic'],
): StreamRoute {
  const unresolved: Problem[] = []
  const rule = object.spec.rules?.[0]
  const targets = (rule?.backendRefs ?? []).map((reference, at): WeightedTarget => {
    const path = ['spec', 'rules', 0, 'backendRefs', at]
    const use = { route: object, path, traffic, ...(gateway ? { gateway } : {}) }
    const found = resolveBackend(context, use, reference as Reference)
    const weight = reference.weight ?? 1
    if ('cluster' in found) return { cluster: found.cluster, weight }
    unresolved.push(found)
    return { weight }
  })
  return { targets, resolved: unresolved[0] ?? fine }
}
