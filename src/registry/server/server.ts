/**
 * The embedded registry: distribution-spec 1.1 over a store, on one address. Blobs go from their opener to the socket;
 * nothing is buffered.
 */
import type { RegistryStore } from '../../oci/index.ts'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Failure, systemCode, type Waiting } from '../../base/index.ts'
import { emptyAnswer, jsonAnswer, Refusal, refusalAnswer, type Answer, type AnswerBody } from './answer.ts'
import { answerBlob } from './blobs.ts'
import { answerReferrers, answerTags } from './discovery.ts'
import { answerManifest } from './manifests.ts'
import type { RegistryRequest } from './request.ts'
import { routeOf, type Route } from './route.ts'
import { answerUpload, answerUploads } from './uploads.ts'

/** One answered request. */
export interface ServedEvent {
  readonly kind: 'registry-served'
  readonly method: string
  /** with its query */
  readonly path: string
  readonly status: number
  /** bytes of the body that were sent */
  readonly bytes: number
  readonly milliseconds: number
  /** why an answer broke off or the server failed */
  readonly error?: string
}

export interface RegistryServerOptions extends Waiting {
  /** such as `127.0.0.1:5050`; port 0 takes a free one */
  readonly address: { readonly host: string; readonly port: number }
  readonly store: RegistryStore
  readonly emit?: ((event: ServedEvent) => void) | undefined
}

export interface RegistryServer {
  /** as references write it, such as `127.0.0.1:5050` */
  readonly host: string
  /** ends all connections, also those in use */
  readonly close: () => Promise<void>
}

/** @throws Failure ADDRESS_IN_USE | FILE_SYSTEM when the address cannot be listened on */
export async function startRegistryServer(options: RegistryServerOptions): Promise<RegistryServer> {
  const { address, store, emit = () => {} } = options
  // An import of it would load all that it can give, WebSockets too.
  const { createServer } = process.getBuiltinModule('node:http')
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing, store, emit))
  // Layers of many gigabytes over slow links are no attack on a local registry.
  server.requestTimeout = 0
  await listen(server, address)
  const { port, address: bound, family } = server.address() as AddressInfo
  return {
    host: family === 'IPv6' ? `[${bound}]:${port}` : `${bound}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function listen(server: Server, { host, port }: RegistryServerOptions['address']): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  }).catch((error: unknown) => {
    const code = systemCode(error)
    const where = `${host}:${port}`
    if (code === 'EADDRINUSE') {
      throw new Failure('ADDRESS_IN_USE', `cannot listen on ${where}: something else does`, {
        hint: 'stop it, or name another address; port 0 takes a free one',
        cause: error,
      })
    }
    throw new Failure('ADDRESS_IN_USE', `cannot listen on ${where}: ${code ?? String(error)}`, {
      hint: 'name an address of this machine, such as 127.0.0.1:5050',
      cause: error,
    })
  })
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  store: RegistryStore,
  emit: (event: ServedEvent) => void,
): Promise<void> {
  const started = performance.now()
  const { method = 'GET', url = '/' } = incoming
  const stop = new AbortController()
  outgoing.once('close', () => stop.abort())
  let bytes = 0
  let problem: string | undefined
  let status = 500
  try {
    const answer = await answerTo(incoming, store, stop.signal).catch((error: unknown) => {
      if (!(error instanceof Refusal)) problem = error instanceof Error ? error.message : String(error)
      return errorAnswer(error)
    })
    status = answer.status
    outgoing.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...answer.headers })
    if (answer.body && method !== 'HEAD') bytes = await send(outgoing, answer.body, stop.signal)
    outgoing.end()
    // What is left of a body that was refused would be taken for the next request.
    if (!incoming.complete) incoming.resume()
  } catch (error) {
    // Half an answer must not look whole: the connection breaks and the client asks again.
    problem = error instanceof Error ? error.message : String(error)
    outgoing.destroy()
  }
  const milliseconds = performance.now() - started
  emit({
    kind: 'registry-served',
    method,
    path: url,
    status,
    bytes,
    milliseconds,
    ...(problem !== undefined && { error: problem }),
  })
}

async function answerTo(
  incoming: IncomingMessage,
  store: RegistryStore,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(incoming.url ?? '/', 'http://registry')
  const request: RegistryRequest = {
    method: incoming.method ?? 'GET',
    query: url.searchParams,
    headers: headersOf(incoming),
    body: incoming as AsyncIterable<Uint8Array>,
    signal,
    store,
  }
  return answerRoute(routeOf(url.pathname), request)
}

function answerRoute(route: Route, request: RegistryRequest): Answer | Promise<Answer> {
  switch (route.kind) {
    case 'version':
      return jsonAnswer({})
    case 'manifest':
      return answerManifest(request, route)
    case 'blob':
      return answerBlob(request, route.digest)
    case 'uploads':
      return answerUploads(request, route.repository)
    case 'upload':
      return answerUpload(request, route)
    case 'tags':
      return answerTags(request, route.repository)
    case 'referrers':
      return answerReferrers(request, route)
  }
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof Refusal) return refusalAnswer(error)
  if (error instanceof Failure && error.code === 'NO_SPACE') return emptyAnswer(507)
  return emptyAnswer(500)
}

/** Sends a range of a body with backpressure; one chunk may be under way while the next is made, as openers allow. */
async function send(
  outgoing: ServerResponse,
  { open, start, end }: AnswerBody,
  signal: AbortSignal,
): Promise<number> {
  let sent = 0
  let previous: Promise<void> = Promise.resolve()
  for await (const chunk of open({ start, end, signal })) {
    await previous
    previous = new Promise((resolve, reject) =>
      outgoing.write(chunk, (error) => (error ? reject(error) : resolve())),
    )
    previous.catch(() => undefined)
    sent += chunk.length
  }
  await previous
  if (sent !== end - start) throw new Error(`${sent} bytes were there instead of ${end - start}`)
  return sent
}

function headersOf(incoming: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
}
