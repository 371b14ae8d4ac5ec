/** A UDP listener while it is bound: one session for each client address (xDS `UdpProxyConfig`). */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Listener, ListenerReport, UdpProxy } from '../../model/index.ts'
import type { LiveCluster } from '../cluster/cluster.ts'
import type { AccessLogEntry } from '../data-plane.ts'
import type { DataPlaneEvent } from '../events.ts'
import { refusedReport } from '../downstream/bind-problem.ts'
import { compileTcpChain, type TcpChain } from './tcp-chain.ts'
import { UdpSession, type UdpSessionReport } from './udp-session.ts'

export interface UdpEnvironment {
  /** in [0, 1) */
  readonly random: () => number
  /** sessions of one listener; packets of more clients are dropped; default 10,000 */
  readonly mostSessions?: number
  readonly emit: (event: DataPlaneEvent) => void
  /** called at the end of every session */
  readonly onAccess: ((entry: AccessLogEntry) => void) | undefined
}

interface SessionStart {
  readonly start: number
  readonly began: number
  readonly route: string
}

const idleTimeoutMs = 60_000
/** between two words about dropped packets */
const tellEveryMs = 1000

/** The chain of the listener's only filter; nothing when it has none. */
export function compileUdpChain(
  { filterChains }: Listener,
  clusterOf: (name: string) => LiveCluster | undefined,
): TcpChain | undefined {
  const found = filterChains.find(({ filter }) => filter.kind === 'udp')
  if (found === undefined) return undefined
  const filter = found.filter as UdpProxy
  return compileTcpChain(found.name, { idleTimeoutMs, ...filter }, clusterOf)
}

export class LiveUdpListener {
  config: Listener
  /** sessions, by address and port of the client */
  readonly connections = new Map<string, UdpSession>()
  /** sessions that are there keep the cluster they began with */
  served: TcpChain | undefined
  readonly #socket: Socket
  readonly #environment: UdpEnvironment
  #toldAt = -Infinity

  constructor(config: Listener, served: TcpChain | undefined, environment: UdpEnvironment) {
    this.config = config
    this.served = served
    this.#environment = environment
    const isSix = isIPv6(config.address)
    this.#socket = createSocket({ type: isSix ? 'udp6' : 'udp4', ipv6Only: isSix && config.address !== '::' })
    this.#socket.on('message', (packet, from) => this.#receive(packet, from))
  }

  /** Binds; what went wrong is in the report. */
  async bind(): Promise<ListenerReport> {
    const { name, address, port } = this.config
    const { promise, resolve } = Promise.withResolvers<ListenerReport>()
    const refuse = (error: NodeJS.ErrnoException) => resolve(refusedReport(this.config, error))
    this.#socket.once('error', refuse)
    this.#socket.bind({ address, port }, () => {
      this.#socket.off('error', refuse)
      this.#socket.on('error', (error) => this.#environment.emit({ kind: 'bug', error }))
      resolve({ listener: name, bound: true })
    })
    return promise
  }

  /** Takes no more packets; as answers go out by the same socket, its sessions end with it. */
  retire(): void {
    for (const session of this.connections.values()) session.end('-')
    this.connections.clear()
    try {
      this.#socket.close()
    } catch {
      // It was closed before, or never bound.
    }
  }

  destroy(): void {
    this.retire()
  }

  #receive(packet: Buffer, { address, port }: RemoteInfo): void {
    const key = `${address} ${port}`
    const known = this.connections.get(key)
    if (known !== undefined) {
      known.send(packet)
      return
    }
    const session = this.#open(key, { address, port })
    session?.send(packet)
  }

  #open(key: string, client: { readonly address: string; readonly port: number }): UdpSession | undefined {
    const { random, mostSessions = 10_000 } = this.#environment
    const cluster = this.served?.choose(random)
    if (this.served === undefined || cluster === undefined)
      return this.#drop(client, 'no backend serves its share')
    if (this.connections.size >= mostSessions)
      return this.#drop(client, `there are ${mostSessions} clients already`)
    const started = { start: Date.now(), began: performance.now(), route: this.served.name }
    const session = UdpSession.open({
      cluster,
      client,
      idleTimeoutMs: this.served.idleTimeoutMs,
      answer: (packet) => this.#socket.send(packet, client.port, client.address, () => {}),
      onEnd: (report) => {
        this.connections.delete(key)
        this.#log(client.address, started, report)
      },
    })
    if (session === undefined) return this.#drop(client, `${cluster.name} has no endpoint`)
    this.connections.set(key, session)
    return session
  }

  #log(client: string, { start, began, route }: SessionStart, report: UdpSessionReport): void {
    this.#environment.onAccess?.({
      start,
      durationMs: performance.now() - began,
      listener: this.config.name,
      client,
      protocol: 'UDP',
      method: '-',
      host: '-',
      path: '-',
      status: 0,
      attempts: 1,
      route,
      ...report,
    })
  }

  #drop({ address }: { readonly address: string }, why: string): undefined {
    const now = performance.now()
    if (now - this.#toldAt < tellEveryMs) return
    this.#toldAt = now
    this.#environment.emit({ kind: 'connection-refused', listener: this.config.name, client: address, why })
  }
}
