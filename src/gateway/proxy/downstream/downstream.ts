/** The contract between an exchange and a request of a client, whichever HTTP it speaks. */
import type { HeaderList } from '../headers/header-list.ts'
import type { ResponseHead } from '../upstream/upstream.ts'
import type { ClientConnection } from './client-connection.ts'

export interface Downstream {
  readonly connection: ClientConnection
  /** `HTTP/1.1`, as access logs write it */
  readonly protocol: string
  readonly isHttp2: boolean
  readonly method: string
  /** as the client wrote it; nothing: it named none */
  readonly authority: string | undefined
  /** origin form, or `*` */
  readonly target: string
  /** every header but pseudo headers, as they came */
  readonly headers: HeaderList
  /** bytes, when known */
  readonly body: number | 'chunked'
  /** the protocol that an `Upgrade` asks for, lower case */
  readonly upgrade: string | undefined

  /** Starts the body, or what comes through a tunnel once it is open: each piece goes to the reader, until its end. */
  read(reader: BodyReader): void
  resume(): void

  inform(status: number, headers: string[]): void
  /** The head of the answer; it may wait for the first bytes. */
  respond(head: ResponseHead): void
  /** Nothing more has come so far: what waits goes out. */
  flush(): void
  /** false: wait for `onDownstreamDrain` of the observer */
  write(chunk: Buffer): boolean
  end(trailers?: readonly string[]): void
  /** Ends without an end: the client must see that the answer is not whole. */
  abort(): void
}

export interface BodyReader {
  /** false: no more until `resume` */
  onChunk(chunk: Buffer): boolean
  onBodyEnd(trailers: readonly string[] | undefined): void
}

/** What a downstream tells its exchange beside the body. */
export interface DownstreamObserver {
  onDownstreamDrain(): void
  /** the answer is out, or the client is gone; once */
  onDownstreamClose(isComplete: boolean): void
}
