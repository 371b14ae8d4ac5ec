/** Answers of the embedded registry as data; `server.ts` puts them on the wire. */
import type { StoredBlob } from '../../oci/index.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body?: AnswerBody
}

export interface AnswerBody extends Pick<StoredBlob, 'open'> {
  /** first byte */
  readonly start: number
  /** exclusive end */
  readonly end: number
}

/** Error codes of distribution-spec, "Error Codes". */
export type ErrorCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TAG_INVALID'
  | 'UNSUPPORTED'

/** Thrown where a request cannot be honoured. Never leaves this module: it becomes an answer. */
export class Refusal extends Error {
  readonly status: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: ErrorCode, message: string, headers: Readonly<Record<string, string>>) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

export function refuse(
  status: number,
  code: ErrorCode,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal {
  return new Refusal(status, code, message, headers)
}

/** The error list that distribution-spec asks for. */
export function refusalAnswer({ status, code, message, headers }: Refusal): Answer {
  return { ...jsonAnswer({ errors: [{ code, message }] }, { headers }), status }
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: status === 204 ? headers : { 'content-length': '0', ...headers } }
}

export function jsonAnswer(
  value: unknown,
  {
    type = 'application/json',
    headers = {},
  }: { type?: string; headers?: Readonly<Record<string, string>> } = {},
): Answer {
  return bytesAnswer(Buffer.from(JSON.stringify(value)), { 'content-type': type, ...headers })
}

export function bytesAnswer(bytes: Uint8Array, headers: Readonly<Record<string, string>>): Answer {
  return {
    status: 200,
    headers: { 'content-length': String(bytes.length), ...headers },
    body: {
      start: 0,
      end: bytes.length,
      async *open() {
        yield bytes
      },
    },
  }
}
