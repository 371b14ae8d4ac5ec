/** One connection of a client, carried to an endpoint of a cluster. */
import { isIP, type Socket } from 'node:net'
import type { LiveCluster } from '../cluster/cluster.ts'
import type { LiveEndpoint } from '../cluster/endpoint.ts'
import { hashText } from '../balance/hash.ts'
import { pumpBytes } from './byte-pump.ts'
import { connectEndpoint } from './connect-endpoint.ts'
import { writeProxyHeader, type Addresses } from './proxy-protocol.ts'
import type { TcpChain } from './tcp-chain.ts'

export interface TcpSessionOptions {
  /** what bytes are read from, TLS done; it can be half open */
  readonly client: Socket
  readonly chain: TcpChain
  readonly addresses: Addresses
  /** name that the client asked for by TLS */
  readonly serverName: string | undefined
  /** in [0, 1) */
  readonly random: () => number
  readonly onEnd: (report: TcpSessionReport) => void
}

export interface TcpSessionReport {
  readonly cluster?: string
  readonly endpoint?: string
  readonly attempts: number
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Envoy's: `NR` no target, `UH` no endpoint, `UO` over a limit, `UF` no connection, `UC` the backend cut it, `DC` the client, `-` */
  readonly flags: string
}

/** endpoints that are tried: nothing of the client has been sent, so trying another is safe */
const mostAttempts = 3
const connectTimeoutMs = 10_000

export function startTcpSession(options: TcpSessionOptions): void {
  new TcpSession(options).start()
}

class TcpSession {
  readonly #options: TcpSessionOptions
  readonly #cluster: LiveCluster | undefined
  readonly #tried = new Set<LiveEndpoint>()
  #endpoint: LiveEndpoint | undefined
  #upstream: Socket | undefined
  #timer: NodeJS.Timeout | undefined
  #received = 0
  #sent = 0
  #flags = '-'
  #isOver = false

  constructor(options: TcpSessionOptions) {
    this.#options = options
    this.#cluster = options.chain.choose(options.random)
  }

  start(): void {
    const { client } = this.#options
    client.on('error', () => {})
    client.once('close', () => this.#clientClosed())
    if (client.destroyed) this.#clientClosed()
    else if (this.#cluster === undefined) this.#refuse('NR')
    else if (this.#cluster.broken !== undefined) this.#refuse('UF')
    else if (!this.#cluster.usage.mayConnect) this.#refuse('UO')
    else void this.#begin(this.#cluster)
  }

  /** Behind a wildcard the name that the client asked for by TLS says where to go. */
  async #begin(cluster: LiveCluster): Promise<void> {
    const { serverName } = this.#options
    if (cluster.config.discovery === 'dynamic-dns' && serverName !== undefined)
      await cluster.resolveHost(serverName)
    if (!this.#isOver) this.#connect(cluster)
  }

  #connect(cluster: LiveCluster): void {
    const endpoint = cluster.choose({
      hash: this.#hash(cluster),
      avoid: this.#tried,
      ...(this.#options.serverName !== undefined && { host: this.#options.serverName }),
    })
    if (endpoint === undefined || this.#tried.has(endpoint)) {
      this.#refuse(this.#tried.size === 0 ? 'UH' : 'UF')
      return
    }
    this.#tried.add(endpoint)
    this.#take(cluster, endpoint)
    const { proxyProtocol, limits } = cluster.config
    this.#upstream = connectEndpoint(
      {
        endpoint: endpoint.config,
        tls: cluster.tls,
        serverName: this.#options.serverName ?? hostName(endpoint.config.hostname),
        timeoutMs: cluster.config.connectTimeoutMs ?? connectTimeoutMs,
        keepaliveMs: limits?.tcpKeepaliveMs,
        preamble: proxyProtocol && writeProxyHeader(proxyProtocol, this.#options.addresses),
      },
      (result) => {
        if (this.#isOver) return
        if ('socket' in result) this.#join(result.socket, cluster)
        else this.#failed(cluster, endpoint)
      },
    )
  }

  #failed(cluster: LiveCluster, endpoint: LiveEndpoint): void {
    cluster.ended(endpoint, 0)
    this.#release()
    if (this.#tried.size < mostAttempts) this.#connect(cluster)
    else this.#refuse('UF')
  }

  #join(upstream: Socket, cluster: LiveCluster): void {
    const { client } = this.#options
    if (this.#endpoint) cluster.ended(this.#endpoint, 200)
    upstream.on('error', () => {})
    upstream.once('close', () => this.#upstreamClosed())
    const { idleTimeoutMs } = this.#options.chain
    if (idleTimeoutMs > 0) this.#timer = setTimeout(() => this.#cut(), idleTimeoutMs)
    pumpBytes({
      from: client,
      to: upstream,
      onBytes: (count) => {
        this.#received += count
        this.#timer?.refresh()
      },
    })
    pumpBytes({
      from: upstream,
      to: client,
      onBytes: (count) => {
        this.#sent += count
        this.#timer?.refresh()
      },
    })
  }

  /** Nothing was said for too long. */
  #cut(): void {
    this.#options.client.destroy()
    this.#upstream?.destroy()
  }

  /** A reset on one side is a reset on the other: an end would look as if all had come. */
  #clientClosed(): void {
    const { client } = this.#options
    const upstream = this.#upstream
    const isCut = !client.readableEnded && this.#flags === '-' && upstream?.destroyed !== true
    if (isCut) this.#flags = 'DC'
    if (upstream && !upstream.destroyed) {
      if (isCut) reset(upstream)
      else upstream.destroySoon()
    }
    this.#over()
  }

  #upstreamClosed(): void {
    const { client } = this.#options
    if (client.destroyed || this.#isOver) return
    if (this.#upstream?.readableEnded) client.destroySoon()
    else {
      this.#flags = 'UC'
      reset(client)
    }
  }

  #refuse(flags: string): void {
    this.#flags = flags
    reset(this.#options.client)
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    const endpoint = this.#endpoint?.key
    this.#release()
    this.#options.onEnd({
      ...(this.#cluster && { cluster: this.#cluster.name }),
      ...(endpoint !== undefined && { endpoint }),
      attempts: this.#tried.size,
      bytesReceived: this.#received,
      bytesSent: this.#sent,
      flags: this.#flags,
    })
  }

  #take({ usage }: LiveCluster, endpoint: LiveEndpoint): void {
    usage.connections++
    endpoint.active++
    endpoint.requests++
    this.#endpoint = endpoint
  }

  #release(): void {
    if (this.#endpoint === undefined || this.#cluster === undefined) return
    this.#cluster.usage.connections--
    this.#endpoint.active--
    this.#endpoint = undefined
  }

  #hash({ config }: LiveCluster): number | undefined {
    const isBySource = config.loadBalancer?.hash?.kind === 'source-ip'
    return isBySource ? hashText(this.#options.addresses.source.address) : undefined
  }
}

function reset(socket: Socket): void {
  // TLS has no reset of its own: a connection that is cut without its goodbye is as clear.
  if ('encrypted' in socket || socket.connecting) socket.destroy()
  else socket.resetAndDestroy()
}

function hostName(name: string | undefined): string | undefined {
  return name === undefined || isIP(name) !== 0 ? undefined : name
}
