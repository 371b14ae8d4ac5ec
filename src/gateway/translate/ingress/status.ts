import type { ObjectStatus } from '../status.ts'
import type { IngressObject } from './spec.ts'

interface PortStatus {
  readonly port: number
  readonly protocol: 'TCP'
  /** in CamelCase behind a domain, as the API asks */
  readonly error?: string
}

/** `status.loadBalancer`: the address, with each port and why it is not bound. */
export function ingressStatus(
  { metadata }: IngressObject,
  address: string,
  ports: { readonly http: number; readonly https?: number },
): ObjectStatus {
  const numbers = ports.https === undefined ? [ports.http] : [ports.http, ports.https]
  const nameOfPort = (port: number) => `${address}:${port}/tcp`
  const statusWith = (errors: ReadonlySet<string>) => {
    const states = numbers.map((port): PortStatus => {
      const error = errors.has(nameOfPort(port)) && { error: 'slipway.dev/PortUnavailable' }
      return { port, protocol: 'TCP', ...error }
    })
    const isServed = states.some(({ error }) => error === undefined)
    return { loadBalancer: isServed ? { ingress: [{ ip: address, ports: states }] } : {} }
  }
  return {
    kind: 'Ingress',
    group: 'networking.k8s.io',
    namespace: metadata.namespace,
    name: metadata.name,
    generation: metadata.generation,
    status: statusWith(new Set()),
    listeners: numbers.map(nameOfPort),
    unbound: (problems) => statusWith(new Set(Object.keys(problems))),
  }
}
