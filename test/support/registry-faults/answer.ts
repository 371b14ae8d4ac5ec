/** Answers of a registry in memory. */
import { createHash } from 'node:crypto'

export interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export function empty(status: number, headers: Record<string, string> = {}): Answer {
  return { status, headers, body: Buffer.alloc(0) }
}

/** One entry of the error list of distribution-spec, "Error codes". */
export function problem(status: number, code: string, message: string): Answer {
  return json(status, { errors: [{ code, message }] })
}

export function json(status: number, document: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(document)),
  }
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
