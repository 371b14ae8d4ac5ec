import type { ListenerReport, Snapshot } from '../model/index.ts'

/** What serves a snapshot. */
export interface DataPlane {
  /**
   * Takes a new snapshot: new listeners are bound before old ones close, unchanged ones keep their sockets, a request
   * keeps the snapshot it began with. Resolves when all of it has effect.
   */
  readonly apply: (snapshot: Snapshot) => Promise<readonly ListenerReport[]>
  /** Stops taking connections, lets what runs end, and cuts what is left after the limit. Milliseconds. */
  readonly drain: (limitMs: number) => Promise<void>
  /** health of endpoints and counts of requests, for `/clusters`, `/status` and the page */
  readonly clusters: () => readonly ClusterState[]
}

export interface ClusterState {
  readonly cluster: string
  readonly endpoints: readonly EndpointState[]
}

export interface EndpointState {
  /** `10.0.0.1:8080` */
  readonly address: string
  readonly label?: string
  readonly healthy: boolean
  /** why it is not healthy, such as `5 answers of 5xx in a row, back in 28 s` */
  readonly why?: string
  readonly activeRequests: number
  readonly requests: number
  readonly failures: number
}

/** One line of the access log. */
export interface AccessLogEntry {
  /** milliseconds since 1970 */
  readonly start: number
  readonly durationMs: number
  readonly listener: string
  readonly client: string
  readonly protocol: string
  readonly method: string
  readonly host: string
  /** with its query, as it came */
  readonly path: string
  readonly status: number
  /** Envoy's response flags: `NR` no route, `UF` connection failed, `UT` timeout, `DC` client gone, `-` none */
  readonly flags: string
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly route?: string
  readonly cluster?: string
  readonly endpoint?: string
  readonly attempts: number
  readonly userAgent?: string
  readonly requestId?: string
}
