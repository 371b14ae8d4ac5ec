/** The contract between an exchange and what brings its request to an endpoint, whichever HTTP is spoken there. */

import type { Addresses } from '../l4/proxy-protocol.ts'

export interface UpstreamRequest {
  readonly method: string
  /** with its query */
  readonly path: string
  readonly authority: string
  readonly scheme: string
  /** without Host, framing and hop-by-hop headers */
  readonly headers: readonly string[]
  /** bytes of the body, when known; `chunked`: it ends when it ends */
  readonly body: number | 'chunked'
  /** the client reads trailers, and says so (`TE: trailers`) */
  readonly wantsTrailers: boolean
  /** the protocol an `Upgrade` asks for */
  readonly upgrade: string | undefined
  /** told by the PROXY protocol to clusters that want it */
  readonly client?: Addresses
}

export interface ResponseHead {
  readonly status: number
  /** without framing and hop-by-hop headers, but with Content-Length */
  readonly headers: string[]
  /** bytes of the body, when the backend says so */
  readonly length: number | undefined
  /** the answer has a body or trailers behind this head */
  readonly hasBody: boolean
}

/** Told what comes back. Calls stop after `onEnd` or `onFailure`, of which exactly one comes last. */
export interface UpstreamReceiver {
  /** 1xx but 101 */
  onInformation(status: number, headers: string[]): void
  /** 101 opens a tunnel: bytes follow in both directions until `onEnd` */
  onHead(head: ResponseHead): void
  /** false: no more until `resume` */
  onData(chunk: Buffer): boolean
  /** all that came so far has been told, and the answer is not at its end */
  onLull(): void
  onEnd(trailers: readonly string[] | undefined): void
  onFailure(failure: UpstreamFailure): void
  /** what `write` refused has gone */
  onDrain(): void
}

/** The request as it is sent. */
export interface UpstreamStream {
  /** part of the body; false: wait for `onDrain` */
  write(chunk: Buffer): boolean
  end(trailers?: readonly string[]): void
  resume(): void
  /** the receiver hears nothing any more */
  cancel(): void
}

export interface UpstreamFailure {
  /**
   * `connect`: no connection, nothing was sent. `reset`: it broke. `garbage`: what came is no HTTP. `overflow`: a limit
   * of the cluster. `refused`: the backend did not take the request (REFUSED_STREAM, GOAWAY).
   */
  readonly kind: 'connect' | 'reset' | 'garbage' | 'overflow' | 'refused'
  /** one lower-case sentence */
  readonly message: string
  /** the connection had served another request, so it may have been closed while this one was on its way */
  readonly isReused: boolean
}
