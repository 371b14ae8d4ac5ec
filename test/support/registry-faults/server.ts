/**
 * A registry in memory that does what distribution-spec says, as a dialect speaks it, and what a script of faults says
 * instead. For the client's behaviour when things go wrong; how a real registry behaves is tested against real ones.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { empty, json, type Answer } from './answer.ts'
import { newContent, type StoredManifest } from './content.ts'
import { plainDialect, type Dialect } from './dialect.ts'
import { newFaultScript, purposeOf, type Fault, type FaultAction, type Purpose } from './faults.ts'
import { newDoor, type AuthOptions } from './tokens.ts'
import { newUploads } from './uploads.ts'

export interface FaultRegistryOptions extends Partial<Dialect> {
  readonly faults?: readonly Fault[]
  /** credentials that are asked for; with `bearer` by a token server on the same port; default none */
  readonly auth?: AuthOptions
  /** address to listen on, default 127.0.0.1 */
  readonly address?: string
}

/** One request as it came in. */
export interface Recorded {
  readonly purpose: Purpose
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly headers: IncomingMessage['headers']
  /** the connection it came over */
  readonly socket: Socket
  /** bytes of the body that arrived */
  bytes: number
  /** 0 when there was no answer */
  status: number
}

export interface FaultRegistry {
  readonly host: string
  readonly requests: readonly Recorded[]
  /** content by digest, for all repositories */
  readonly blobs: Map<string, Buffer>
  /** by `repository:tag` and `repository@digest` */
  readonly manifests: Map<string, StoredManifest>
  /** upload sessions that nobody has committed, with the bytes they have */
  readonly sessions: () => ReadonlyMap<string, number>
  /** makes a blob seen in a repository */
  readonly keep: (repository: string, digest: string, bytes: Buffer) => void
  /** open connections */
  readonly sockets: ReadonlySet<Socket>
  /** purposes in the order they came */
  readonly purposes: () => Purpose[]
  /** faults of the script that no request has met */
  readonly unmetFaults: () => readonly Fault[]
  /** no token given out so far is good any more */
  readonly expireTokens: () => void
  readonly stop: () => Promise<void>
}

export async function startFaultRegistry(options: FaultRegistryOptions = {}): Promise<FaultRegistry> {
  const { faults = [], auth, address = '127.0.0.1', ...different } = options
  const dialect = { ...plainDialect, ...different }
  const script = newFaultScript(faults)
  const requests: Recorded[] = []
  const sockets = new Set<Socket>()
  let host = ''
  const content = newContent(dialect)
  const uploads = newUploads({ dialect, content, host: () => host })
  const door = newDoor(auth, dialect, () => host)

  const server = createServer((request, response) => void serve(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    const purpose = purposeOf(request)
    const recorded = recordOf(request, purpose)
    requests.push(recorded)
    const action = script.take(purpose)
    const url = new URL(request.url ?? '', 'http://registry')
    const early = action ? undefined : uploads.early(request)
    if (early) {
      recorded.status = early.status
      send(request, response, early)
      request.resume()
      return
    }
    const body = await receive(
      request,
      recorded,
      action?.kind === 'drop' ? (action.afterBytes ?? 0) : undefined,
    )
    if (!body || action?.kind === 'drop') return void socket.resetAndDestroy()
    if (action?.kind === 'stall') return
    disturb(request, action)
    const answer = action?.kind === 'answer' ? answerOf(action) : rightAnswer(request, purpose, url, body)
    if (answer === 'break' || action?.kind === 'hang-up') return void socket.resetAndDestroy()
    bend(answer, action)
    recorded.status = answer.status
    send(request, response, answer, action?.kind === 'truncate' ? action.bytes : undefined)
  }

  function disturb(request: IncomingMessage, action: FaultAction | undefined): void {
    if (action?.kind === 'ignore-range') delete request.headers.range
    if (action?.kind === 'forget-sessions') uploads.forget()
    if (action?.kind === 'collect-blobs') content.collectBlobs()
    if (action?.kind === 'expire-tokens') door.expireTokens()
  }

  function rightAnswer(request: IncomingMessage, purpose: Purpose, url: URL, body: Buffer): Answer | 'break' {
    if (purpose === 'token') return door.token(request, url, body)
    const refused = door.refusal(request, purpose, url)
    if (refused) return refused
    if (url.pathname === '/v2/') return json(200, {})
    const [, repository = '', kind = '', rest = ''] =
      /^\/v2\/(.*)\/(blobs|manifests)\/(.*)$/.exec(url.pathname) ?? []
    const session = rest.replace('uploads/', '')
    switch (purpose) {
      case 'mount':
        return uploads.mount(repository, url)
      case 'POST upload':
        return uploads.post(repository, url, body)
      case 'PATCH upload':
        return uploads.patch(request, session, url, body)
      case 'GET upload':
        return uploads.status(session, url)
      case 'PUT upload':
        return uploads.put(repository, session, url, body)
      case 'DELETE upload':
        return uploads.cancel(session)
      case 'GET tags':
        return content.listTags(/^\/v2\/(.*)\/tags\/list$/.exec(url.pathname)?.[1] ?? '')
      case 'PUT manifest':
        return content.writeManifest(request, repository, rest, body)
      default:
        return kind === 'blobs'
          ? content.readBlob(request, repository, rest)
          : content.readManifest(repository, rest)
    }
  }

  server.listen(0, address)
  await once(server, 'listening')
  host = `${address}:${(server.address() as AddressInfo).port}`
  return {
    host,
    requests,
    sockets,
    blobs: content.blobs,
    manifests: content.manifests,
    sessions: () => uploads.sessions,
    keep(repository, digest, bytes) {
      content.blobs.set(digest, bytes)
      content.link(repository, digest)
    },
    purposes: () => requests.map((request) => request.purpose),
    unmetFaults: script.unmet,
    expireTokens: door.expireTokens,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function recordOf(request: IncomingMessage, purpose: Purpose): Recorded {
  return {
    purpose,
    method: request.method ?? '',
    url: request.url ?? '',
    authorization: request.headers.authorization,
    headers: { ...request.headers },
    socket: request.socket,
    bytes: 0,
    status: 0,
  }
}

function answerOf(action: FaultAction & { kind: 'answer' }): Answer {
  return { status: action.status, headers: { ...action.headers }, body: Buffer.from(action.body ?? '') }
}

function bend(answer: Answer, action: FaultAction | undefined): void {
  if (action?.kind === 'deny') Object.assign(answer, empty(action.status))
  if (action?.kind === 'headers') Object.assign(answer.headers, action.headers)
  if (action?.kind !== 'corrupt') return
  answer.body = Buffer.from(answer.body)
  answer.body[0]! ^= 1
}

/** Nothing when the client went away, or when the limit to read was reached. */
async function receive(
  request: IncomingMessage,
  recorded: Recorded,
  limit?: number,
): Promise<Buffer | undefined> {
  if (limit === 0) return undefined
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      recorded.bytes += chunk.length
      if (limit !== undefined && recorded.bytes >= limit) return undefined
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  return Buffer.concat(chunks)
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, truncateAt?: number): void {
  const headers = Object.entries(answer.headers).filter(([, value]) => value !== '')
  response.writeHead(answer.status, {
    'content-length': String(answer.body.length),
    ...Object.fromEntries(headers),
  })
  if (truncateAt !== undefined) response.write(answer.body.subarray(0, truncateAt), () => response.destroy())
  else response.end(request.method === 'HEAD' ? undefined : answer.body)
}
