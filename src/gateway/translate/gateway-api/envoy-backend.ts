/** `Backend` of Envoy Gateway (gateway.envoyproxy.io/v1alpha1): endpoints outside of Kubernetes, named one by one. */
import type { Endpoint } from '../../model/index.ts'
import type { BackendUse } from './backend-refs.ts'
import { problem, type Problem } from './conditions.ts'
import type { Context } from './context.ts'

interface BackendSpec {
  readonly endpoints?: readonly {
    readonly fqdn?: { readonly hostname: string; readonly port: number }
    readonly ip?: { readonly address: string; readonly port: number }
    readonly unix?: { readonly path: string }
    readonly zone?: string
  }[]
  readonly appProtocols?: readonly string[]
}

/** The cluster of a Backend; names are resolved, every address of them is an endpoint. */
export function envoyBackend(
  { objects, output, policies }: Context,
  { traffic, gateway }: BackendUse,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): { cluster: string } | Problem {
  const object = objects.get<BackendSpec>('Backend.gateway.envoyproxy.io', namespace, name)
  if (object === undefined) return problem('BackendNotFound', `Backend ${namespace}/${name} is not there`)
  const written = object.spec.endpoints ?? []
  const endpoints = written.flatMap(({ fqdn, ip, unix, zone }): Endpoint[] => {
    const locality = zone === undefined ? {} : { locality: zone }
    if (fqdn) return [{ address: fqdn.hostname, hostname: fqdn.hostname, port: fqdn.port, ...locality }]
    if (ip) return [{ address: ip.address, port: ip.port, ...locality }]
    return unix ? [{ address: `unix:${unix.path}`, port: 0, ...locality }] : []
  })
  const isHttp2 = traffic === 'grpc' || (object.spec.appProtocols ?? []).includes('gateway.envoyproxy.io/h2c')
  const tls = traffic === 'tls' || gateway === undefined ? undefined : policies.tlsFor(gateway, object, '')
  const parts = [
    `backend|${namespace}|${name}`,
    ...(isHttp2 ? ['h2'] : []),
    ...(traffic === 'tls' ? ['raw'] : []),
    ...(tls?.clientCertificate === undefined || gateway === undefined
      ? []
      : [`Gateway/${gateway.object.metadata.namespace}/${gateway.object.metadata.name}`]),
  ]
  return {
    cluster: output.cluster(parts.join('|'), () => ({
      name: parts.join('|'),
      discovery: written.some(({ fqdn }) => fqdn) ? 'strict-dns' : 'static',
      endpoints,
      ...(isHttp2 ? { protocol: 'h2' } : {}),
      ...(tls === undefined ? {} : { tls }),
    })),
  }
}
