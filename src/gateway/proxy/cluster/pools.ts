/** Which connections a request to an endpoint goes by. */
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Cluster, Endpoint } from '../../model/index.ts'
import type { DialTarget } from '../upstream/dial.ts'
import { Http1Pool } from '../upstream/http1-pool.ts'
import { Http2Pool } from '../upstream/http2-pool.ts'
import { NegotiatedPool } from '../upstream/negotiated-pool.ts'
import type { Pool } from '../upstream/pool.ts'
import { writeProxyHeader, type Addresses } from '../l4/proxy-protocol.ts'
import type { UpstreamRequest } from '../upstream/upstream.ts'
import type { Usage } from '../upstream/usage.ts'

export interface PoolSettings {
  readonly config: Cluster
  readonly tls: ConnectionOptions | undefined
  readonly usage: Usage
  /** what the client spoke */
  readonly isHttp2: boolean
  readonly request: UpstreamRequest
  readonly onBug: (error: unknown) => void
}

/** of a connection that is for no client, such as that of a health check: told as unknown */
const ourselves: Addresses = { source: { address: '', port: 0 }, destination: { address: '', port: 0 } }

const defaultConnectTimeoutMs = 10_000
const defaultIdleTimeoutMs = 60_000

/** Endpoints without a server name of their own are told the host of the request, so each host has its connections. */
export function poolName(settings: PoolSettings): string {
  const { tls } = settings
  const protocol = speaksHttp2(settings) ? 'h2' : 'http1'
  return tls === undefined || tls.servername !== undefined ? protocol : `${protocol} ${serverName(settings)}`
}

export function newPool(endpoint: Endpoint, settings: PoolSettings): Pool {
  const { config, tls, usage } = settings
  const isHttp2 = speaksHttp2(settings)
  const target: DialTarget = {
    address: endpoint.address,
    port: endpoint.port,
    ...(tls && {
      tls: {
        ...tls,
        ...(tls.servername === undefined && { servername: serverName(settings) }),
      },
    }),
    ...(config.proxyProtocol && {
      preamble: writeProxyHeader(config.proxyProtocol, settings.request.client ?? ourselves),
    }),
    ...(config.limits?.tcpKeepaliveMs !== undefined && { keepaliveMs: config.limits.tcpKeepaliveMs }),
  }
  const options = {
    onBug: settings.onBug,
    connectTimeoutMs: config.connectTimeoutMs ?? defaultConnectTimeoutMs,
    idleTimeoutMs: config.limits?.idleTimeoutMs ?? defaultIdleTimeoutMs,
    maxRequests: config.proxyProtocol ? 1 : (config.limits?.maxRequestsPerConnection ?? 0),
  }
  const poolOf = (protocol: 'h2' | 'http/1.1') => {
    const own = target.tls ? { ...target, tls: { ...target.tls, ALPNProtocols: [protocol] } } : target
    return protocol === 'h2' ? new Http2Pool(own, options, usage) : new Http1Pool(own, options, usage)
  }
  // In the clear nobody can be asked: a client of HTTP/2 has its own spoken there.
  if (isHttp2 && config.protocol === 'auto' && tls !== undefined) {
    return new NegotiatedPool({ target, timeoutMs: options.connectTimeoutMs, poolOf })
  }
  return poolOf(isHttp2 ? 'h2' : 'http/1.1')
}

function speaksHttp2({ config, isHttp2, request }: PoolSettings): boolean {
  if (request.upgrade !== undefined) return false
  return config.protocol === 'h2' || (config.protocol === 'auto' && isHttp2)
}

/** Addresses are no server names (RFC 6066 section 3). */
function serverName({ request }: PoolSettings): string {
  const host = request.authority.replace(/:\d*$/, '')
  return isIP(host) === 0 && !host.startsWith('[') ? host : ''
}
