/** The sockets of one client: kept alive per origin, direct or through a proxy, with TLS as it was set up. */
import type * as http from 'node:http'
import type * as https from 'node:https'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'
import type { Hop } from './exchange.ts'
import { proxyFor, type ProxyEnvironment } from './proxy.ts'

export interface TlsOptions {
  /** authorities in PEM that are trusted besides those of Node.js and of this machine, default none */
  readonly authorities?: readonly string[]
  /** those authorities are the only ones that are trusted; default false */
  readonly trustsOnlyThem?: boolean | undefined
  /** the name that certificates of servers must have; default: that of the address */
  readonly serverName?: string | undefined
  /** certificates with their keys in PEM, shown to servers that ask for one; default none */
  readonly certificates?: readonly { readonly certificate: string; readonly key: string }[]
  /** name or address of the one server whose certificate may be anybody's; default none */
  readonly unverified?: string | undefined
}

export interface ConnectionOptions {
  readonly sockets: number
  readonly tls?: TlsOptions | undefined
  /** variables that name proxies; default: no proxy */
  readonly proxyEnv?: ProxyEnvironment | undefined
  /** makes the connections of `http:` requests, whatever host they name: for servers on local sockets */
  readonly connect?: (() => Duplex) | undefined
}

export interface Connections {
  readonly start: (hop: Hop, isFresh: boolean) => http.ClientRequest
  /** whether the authorities of this machine are trusted, not only those that Node.js brings */
  readonly trustsSystem: () => boolean
  /** trusts them from now on */
  readonly trustSystem: () => void
  readonly close: () => void
}

/** What Node.js takes and its types do not know. */
type SecureRequest = https.RequestOptions & { readonly secureContext: SecureContext }
type SocketOptions = https.AgentOptions & { readonly noDelay: boolean }

export function openConnections(options: ConnectionOptions): Connections {
  const { tls = {}, proxyEnv = {} } = options
  const agents = new Map<string, http.Agent>()
  let trustsSystem = false
  let context: SecureContext | undefined

  function agentFor(url: URL, proxy: string | undefined, isFresh: boolean): http.Agent {
    const key = `${url.protocol} ${proxy ?? ''}`
    const known = isFresh ? undefined : agents.get(key)
    if (known) return known
    const agent = newAgent(url, proxy, { isFresh, sockets: options.sockets })
    const { connect } = options
    if (connect && url.protocol === 'http:') agent.createConnection = () => connect()
    if (!isFresh) agents.set(key, agent)
    return agent
  }

  return {
    start(hop, isFresh) {
      const { url } = hop
      const request: https.RequestOptions = {
        method: hop.method,
        headers: { ...hop.headers, ...(hop.body && { 'content-length': String(hop.body.size) }) },
        agent: agentFor(url, proxyFor(url, proxyEnv), isFresh),
      }
      if (url.protocol === 'http:') return plainModule().request(url, request)
      context ??= newContext(tls, trustsSystem)
      const rejectUnauthorized = url.hostname !== tls.unverified
      const secure: SecureRequest = {
        ...request,
        secureContext: context,
        rejectUnauthorized,
        ...(tls.serverName !== undefined && { servername: tls.serverName }),
      }
      return secureModule().request(url, secure)
    },
    trustsSystem: () => trustsSystem,
    trustSystem() {
      if (!trustsSystem) context = undefined
      trustsSystem = true
    },
    close() {
      for (const agent of agents.values()) agent.destroy()
    },
  }
}

function newAgent(
  url: URL,
  proxy: string | undefined,
  { isFresh, sockets }: { isFresh: boolean; sockets: number },
): http.Agent {
  const options: SocketOptions = {
    keepAlive: !isFresh,
    maxSockets: sockets,
    noDelay: true,
    ...(proxy !== undefined && { proxyEnv: { http_proxy: proxy, https_proxy: proxy } }),
  }
  return url.protocol === 'http:' ? new (plainModule().Agent)(options) : new (secureModule().Agent)(options)
}

/** An import of it would load all that it can give, WebSockets too: 20 ms that no run needs. */
function plainModule(): typeof http {
  return process.getBuiltinModule('node:http')
}

/** Loaded on first use: a run against loopback never pays for TLS. */
function secureModule(): typeof https {
  return process.getBuiltinModule('node:https')
}

/** Reading the authorities of a machine takes a tenth of a second, and Node.js knows those of the internet without. */
function newContext(tls: TlsOptions, withSystem: boolean): SecureContext {
  const { createSecureContext, getCACertificates } = process.getBuiltinModule('node:tls')
  const { authorities = [], certificates = [], trustsOnlyThem = false } = tls
  const isDefault = authorities.length === 0 && !withSystem
  const ca = trustsOnlyThem
    ? authorities
    : [...getCACertificates('default'), ...authorities, ...(withSystem ? getCACertificates('system') : [])]
  return createSecureContext({
    ...(!isDefault && { ca: [...new Set(ca)] }),
    ...(certificates.length > 0 && {
      cert: certificates.map(({ certificate }) => certificate),
      key: certificates.map(({ key }) => key),
    }),
  })
}
