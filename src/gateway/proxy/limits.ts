/** How much a client or backend may ask of the gateway. */
export interface Limits {
  /** bytes of the head of a request; over it: 431; default 60 KiB */
  readonly headBytes: number
  /** headers of a request; over it: 431; default 200 */
  readonly headers: number
  /** milliseconds a client may take for the head of a request; default 30 s */
  readonly headTimeoutMs: number
  /** milliseconds for a whole request with its body; default 0: none, as `idleTimeoutMs` ends those that stall */
  readonly requestTimeoutMs: number
  /** milliseconds without a byte in either direction until a connection with a request is cut; default 5 min */
  readonly idleTimeoutMs: number
  /** milliseconds without a byte until a tunnel is cut; default 1 h */
  readonly tunnelTimeoutMs: number
  /** milliseconds a connection may wait for its next request; default 75 s, longer than load balancers in front of us */
  readonly keepAliveTimeoutMs: number
  /** milliseconds for a TLS handshake and for the first bytes; default 10 s */
  readonly handshakeTimeoutMs: number
  /** connections of one listener; more are closed at once; default 100,000 */
  readonly connections: number
  /** bytes of a request's body that are kept to send it again; default 1 MiB, as Envoy */
  readonly replayBytes: number
  /** streams of one HTTP/2 connection; default 100 */
  readonly streams: number
}

export const defaultLimits: Limits = {
  headBytes: 60 * 1024,
  headers: 200,
  headTimeoutMs: 30_000,
  requestTimeoutMs: 0,
  idleTimeoutMs: 300_000,
  tunnelTimeoutMs: 3_600_000,
  keepAliveTimeoutMs: 75_000,
  handshakeTimeoutMs: 10_000,
  connections: 100_000,
  replayBytes: 1024 * 1024,
  streams: 100,
}
