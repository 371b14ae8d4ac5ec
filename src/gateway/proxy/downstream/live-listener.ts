/** A listener while it is bound. Its socket lives on over reloads that keep address and port; its chains are swapped. */
import { createServer, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { FilterChain, Listener, ListenerReport } from '../../model/index.ts'
import type { HttpChain } from '../serving.ts'
import type { Limits } from '../limits.ts'
import { refusedReport } from './bind-problem.ts'
import { chooseChain } from './chains.ts'
import { bindConnection, ClientConnection } from './client-connection.ts'
import type { Engines } from './engines.ts'
import type { Terminator } from './terminator.ts'
import { peek, type FirstBytes } from './first-bytes.ts'
import type { DataPlaneEvent } from '../events.ts'
import { takeProxyHeader } from '../l4/first-header.ts'
import type { Addresses } from '../l4/proxy-protocol.ts'
import type { TcpChain } from '../l4/tcp-chain.ts'
import type { TcpEngine } from '../l4/tcp-engine.ts'

/** Chains of a listener as they are served. */
export interface ServedChains {
  readonly chains: readonly FilterChain[]
  /** by name of the chain, those that speak HTTP */
  readonly http: ReadonlyMap<string, HttpChain>
  /** by name of the chain, those that carry bytes */
  readonly tcp: ReadonlyMap<string, TcpChain>
  /** by name of the chain, those that end TLS; or why it cannot be */
  readonly terminators: ReadonlyMap<string, Terminator | { readonly why: string }>
}

export interface ListenerEnvironment {
  readonly limits: Limits
  readonly engines: Engines
  readonly tcp: TcpEngine
  readonly emit: (event: DataPlaneEvent) => void
}

export class LiveListener {
  config: Listener
  readonly connections = new Set<ClientConnection>()
  /** connections that have not said what they speak */
  readonly arriving = new Set<Socket>()
  served: ServedChains
  readonly #server: Server
  readonly #environment: ListenerEnvironment
  #isRetired = false

  constructor(config: Listener, served: ServedChains, environment: ListenerEnvironment) {
    this.config = config
    this.served = served
    this.#environment = environment
    this.#server = createServer({ pauseOnConnect: false, noDelay: true, allowHalfOpen: true }, (socket) =>
      this.#accept(socket),
    )
    this.#server.maxConnections = environment.limits.connections
  }

  /** Binds; what went wrong is in the report. */
  async bind(): Promise<ListenerReport> {
    const { name, address, port } = this.config
    const { promise, resolve } = Promise.withResolvers<ListenerReport>()
    const refuse = (error: NodeJS.ErrnoException) => resolve(refusedReport(this.config, error))
    this.#server.once('error', refuse)
    this.#server.listen(
      { host: address, port, backlog: 4096, ipv6Only: address === '::' ? false : undefined },
      () => {
        this.#server.off('error', refuse)
        this.#server.on('error', (error) => this.#environment.emit({ kind: 'bug', error }))
        resolve({ listener: name, bound: true })
      },
    )
    return promise
  }

  /** Takes no more connections; those that are there end when what runs on them has. */
  retire(): void {
    this.#isRetired = true
    if (this.#server.listening) this.#server.close()
    for (const connection of this.connections) connection.drain()
  }

  destroy(): void {
    this.retire()
    for (const { socket } of this.connections) socket.destroy()
    for (const socket of this.arriving) socket.destroy()
  }

  #accept(socket: Socket): void {
    const own = addressesOf(socket)
    socket.on('error', () => {})
    this.arriving.add(socket)
    socket.once('close', () => this.arriving.delete(socket))
    if (this.config.proxyProtocol !== true) {
      this.#peek(socket, own)
      return
    }
    takeProxyHeader(socket, this.#environment.limits.handshakeTimeoutMs, (header) => {
      if ('why' in header) this.#refuse(socket, own.source.address, header.why)
      else this.#peek(socket, header.addresses ?? own)
    })
  }

  /** In some protocols the server speaks first: where only bytes are carried, nobody waits for those of the client. */
  #peek(socket: Socket, from: Addresses): void {
    const [only, ...others] = this.served.chains
    if (only?.filter.kind === 'tcp' && !only.match.tls && others.length === 0) {
      this.#serve(socket, { plain: socket, chain: only, from, isHttp2: false })
      return
    }
    const { handshakeTimeoutMs } = this.#environment.limits
    peek(socket, handshakeTimeoutMs, (first) => this.#take(socket, from, first))
  }

  #take(socket: Socket, from: Addresses, first: FirstBytes): void {
    const peer = from.source.address
    if (first.kind === 'nothing') {
      this.#refuse(socket, peer, first.why)
      return
    }
    const tls = first.kind === 'tls' ? first.hello : undefined
    const chain = chooseChain(this.served.chains, { tls, peer })
    if (chain === undefined) {
      const why =
        tls === undefined
          ? 'it speaks no TLS, where only TLS is served'
          : `no chain serves the name ${tls.serverName ?? '(none)'}`
      this.#refuse(socket, peer, why)
      return
    }
    const arrived: Arrived = {
      plain: socket,
      chain,
      from,
      isHttp2: first.kind === 'http2',
      serverName: tls?.serverName,
    }
    if (chain.tls === undefined) this.#serve(socket, arrived)
    else this.#terminate(socket, arrived)
  }

  #terminate(socket: Socket, arrived: Arrived): void {
    const { chain } = arrived
    const peer = arrived.from.source.address
    const terminator = this.served.terminators.get(chain.name)
    if (terminator === undefined || 'why' in terminator) {
      this.#refuse(
        socket,
        peer,
        `TLS of chain ${chain.name} cannot be served: ${terminator?.why ?? 'it is gone'}`,
      )
      return
    }
    terminator.serve(socket, (outcome) => {
      if ('why' in outcome) this.#refuse(socket, peer, outcome.why)
      else this.#serve(outcome, { ...arrived, isHttp2: outcome.alpnProtocol === 'h2', tls: outcome })
    })
  }

  #serve(socket: Socket, arrived: Arrived): void {
    const { engines, tcp } = this.#environment
    const { name, filter } = arrived.chain
    const carried = this.served.tcp.get(name)
    if (filter.kind !== 'http' && carried === undefined) {
      this.#refuse(socket, arrived.from.source.address, `chain ${name} has no filter that is served`)
      return
    }
    this.arriving.delete(arrived.plain)
    const connection = this.#track(socket, arrived)
    // It came before the end: its request is served, and is its last.
    if (this.#isRetired) connection.isDraining = true
    if (carried) tcp.serve(socket, { chain: carried, connection, arrived })
    else if (arrived.isHttp2) engines.http2.serve(socket, connection)
    else engines.http1.serve(socket)
    if (this.#isRetired) connection.sayGoodbye?.()
  }

  #track(socket: Socket, { chain, from, tls }: Arrived): ClientConnection {
    const connection = new ClientConnection({
      socket,
      listener: this.config.name,
      peer: from.source.address,
      tls,
      chain: () => this.served.http.get(chain.name),
    })
    bindConnection(connection)
    this.connections.add(connection)
    socket.once('close', () => this.connections.delete(connection))
    return connection
  }

  #refuse(socket: Socket, client: string, why: string): void {
    socket.destroy()
    this.#environment.emit({ kind: 'connection-refused', listener: this.config.name, client, why })
  }
}

/** A connection whose chain is known. */
export interface Arrived {
  /** the socket as it was accepted */
  readonly plain: Socket
  readonly chain: FilterChain
  /** as the socket says, or the PROXY header in front of it */
  readonly from: Addresses
  readonly isHttp2: boolean
  /** that the client asked for by TLS */
  readonly serverName?: string | undefined
  readonly tls?: TLSSocket
}

function addressesOf({ remoteAddress, remotePort = 0, localAddress, localPort = 0 }: Socket): Addresses {
  return {
    source: { address: plainAddress(remoteAddress), port: remotePort },
    destination: { address: plainAddress(localAddress), port: localPort },
  }
}

/** IPv4 in IPv6 is IPv4. */
function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/, '') ?? ''
}
