/** Packets of one UDP client, carried to one endpoint and back. */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { hashText } from '../balance/hash.ts'
import type { LiveCluster } from '../cluster/cluster.ts'
import type { LiveEndpoint } from '../cluster/endpoint.ts'

export interface UdpSessionOptions {
  readonly cluster: LiveCluster
  readonly client: { readonly address: string; readonly port: number }
  /** milliseconds without a packet in either direction; 0: none */
  readonly idleTimeoutMs: number
  readonly answer: (packet: Buffer) => void
  readonly onEnd: (report: UdpSessionReport) => void
}

export interface UdpSessionReport {
  readonly cluster: string
  readonly endpoint: string
  readonly bytesReceived: number
  readonly bytesSent: number
  /** Envoy's: `UF` nobody is there, `-` */
  readonly flags: '-' | 'UF'
}

/** packets that wait for the socket to be there */
const mostWaiting = 64

export class UdpSession {
  readonly #options: UdpSessionOptions
  readonly #endpoint: LiveEndpoint
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout | undefined
  #waiting: Buffer[] | undefined = []
  #isOver = false
  #received = 0
  #sent = 0

  /** Nothing when no endpoint can be had. */
  static open(options: UdpSessionOptions): UdpSession | undefined {
    const { cluster, client } = options
    const isBySource = cluster.config.loadBalancer?.hash?.kind === 'source-ip'
    const endpoint = cluster.choose({ hash: isBySource ? hashText(client.address) : undefined })
    if (endpoint === undefined || endpoint.config.address.startsWith('unix:')) return undefined
    return new UdpSession(options, endpoint)
  }

  private constructor(options: UdpSessionOptions, endpoint: LiveEndpoint) {
    this.#options = options
    this.#endpoint = endpoint
    endpoint.active++
    endpoint.requests++
    const { address, port } = endpoint.config
    this.#socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
    this.#socket.on('message', (packet) => {
      this.#timer?.refresh()
      this.#sent += packet.length
      options.answer(packet)
    })
    // A backend that is not there says so with ICMP: the next packet of the client finds another one.
    this.#socket.on('error', () => this.end('UF'))
    this.#socket.once('connect', () => this.#connected())
    this.#socket.connect(port, address)
    if (options.idleTimeoutMs > 0) this.#timer = setTimeout(() => this.end('-'), options.idleTimeoutMs)
  }

  send(packet: Buffer): void {
    this.#timer?.refresh()
    this.#received += packet.length
    if (this.#waiting === undefined) this.#forward(packet)
    else if (this.#waiting.length < mostWaiting) this.#waiting.push(packet)
  }

  end(flags: UdpSessionReport['flags']): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    const { cluster, onEnd } = this.#options
    this.#endpoint.active--
    cluster.ended(this.#endpoint, flags === 'UF' ? 0 : 200)
    this.#socket.close()
    onEnd({
      cluster: cluster.name,
      endpoint: this.#endpoint.key,
      bytesReceived: this.#received,
      bytesSent: this.#sent,
      flags,
    })
  }

  #connected(): void {
    if (this.#isOver) return
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const packet of waiting) this.#forward(packet)
  }

  #forward(packet: Buffer): void {
    if (!this.#isOver) this.#socket.send(packet, (error) => error && this.end('UF'))
  }
}
