/** What every case stands on: namespaces, Gateways, Services and their endpoints, certificates. */
import {
  appBackend,
  className,
  configMap,
  endpointSlice,
  gateway,
  http,
  https,
  infra,
  namespace,
  secret,
  service,
  webBackend,
  type KubeManifest,
} from './objects.ts'
import type { SuiteCertificates } from './suite-certificates.ts'

/** Ports of one echo process, at an address of its own. */
export interface Pod {
  readonly name: string
  readonly namespace: string
  readonly service: string
  readonly address: string
  readonly ports: { readonly http: number; readonly h2c: number; readonly https: number }
  readonly role?: 'http' | 'tls' | 'grpc' | 'tcp' | 'udp'
}

export function baseObjects(certificates: SuiteCertificates, pods: readonly Pod[]): KubeManifest[] {
  return [
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: className },
      spec: { controllerName: 'slipway.dev/gateway-controller' },
    },
    namespace(infra, { 'gateway-conformance': 'infra' }),
    namespace(appBackend, { 'gateway-conformance': 'backend' }),
    namespace(webBackend, { 'gateway-conformance': 'backend' }),
    ...gateways(),
    ...services(pods),
    ...certificateObjects(certificates),
  ]
}

function gateways(): KubeManifest[] {
  const backendNamespaces = {
    namespaces: { from: 'Selector', selector: { matchLabels: { 'gateway-conformance': 'backend' } } },
  }
  const same = { namespaces: { from: 'Same' } }
  const named = (name: string, hostname?: string) =>
    https('tls-validity-checks-certificate', { name, allowedRoutes: same, ...(hostname ? { hostname } : {}) })
  return [
    gateway('same-namespace', [http({ allowedRoutes: same })]),
    gateway('all-namespaces', [http()]),
    gateway('backend-namespaces', [http({ allowedRoutes: backendNamespaces })]),
    gateway('same-namespace-with-https-listener', [
      named('https'),
      named('https-with-hostname', 'second-example.org'),
      named('https-with-wildcard-hostname', '*.wildcard.org'),
      named('https-with-hostname-matching-wildcard', 'fourth-example.wildcard.org'),
    ]),
  ]
}

const webPorts = [{ name: 'first-port', port: 8080, targetPort: 3000 }]

function services(pods: readonly Pod[]): KubeManifest[] {
  return [
    serviceWith(pods, 'infra-backend-v1', [
      ...webPorts,
      { name: 'second-port', port: 8081, targetPort: 3001, appProtocol: 'kubernetes.io/h2c' },
      { name: 'third-port', port: 8082, targetPort: 3000, appProtocol: 'kubernetes.io/ws' },
    ]),
    serviceWith(pods, 'infra-backend-v2', webPorts),
    serviceWith(pods, 'infra-backend-v3', webPorts),
    serviceWith(pods, 'tls-backend', [{ name: 'https', port: 443, targetPort: 8443 }]),
    serviceWith(pods, 'tls-backend-2', [{ name: 'https', port: 443, targetPort: 8443 }]),
    serviceWith(pods, 'tls-backend', [{ name: 'https', port: 443, targetPort: 8443 }], appBackend),
    serviceWith(pods, 'app-backend-v1', webPorts, appBackend),
    serviceWith(pods, 'app-backend-v2', webPorts, appBackend),
    serviceWith(pods, 'web-backend', webPorts, webBackend),
    ...[1, 2, 3].map((version) =>
      serviceWith(pods, `grpc-infra-backend-v${version}`, [
        { name: 'grpc', port: 8080, targetPort: 3000, appProtocol: 'kubernetes.io/h2c' },
      ]),
    ),
    ...[1, 2, 3].map((version) =>
      serviceWith(pods, `tcp-backend-v${version}`, [{ name: 'tcp', port: 3000 }]),
    ),
    serviceWith(pods, 'tcp-backend', [
      { name: 'tcp', port: 3000 },
      { name: 'tls', port: 8443 },
    ]),
    serviceWith(pods, 'tcp-backend', [{ name: 'tcp', port: 3000 }], appBackend),
    ...[1, 2, 3].map((version) =>
      serviceWith(pods, `udp-backend-v${version}`, [{ name: 'udp', port: 5300, protocol: 'UDP' }]),
    ),
    serviceWith(pods, 'udp-backend', [{ name: 'udp', port: 5300, protocol: 'UDP' }], appBackend),
  ].flat()
}

interface Port {
  readonly name: string
  readonly port: number
  readonly protocol?: string
  readonly appProtocol?: string
  readonly targetPort?: number
}

/** A Service, and the slice a cluster would make of its pods. */
function serviceWith(
  pods: readonly Pod[],
  name: string,
  ports: readonly Port[],
  place: string = infra,
): KubeManifest[] {
  const own = pods.filter((pod) => pod.service === name && pod.namespace === place)
  const portOf = ({ ports: numbers }: Pod, { appProtocol, targetPort, name: port }: Port) =>
    targetPort === 8443 || port === 'tls'
      ? numbers.https
      : appProtocol === 'kubernetes.io/h2c'
        ? numbers.h2c
        : numbers.http
  const slices = own.map((pod, index) => ({
    ...endpointSlice(
      name,
      ports.map((port) => ({
        name: port.name,
        port: portOf(pod, port),
        ...(port.protocol === undefined ? {} : { protocol: port.protocol }),
      })),
      [{ address: pod.address, pod: pod.name }],
      { namespace: place },
    ),
    index,
  }))
  return [
    service(name, ports as unknown as Record<string, unknown>[], { namespace: place }),
    ...slices.map(({ index, ...slice }) => ({
      ...slice,
      metadata: { ...slice.metadata, name: `${name}-${index}` },
    })),
  ]
}

function certificateObjects(certificates: SuiteCertificates): KubeManifest[] {
  const { server, backend, passthrough, client, otherClient, authority, otherAuthority } = certificates
  return [
    secret('tls-validity-checks-certificate', server),
    secret('certificate', server, { namespace: webBackend }),
    secret('tls-checks-certificate', backend),
    secret('tls-passthrough-checks-certificate', passthrough),
    secret('tls-terminate-checks-certificate', passthrough),
    secret('client-validity-checks-certificate', client),
    secret('other-client-certificate', otherClient),
    configMap('backend-tls-checks-certificate', { 'ca.crt': authority }),
    configMap('mismatch-ca-certificate', { 'ca.crt': otherAuthority }),
    configMap('client-validation-ca', { 'ca.crt': authority }),
    configMap('other-client-validation-ca', { 'ca.crt': otherAuthority }),
  ]
}
