/**
 * A registry in memory that does what distribution-spec says, and what a script of faults says instead.
 * For the client's behaviour when things go wrong; how a real registry behaves is tested against real ones.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What happens instead of the right answer, to requests that match, so many times. */
export interface Fault {
  /** such as `PUT upload`; see `purposeOf` */
  readonly on: Purpose
  /** default 1 */
  readonly times?: number
  /** matching requests that are let through before, default 0 */
  readonly after?: number
  readonly act: FaultAction
}

export type FaultAction =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  /** the connection is reset, after so many bytes of the request's body (default 0) */
  | { readonly kind: 'drop'; readonly afterBytes?: number }
  /** the body is read but no answer is given */
  | { readonly kind: 'stall' }
  /** the right answer with a broken connection after so many bytes of its body */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** the right answer with other headers; an empty value removes one */
  | { readonly kind: 'headers'; readonly headers: Record<string, string> }
  /** the right answer to a request without a Range */
  | { readonly kind: 'ignore-range' }
  /** the right answer with its body's first byte changed */
  | { readonly kind: 'corrupt' }

export type Purpose =
  | 'HEAD manifest'
  | 'GET manifest'
  | 'PUT manifest'
  | 'HEAD blob'
  | 'GET blob'
  | 'mount'
  | 'POST upload'
  | 'PUT upload'
  | 'token'
  | 'other'

export interface FaultRegistryOptions {
  readonly faults?: readonly Fault[]
  /** form of Location, default `relative` */
  readonly location?: 'relative' | 'absolute' | 'query'
  /** answer to a mount of a blob that is there: 201 or a session; default `mounted` */
  readonly mount?: 'mounted' | 'session'
  /** credentials that are asked for; with `bearer` by a token server on the same port; default none */
  readonly auth?: {
    readonly scheme: 'basic' | 'bearer'
    readonly username?: string
    readonly password?: string
  }
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
  readonly manifests: Map<string, { mediaType: string; bytes: Buffer }>
  /** open connections */
  readonly sockets: ReadonlySet<Socket>
  /** purposes in the order they came */
  readonly purposes: () => Purpose[]
  /** no token given out so far is good any more */
  readonly expireTokens: () => void
  readonly stop: () => Promise<void>
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

export async function startFaultRegistry(options: FaultRegistryOptions = {}): Promise<FaultRegistry> {
  const pending = (options.faults ?? []).map((fault) => ({
    ...fault,
    left: fault.times ?? 1,
    skip: fault.after ?? 0,
  }))
  const requests: Recorded[] = []
  const sockets = new Set<Socket>()
  const state = newState(options)

  const server = createServer((request, response) => void serve(request, response))
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const purpose = purposeOf(request)
    const { socket } = request
    const recorded = recordOf(request, purpose)
    requests.push(recorded)
    const action = takeFault(purpose)
    const body = await receive(
      request,
      recorded,
      action?.kind === 'drop' ? (action.afterBytes ?? 0) : undefined,
    )
    if (!body || action?.kind === 'drop') return void socket.resetAndDestroy()
    if (action?.kind === 'stall') return
    if (action?.kind === 'ignore-range') delete request.headers.range
    const answer =
      action?.kind === 'answer'
        ? { status: action.status, headers: { ...action.headers }, body: Buffer.from(action.body ?? '') }
        : state.answer(request, purpose, body)
    bend(answer, action)
    recorded.status = answer.status
    send(request, response, answer, action?.kind === 'truncate' ? action.bytes : undefined)
  }

