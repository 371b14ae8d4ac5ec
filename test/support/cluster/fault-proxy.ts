/**
 * Stands between us and the API server, ends TLS and begins it anew, and does to chosen requests what networks and
 * servers do now and then.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, request as send } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CertificateFiles } from '../certificates.ts'

/** What happens to a request instead of being answered. */
export type Fault =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** reset before it reaches the server */
  | 'reset'
  /** it reaches the server, whose answer is lost */
  | 'lost-answer'
  /** nothing comes back, ever */
  | 'stall'
  /** the answer ends in its middle */
  | 'cut'

export interface FaultProxy extends AsyncDisposable {
  readonly server: string
  /** `PATCH /api/v1/...?dryRun=All`, in the order in which they came */
  readonly seen: readonly string[]
  /** decides for each request; the count of requests so far begins with 1 */
  setFault: (decide: (line: string, count: number) => Fault | undefined | Promise<Fault | undefined>) => void
}

export async function startFaultProxy(target: string, certificate: CertificateFiles): Promise<FaultProxy> {
  const [cert, key] = await Promise.all([readFile(certificate.certificate), readFile(certificate.key)])
  const seen: string[] = []
  let decide: Parameters<FaultProxy['setFault']>[0] = () => undefined
  const server = createServer({ cert, key }, (request, response) => {
    const line = `${request.method} ${request.url}`
    seen.push(line)
    void Promise.resolve(decide(line, seen.length)).then((fault) => pass(target, request, response, fault))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    setFault(chosen) {
      decide = chosen
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function pass(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): void {
  if (fault === 'reset') return void request.socket.destroy()
  if (fault === 'stall') return
  if (typeof fault === 'object') {
    request.resume()
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers })
    response.end(JSON.stringify(fault.body ?? {}))
    return
  }
  const { method, url, headers } = request
  const onward = send(`${target}${url}`, { method, headers, rejectUnauthorized: false }, (answer) => {
    if (fault === 'lost-answer') {
      answer.resume()
      answer.once('end', () => request.socket.destroy())
      return
    }
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    if (fault === 'cut') {
      answer.once('data', (bytes: Buffer) => {
        response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => request.socket.destroy())
        answer.destroy()
      })
    } else answer.pipe(response)
  })
  onward.once('error', () => response.destroy())
  request.pipe(onward)
}
