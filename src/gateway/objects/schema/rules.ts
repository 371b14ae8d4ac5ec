/** What the CRDs of Gateway API v1.6 and Istio 1.30 say in CEL (`x-kubernetes-validations`), as typed rules: one file per kind. */
import type { GroupKind } from '../object.ts'
import type { Issue } from './issue.ts'
import { checkBackendTlsPolicy } from './rules/backend-tls-policy.ts'
import { checkGateway } from './rules/gateway.ts'
import { checkGrpcRoute } from './rules/grpc-route.ts'
import { checkHttpRoute } from './rules/http-route.ts'
import { checkIstioGateway } from './rules/istio-gateway.ts'
import { checkListeners } from './rules/listeners.ts'
import type { Json } from './rules/rule-check.ts'
import { checkServiceEntry } from './rules/service-entry.ts'
import { checkStreamRoute, checkTlsRoute } from './rules/stream-route.ts'
import { checkWorkloadEntry } from './rules/workload-entry.ts'

const rules: Readonly<Record<GroupKind, (spec: Json) => Issue[]>> = {
  'Gateway.gateway.networking.k8s.io': checkGateway,
  'ListenerSet.gateway.networking.k8s.io': checkListeners,
  'HTTPRoute.gateway.networking.k8s.io': checkHttpRoute,
  'GRPCRoute.gateway.networking.k8s.io': checkGrpcRoute,
  'TLSRoute.gateway.networking.k8s.io': checkTlsRoute,
  'TCPRoute.gateway.networking.k8s.io': checkStreamRoute,
  'UDPRoute.gateway.networking.k8s.io': checkStreamRoute,
  'BackendTLSPolicy.gateway.networking.k8s.io': checkBackendTlsPolicy,
  'Gateway.networking.istio.io': checkIstioGateway,
  'ServiceEntry.networking.istio.io': checkServiceEntry,
  'WorkloadEntry.networking.istio.io': (spec) => checkWorkloadEntry(spec),
}

/** Everything of a spec, with defaults and well-formed, that breaks a rule of its kind. */
export function checkRules(groupKind: GroupKind, spec: unknown): Issue[] {
  return rules[groupKind]?.(spec as Json) ?? []
}