  function takeFault(purpose: Purpose): FaultAction | undefined {
    const fault = pending.find((one) => one.on === purpose && one.left > 0)
    if (!fault) return undefined
    if (fault.skip-- > 0) return undefined
    fault.left--
    return fault.act
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  state.host = host
  return {
    host,
    requests,
    sockets,
    blobs: state.blobs,
    manifests: state.manifests,
    purposes: () => requests.map((request) => request.purpose),
    expireTokens: state.expireTokens,
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

function bend(answer: Answer, action: FaultAction | undefined): void {
  if (action?.kind === 'headers') Object.assign(answer.headers, action.headers)
  if (action?.kind !== 'corrupt') return
  answer.body = Buffer.from(answer.body)
  answer.body[0]! ^= 1
}

function purposeOf({ method = '', url = '' }: IncomingMessage): Purpose {
  const path = url.split('?', 1)[0]!
  if (path === '/token') return 'token'
  if (path.includes('/blobs/uploads/')) {
    if (method === 'POST') return url.includes('mount=') ? 'mount' : 'POST upload'
    return method === 'PUT' ? 'PUT upload' : 'other'
  }
  if (path.includes('/blobs/') && (method === 'HEAD' || method === 'GET')) return `${method} blob`
  if (path.includes('/manifests/') && (method === 'HEAD' || method === 'GET' || method === 'PUT')) {
    return `${method} manifest`
  }
  return 'other'
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

function newState(options: FaultRegistryOptions) {
  const { location = 'relative', mount = 'mounted', auth } = options
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, { mediaType: string; bytes: Buffer }>()
  const sessions = new Set<string>()
  const tokens = new Map<string, string[]>()
  let issued = 0
  const state = {
    host: '',
    blobs,
    manifests,
    expireTokens: () => tokens.clear(),
    answer(request: IncomingMessage, purpose: Purpose, body: Buffer): Answer {
      const url = new URL(request.url ?? '', 'http://registry')
      if (purpose === 'token') return token(request, url, body)
      return refusal(request, purpose, url) ?? content(request, purpose, url, body)
    },
  }

  function token(request: IncomingMessage, url: URL, body: Buffer): Answer {
    if (auth?.username !== undefined && request.headers.authorization !== basic()) {
      return problem(401, 'UNAUTHORIZED', 'wrong password')
    }
    const name = `token-${++issued}`
    const form = new URLSearchParams(body.toString())
    tokens.set(name, [...url.searchParams.getAll('scope'), ...(form.get('scope') ?? '').split(' ')])
    return json(200, { token: name, expires_in: 300 })
  }

  const basic = () => `Basic ${Buffer.from(`${auth?.username}:${auth?.password}`).toString('base64')}`

  function refusal(request: IncomingMessage, purpose: Purpose, url: URL): Answer | undefined {
    if (!auth) return undefined
    const sent = request.headers.authorization ?? ''
    const repository = /^\/v2\/(.*)\/(blobs|manifests)\//.exec(url.pathname)?.[1] ?? ''
    const isWrite = /PUT|POST|mount/.test(purpose)
    const isGood =
      auth.scheme === 'basic'
        ? sent === basic()
        : (tokens.get(sent.replace('Bearer ', '')) ?? []).some(
            (scope) => scope.startsWith(`repository:${repository}:`) && (!isWrite || scope.includes('push')),
          )
    if (isGood) return undefined
    const answer = problem(401, 'UNAUTHORIZED', 'authentication required')
    const scope = `repository:${repository}:${isWrite ? 'pull,push' : 'pull'}`
    answer.headers['www-authenticate'] =
      auth.scheme === 'basic'
        ? 'Basic realm="test"'
        : `Bearer realm="http://${state.host}/token",service="test",scope="${scope}"`
    return answer
  }

  function content(request: IncomingMessage, purpose: Purpose, url: URL, body: Buffer): Answer {
    if (url.pathname === '/v2/') return json(200, {})
    const [, repository = '', kind = '', rest = ''] =
      /^\/v2\/(.*)\/(blobs|manifests)\/(.*)$/.exec(url.pathname) ?? []
    if (purpose === 'mount' || purpose === 'POST upload') return openSession(purpose, repository, url)
    if (purpose === 'PUT upload') return commit(rest.replace('uploads/', ''), url, body)
    if (kind === 'blobs') return readBlob(request, rest)
    return purpose === 'PUT manifest'
      ? writeManifest(request, repository, rest, body)
      : readManifest(repository, rest)
  }

  function openSession(purpose: Purpose, repository: string, url: URL): Answer {
    const digest = url.searchParams.get('mount') ?? ''
    if (purpose === 'mount' && mount === 'mounted' && blobs.has(digest)) {
      return { status: 201, headers: { 'docker-content-digest': digest }, body: Buffer.alloc(0) }
    }
    const session = `session-${++issued}`
    sessions.add(session)
    const path = `/v2/${repository}/blobs/uploads/${session}${location === 'query' ? '?_state=a%2Fb%3D&x' : ''}`
    const address = location === 'absolute' ? `http://${state.host}${path}` : path
    return { status: 202, headers: { location: address }, body: Buffer.alloc(0) }
  }

  function commit(session: string, url: URL, body: Buffer): Answer {
    if (location === 'query' && !url.search.startsWith('?_state=a%2Fb%3D&x&digest=')) {
      return problem(400, 'UNSUPPORTED', `the query was changed: ${url.search}`)
    }
    if (!sessions.delete(session)) return problem(404, 'BLOB_UPLOAD_UNKNOWN', 'no such session')
    const digest = url.searchParams.get('digest') ?? ''
    if (digestOf(body) !== digest) return problem(400, 'DIGEST_INVALID', 'provided digest did not match')
    blobs.set(digest, body)
    return { status: 201, headers: { 'docker-content-digest': digest }, body: Buffer.alloc(0) }
  }

  function readBlob(request: IncomingMessage, digest: string): Answer {
    const bytes = blobs.get(digest)
    if (!bytes) return problem(404, 'BLOB_UNKNOWN', 'blob unknown to registry')
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
    if (!range) return { status: 200, headers: { 'docker-content-digest': digest }, body: bytes }
    const [start, end] = [Number(range[1]), Number(range[2])]
    const headers = { 'content-range': `bytes ${start}-${end}/${bytes.length}` }
    return { status: 206, headers, body: bytes.subarray(start, end + 1) }
  }

  function writeManifest(request: IncomingMessage, repository: string, name: string, bytes: Buffer): Answer {
    const mediaType = request.headers['content-type'] ?? ''
    const digest = digestOf(bytes)
    manifests.set(`${repository}@${digest}`, { mediaType, bytes })
    if (!name.includes(':')) manifests.set(`${repository}:${name}`, { mediaType, bytes })
    return { status: 201, headers: { 'docker-content-digest': digest }, body: Buffer.alloc(0) }
  }

  function readManifest(repository: string, name: string): Answer {
    const found = manifests.get(`${repository}${name.includes(':') ? '@' : ':'}${name}`)
    if (!found) return problem(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    const headers = { 'content-type': found.mediaType, 'docker-content-digest': digestOf(found.bytes) }
    return { status: 200, headers, body: found.bytes }
  }

  return state
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function problem(status: number, code: string, message: string): Answer {
  return json(status, { errors: [{ code, message }] })
}

function json(status: number, document: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(document)),
  }
}
