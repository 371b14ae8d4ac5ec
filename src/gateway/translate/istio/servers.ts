/** Which servers of which Gateways this proxy serves, and which of them lose to an older one. */
import type { KubeObject } from '../../objects/object.ts'
import type { TranslateInput } from '../translation.ts'
import { parseServerHost, type ServerHost } from './host-name.ts'
import { nameOf, type Report } from '../report.ts'
import type { GatewaySpec, Labels, Server } from './spec.ts'

export type GatewayObject = KubeObject<GatewaySpec>

/** `https`: HTTP in TLS. `tls`: TCP in TLS that ends here. `passthrough`: TLS that goes on as it is. */
export type ServerKind = 'http' | 'https' | 'tcp' | 'tls' | 'passthrough'

export interface BoundServer {
  readonly gateway: GatewayObject
  /** in `spec.servers` */
  readonly index: number
  readonly server: Server
  readonly kind: ServerKind
  readonly address: string
  readonly port: number
  readonly hosts: readonly ServerHost[]
}

/** Gateways whose selector fits the labels of this proxy; no selector fits every proxy. Oldest first. */
export function selectedGateways({ objects, options }: TranslateInput, report: Report): GatewayObject[] {
  return objects.list<GatewaySpec>('Gateway.networking.istio.io').filter((gateway) => {
    const fits = isSelected(gateway, options.labels)
    if (!fits) {
      report.warn(gateway, ['selector'], {
        rule: 'gateway-not-selected',
        message: `the selector ${formatLabels(gateway.spec.selector ?? {})} does not fit this proxy, whose labels are ${formatLabels(options.labels)}`,
        hint: `write --label ${Object.entries(gateway.spec.selector ?? {})[0]?.join('=') ?? ''}`,
      })
    }
    return fits
  })
}

export function isSelected(gateway: GatewayObject, labels: Labels): boolean {
  return Object.entries(gateway.spec.selector ?? {}).every(([name, value]) => labels[name] === value)
}

/** Servers by their order: the older Gateway first, then as they are written. A server that conflicts is left out. */
export function bindServers(
  gateways: readonly GatewayObject[],
  defaultAddress: string,
  report: Report,
): BoundServer[] {
  const bound: BoundServer[] = []
  for (const gateway of gateways) {
    for (const [index, server] of (gateway.spec.servers ?? []).entries()) {
      const kind = kindOf(server)
      if (typeof kind !== 'string') {
        report.error(gateway, ['servers', index, ...kind.path], {
          rule: 'unsupported-server',
          message: kind.why,
        })
        continue
      }
      tellIgnored(gateway, index, report)
      const candidate: BoundServer = {
        gateway,
        index,
        server,
        kind,
        address: server.bind === undefined || server.bind === '' ? defaultAddress : server.bind,
        port: server.port.number,
        hosts: server.hosts.map((host) => parseServerHost(host, gateway.metadata.namespace)),
      }
      const conflict = conflictWith(candidate, bound)
      if (conflict === undefined) bound.push(candidate)
      else report.error(gateway, ['servers', index], { rule: 'server-conflict', ...conflict })
    }
  }
  return bound
}

const httpProtocols = new Set(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', 'HTTP_PROXY'])
const tcpProtocols = new Set(['TCP', 'TLS', 'HTTPS', 'MONGO', 'MYSQL', 'REDIS'])

interface Refusal {
  readonly path: readonly string[]
  readonly why: string
}

function kindOf({ port, tls, bind }: Server): ServerKind | Refusal {
  const protocol = port.protocol.toUpperCase()
  if (bind?.startsWith('unix:'))
    return { path: ['bind'], why: 'a server cannot listen on a Unix socket here' }
  if (httpProtocols.has(protocol)) return 'http'
  if (!tcpProtocols.has(protocol)) {
    return { path: ['port', 'protocol'], why: `protocol ${port.protocol} is not one that a Gateway serves` }
  }
  const mode = tls?.mode ?? 'SIMPLE'
  if (tls && (mode === 'AUTO_PASSTHROUGH' || mode === 'ISTIO_MUTUAL')) {
    return { path: ['tls', 'mode'], why: `TLS mode ${mode} needs the certificates of a mesh` }
  }
  if (tls && mode === 'PASSTHROUGH') return 'passthrough'
  if (protocol === 'HTTPS') return tls ? 'https' : { path: [], why: 'a server with protocol HTTPS needs tls' }
  if (protocol === 'TLS') return tls ? 'tls' : { path: [], why: 'a server with protocol TLS needs tls' }
  return tls ? 'tls' : 'tcp'
}

function tellIgnored(gateway: GatewayObject, index: number, report: Report): void {
  const server = gateway.spec.servers?.[index]
  if (server?.port.targetPort !== undefined) {
    report.ignored(gateway, ['servers', index, 'port', 'targetPort'], 'the server listens on port.number')
  }
  const isPlainHttp = httpProtocols.has(server?.port.protocol.toUpperCase() ?? '')
  for (const [field, value] of Object.entries(server?.tls ?? {})) {
    if (isPlainHttp === (field === 'httpsRedirect') || value === false) continue
    const why = isPlainHttp ? 'a server for HTTP has no TLS' : 'only plain HTTP is redirected'
    report.ignored(gateway, ['servers', index, 'tls', field], why)
  }
  if (server?.defaultEndpoint !== undefined) {
    report.ignored(gateway, ['servers', index, 'defaultEndpoint'], 'Istio does not implement it')
  }
}

const isTls = (kind: ServerKind) => kind === 'https' || kind === 'tls' || kind === 'passthrough'

/** Servers share an address and port when all are plain HTTP, or all are TLS with hosts of their own. */
function conflictWith(
  server: BoundServer,
  bound: readonly BoundServer[],
): { message: string; hint: string } | undefined {
  const others = bound.filter(({ address, port }) => address === server.address && port === server.port)
  const where = `port ${server.port}`
  for (const other of others) {
    const owner = `${nameOf(other.gateway)} server ${other.index}`
    if (isTls(server.kind) !== isTls(other.kind)) {
      return {
        message: `${where} is used with${isTls(other.kind) ? '' : 'out'} TLS by ${owner}`,
        hint: 'give one of them another port or bind address',
      }
    }
    if (!isTls(server.kind) && (server.kind === 'tcp' || other.kind === 'tcp')) {
      return {
        message: `${where} is used by ${owner}; only HTTP servers can share a port without TLS`,
        hint: 'give one of them another port or bind address',
      }
    }
    const twice =
      isTls(server.kind) && server.hosts.find((host) => other.hosts.some((its) => isSame(host, its)))
    if (twice) {
      return {
        message: `host ${twice.host} on ${where} is served by ${owner} already`,
        hint: 'TLS servers of one port are told apart by their hosts',
      }
    }
    const sameName = other.gateway === server.gateway && other.server.port.name === server.server.port.name
    if (server.kind === 'https' && other.kind === 'https' && sameName) {
      return {
        message: `port name ${server.server.port.name} is used by ${owner} already`,
        hint: 'HTTPS servers of one Gateway need port names of their own',
      }
    }
  }
  return undefined
}

const isSame = (one: ServerHost, other: ServerHost) =>
  one.host === other.host && one.namespace === other.namespace

export function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? '(none)' : pairs.join(',')
}
