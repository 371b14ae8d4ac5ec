/** Answers of the gateway itself, to people and to gRPC clients. */

export interface LocalReply {
  readonly status: number
  /** one lower-case sentence for people; nothing: no body */
  readonly why?: string | undefined
  readonly body?: Buffer | undefined
  readonly headers?: readonly string[]
  /** in place of what the HTTP status means */
  readonly grpcStatus?: number | undefined
}

export interface WrittenReply {
  readonly status: number
  readonly headers: string[]
  readonly body: Buffer
}

/** gRPC's own mapping (grpc/doc/http-grpc-status-mapping.md); 404 is UNIMPLEMENTED there as here. */
const grpcStatuses: Readonly<Record<number, number>> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
}
const unknown = 2
const empty = Buffer.alloc(0)

/** A gRPC client reads the status from the headers of an answer of 200 without a body. */
export function writeReply(reply: LocalReply, isGrpc: boolean): WrittenReply {
  const { status, why, headers = [] } = reply
  if (isGrpc) {
    const grpcStatus = String(reply.grpcStatus ?? grpcStatuses[status] ?? unknown)
    const message = why === undefined ? [] : ['grpc-message', escapeMessage(why)]
    return {
      status: 200,
      headers: ['content-type', 'application/grpc', 'grpc-status', grpcStatus, ...message, ...headers],
      body: empty,
    }
  }
  const body = reply.body ?? (why === undefined ? empty : Buffer.from(`${why}\n`))
  const type =
    body.length === 0 || headers.includes('content-type') ? [] : ['content-type', 'text/plain; charset=utf-8']
  const length =
    status < 200 || status === 204 || status === 304 ? [] : ['content-length', String(body.length)]
  return { status, headers: [...type, ...length, ...headers], body: length.length === 0 ? empty : body }
}

/** grpc-message is percent-encoded but for printable ASCII. */
function escapeMessage(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]/g, (character) => encodeURIComponent(character))
}
