/** The Gateway API (v1.6) as listeners, routes and clusters of the model, with the status of every object. */
import type { ObjectSet, KubeObject } from '../../objects/object.ts'
import { serviceRegistry } from '../backends/registry.ts'
import type { TranslateInput, Translation } from '../translation.ts'
import { Attachments, type RouteState } from './attachments.ts'
import { BackendTlsPolicies } from './backend-tls.ts'
import type { HostedCandidate } from './candidate.ts'
import { addListeners, type HostedStream } from './chains.ts'
import type { CompiledRoute, DroppedRule } from './compiled-route.ts'
import { fine, type Verdict } from './conditions.ts'
import type { Context } from './context.ts'
import { gatewayClasses } from './gateway-classes.ts'
import { writeGatewayStatus } from './gateway-status.ts'
import { gatewayStates } from './gateways.ts'
import { grantsOf } from './grants.ts'
import { compileHttpRoute, type RouteScope } from './http-rules.ts'
import { reportIgnoredFields } from './ignored-fields.ts'
import type { ListenerState } from './listener-state.ts'
import { Output } from './output.ts'
import { writeRouteStatus } from './route-status.ts'
import { gatewayGroup, type HttpRouteSpec, type StreamRouteSpec } from './specs.ts'
import { compileStreamRoute } from './stream-routes.ts'

export function gatewayApi({ objects, options }: TranslateInput): Translation {
  const context: Context = {
    objects,
    options,
    services: serviceRegistry(objects, options.domain),
    grants: grantsOf(objects),
    policies: new BackendTlsPolicies(objects),
    output: new Output(),
  }
  context.policies.resolve(context)
  const gateways = gatewayStates(context, gatewayClasses(context))
  const attachments = new Attachments(context, gateways)
  const traffic = {
    http: new Map<ListenerState, HostedCandidate[]>(),
    streams: new Map<ListenerState, HostedStream[]>(),
  }
  for (const object of routesOf<HttpRouteSpec>(objects, ['HTTPRoute', 'GRPCRoute'])) {
    const route = attachments.attach(object)
    const compile = (scope: RouteScope) => compileHttpRoute(scope, object)
    writeRouteStatus(context, route, addHttp(context, route, { compile, into: traffic.http }))
  }
  for (const object of routesOf<StreamRouteSpec>(objects, ['TLSRoute', 'TCPRoute', 'UDPRoute'])) {
    const route = attachments.attach(object)
    writeRouteStatus(context, route, { resolved: addStream(context, route, traffic.streams), dropped: [] })
  }
  for (const gateway of gateways) {
    addListeners(context, gateway, traffic)
    writeGatewayStatus(context, gateway)
  }
  context.policies.writeStatuses(context)
  const ours = new Set<KubeObject>(gateways.map(({ object }) => object))
  reportIgnoredFields(context, (object) => ours.has(object))
  return context.output.done()
}

/** Routes of some kinds, oldest first, then by `namespace/name`. */
function routesOf<Spec>(objects: ObjectSet, kinds: readonly string[]): KubeObject<Spec>[] {
  const all = kinds.flatMap((kind) => objects.list<Spec>(`${kind}.${gatewayGroup}`))
  const keyOf = ({ metadata }: KubeObject) => `${metadata.namespace}/${metadata.name}`
  return all.toSorted(
    (a, b) =>
      a.metadata.created - b.metadata.created || (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0),
  )
}

interface HttpTarget {
  readonly compile: (scope: RouteScope) => CompiledRoute
  readonly into: Map<ListenerState, HostedCandidate[]>
}

/** Compiles a route once for each Gateway and port it is at, and hands its candidates to the listeners. */
function addHttp(
  context: Context,
  { parents }: RouteState,
  { compile, into }: HttpTarget,
): { resolved: Verdict; dropped: readonly DroppedRule[] } {
  const compiled = new Map<string, CompiledRoute>()
  const done = new Set<ListenerState>()
  for (const { listener, hostnames } of parents.flatMap(({ attached }) => attached)) {
    if (done.has(listener)) continue
    done.add(listener)
    const { namespace, name } = listener.gateway.object.metadata
    const key = `${namespace}/${name}:${listener.spec.port}`
    const scope = { context, gateway: listener.gateway, listenerPort: listener.spec.port }
    const route = compiled.get(key) ?? compile(scope)
    compiled.set(key, route)
    const candidates = into.get(listener) ?? []
    into.set(listener, candidates)
    for (const hostname of hostnames) {
      for (const candidate of route.candidates) candidates.push({ hostname, candidate })
    }
  }
  return [...compiled.values()][0] ?? compile({ context, listenerPort: 80 })
}

function addStream(
  context: Context,
  { object, parents }: RouteState,
  into: Map<ListenerState, HostedStream[]>,
): Verdict {
  let resolved: Verdict = fine
  const route = object as KubeObject<StreamRouteSpec>
  const attached = parents.flatMap((parent) => parent.attached)
  for (const { listener, hostnames } of attached) {
    const { gateway, spec, terminates } = listener
    const passes = spec.protocol === 'TLS' && !terminates ? 'tls' : 'tcp'
    const traffic = spec.protocol === 'UDP' ? 'udp' : passes
    const compiled = compileStreamRoute({ context, gateway, listenerPort: spec.port }, route, traffic)
    resolved = compiled.resolved
    const streams = into.get(listener) ?? []
    into.set(listener, streams)
    for (const hostname of hostnames) streams.push({ hostname, targets: compiled.targets })
  }
  if (attached.length > 0) return resolved
  const traffic = object.kind === 'UDPRoute' ? 'udp' : 'tcp'
  return compileStreamRoute({ context, listenerPort: 0 }, route, traffic).resolved
}
