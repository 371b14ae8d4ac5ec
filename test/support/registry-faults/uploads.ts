/** Upload sessions of a registry in memory (distribution-spec "Pushing blobs"). */
import type { IncomingMessage } from 'node:http'
import { digestOf, empty, problem, type Answer } from './answer.ts'
import type { Content } from './content.ts'
import type { Dialect } from './dialect.ts'

export interface Uploads {
  /** sessions that were opened and not committed, by name, with the bytes they have */
  readonly sessions: ReadonlyMap<string, number>
  /** the answer to a request that is known before its body has come */
  readonly early: (request: IncomingMessage) => Answer | undefined
  readonly mount: (repository: string, url: URL) => Answer
  readonly post: (repository: string, url: URL, body: Buffer) => Answer
  readonly patch: (request: IncomingMessage, session: string, url: URL, body: Buffer) => Answer | 'break'
  readonly status: (session: string, url: URL) => Answer
  readonly put: (repository: string, session: string, url: URL, body: Buffer) => Answer
  readonly cancel: (session: string) => Answer
  readonly forget: () => void
}

interface Session {
  bytes: Buffer
  chunks: number
}

export interface UploadsOptions {
  readonly dialect: Dialect
  readonly content: Content
  readonly host: () => string
}

const stateQuery = '?_state=a%2Fb%3D&x'

export function newUploads({ dialect, content, host }: UploadsOptions): Uploads {
  const sessions = new Map<string, Session>()
  let opened = 0
  let chunksInAll = 0

  const addressOf = (session: string, repository: string) => {
    const path = `/v2/${repository}/blobs/uploads/${session}${dialect.location === 'query' ? stateQuery : ''}`
    return dialect.location === 'absolute' ? `http://${host()}${path}` : path
  }
  const open = (repository: string) => {
    const name = `session-${++opened}`
    sessions.set(name, { bytes: Buffer.alloc(0), chunks: 0 })
    return empty(202, {
      location: addressOf(name, repository),
      range: '0-0',
      ...(dialect.leastChunk !== undefined && { 'oci-chunk-min-length': String(dialect.leastChunk) }),
    })
  }
  const store = (repository: string, url: URL, bytes: Buffer) => {
    const digest = url.searchParams.get('digest') ?? ''
    if (digestOf(bytes) !== digest) return problem(400, 'DIGEST_INVALID', 'provided digest did not match')
    content.blobs.set(digest, bytes)
    content.link(repository, digest)
    return empty(201, { 'docker-content-digest': digest })
  }
  const unknown = () => problem(404, 'BLOB_UPLOAD_UNKNOWN', 'no such session')
  const changedQuery = ({ search }: URL, more = '') =>
    dialect.location === 'query' && !search.startsWith(`${stateQuery}${more}`)
      ? problem(400, 'UNSUPPORTED', `the query was changed: ${search}`)
      : undefined
  const rangeOf = ({ bytes }: Session, extra = 0) => `0-${Math.max(0, bytes.length - 1 + extra)}`

  return {
    get sessions() {
      return new Map([...sessions].map(([name, { bytes }]) => [name, bytes.length]))
    },
    early({ method, headers }) {
      const size = Number(headers['content-length'] ?? 0)
      const limit = method === 'PATCH' ? dialect.largestChunk : dialect.largestWhole
      return limit !== undefined && size > limit ? empty(413) : undefined
    },
    mount(repository, url) {
      if (!content.exists(repository)) return problem(404, 'NAME_UNKNOWN', `no repository ${repository}`)
      const digest = url.searchParams.get('mount') ?? ''
      const isThere = content.isSeen(url.searchParams.get('from') ?? '', digest)
      if (dialect.mount === 'session' || !isThere) return open(repository)
      content.link(repository, digest)
      return empty(201, { 'docker-content-digest': digest })
    },
    post(repository, url, body) {
      if (!content.exists(repository)) return problem(404, 'NAME_UNKNOWN', `no repository ${repository}`)
      const isWhole = url.searchParams.has('digest')
      if (isWhole && dialect.singlePost === 'refused') return problem(405, 'UNSUPPORTED', 'no such upload')
      return isWhole && dialect.singlePost === 'taken' ? store(repository, url, body) : open(repository)
    },
    patch(request, name, url, body) {
      const session = sessions.get(name)
      if (!session) return unknown()
      if (dialect.chunks === 'refused') return problem(405, 'UNSUPPORTED', 'no chunked uploads')
      const changed = changedQuery(url)
      if (changed) return changed
      const [, start, end] = /^(\d+)-(\d+)$/.exec(request.headers['content-range'] ?? '') ?? []
      if (Number(start) !== session.bytes.length || Number(end) - Number(start) + 1 !== body.length) {
        return empty(416, { location: request.url ?? '', range: rangeOf(session) })
      }
      if (body.length < (dialect.leastChunk ?? 0)) return problem(400, 'SIZE_INVALID', 'part too small')
      session.chunks++
      chunksInAll++
      if (dialect.chunks === 'unreliable' && chunksInAll % 3 === 0) {
        session.bytes = Buffer.concat([session.bytes, body.subarray(0, body.length / 2)])
        return 'break'
      }
      const isKept = dialect.chunks !== 'first-only' || session.chunks === 1
      if (isKept) session.bytes = Buffer.concat([session.bytes, body])
      return empty(dialect.chunks === 'first-only' ? 201 : 202, {
        location: request.url ?? '',
        range: rangeOf(session),
      })
    },
    status(name, url) {
      const session = sessions.get(name)
      if (!session || dialect.chunks === 'first-only') return unknown()
      const range = rangeOf(session, dialect.range === 'exclusive' ? 1 : 0)
      return (
        changedQuery(url) ?? empty(204, { range: dialect.range === 'exclusive' ? `bytes=${range}` : range })
      )
    },
    put(repository, name, url, body) {
      const session = sessions.get(name)
      if (!session) return unknown()
      const changed = changedQuery(url, '&digest=')
      if (changed) return changed
      sessions.delete(name)
      return store(repository, url, Buffer.concat([session.bytes, body]))
    },
    cancel: (name) => (sessions.delete(name) ? empty(204) : unknown()),
    forget: () => sessions.clear(),
  }
}
