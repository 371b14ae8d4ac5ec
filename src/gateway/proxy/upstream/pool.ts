import type { UpstreamReceiver, UpstreamRequest, UpstreamStream } from './upstream.ts'

/** Connections to one endpoint. */
export interface Pool {
  /** Sends a request; a failure to do so comes by the receiver, maybe before this returns. */
  readonly send: (request: UpstreamRequest, receiver: UpstreamReceiver) => UpstreamStream
  /** idle connections close now, others when their requests have ended */
  readonly retire: () => void
  /** everything closes now */
  readonly destroy: () => void
}

export interface PoolOptions {
  readonly connectTimeoutMs: number
  readonly idleTimeoutMs: number
  /** requests it serves before it is closed; 0: no limit */
  readonly maxRequests: number
  readonly onBug: (error: unknown) => void
}
