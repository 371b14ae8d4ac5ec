/** The suite's HTTP client: one connection a request, and the rule by which an answer counts. */
import assert from 'node:assert/strict'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import type { Echo } from './echo/echo-http.ts'
import type { Pair } from './suite-certificates.ts'

export interface Asked {
  /** name of a Gateway, or an address */
  readonly at: string
  /** default 80, or 443 with `tls` */
  readonly port?: number
  readonly host?: string
  /** default `/` */
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly tls?: ClientTls
  /** HTTP/2 by prior knowledge, or by ALPN with `tls` */
  readonly http2?: boolean
}

export interface ClientTls {
  readonly serverName?: string
  readonly authority: string
  readonly certificate?: Pair
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly echo?: Echo
}

/** One request on a connection of its own. @throws whatever the connection failed with */
export async function ask(asked: Asked): Promise<Answer> {
  return asked.http2 ? askHttp2(asked) : askHttp1(asked)
}

async function askHttp1({
  at,
  port,
  host,
  path = '/',
  method = 'GET',
  headers,
  tls,
}: Asked): Promise<Answer> {
  const to = { host: at, path, method, agent: false as const, timeout: 10_000 }
  const authority = host ?? at
  const sent = { host: authority, ...headers }
  return new Promise((resolve, reject) => {
    const request = tls
      ? httpsRequest({
          ...to,
          port: port ?? 443,
          headers: sent,
          ca: tls.authority,
          servername: tls.serverName ?? authority.replace(/:\d+$/, ''),
          ...(tls.certificate ? { cert: tls.certificate['tls.crt'], key: tls.certificate['tls.key'] } : {}),
          checkServerIdentity: () => undefined,
        })
      : httpRequest({ ...to, port: port ?? 80, headers: sent })
    request.on('error', reject)
    request.on('timeout', () => request.destroy(new Error('no answer in 10 s')))
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve(answerOf(response.statusCode ?? 0, response.headers, Buffer.concat(chunks).toString())),
      )
    })
    request.end()
  })
}

async function askHttp2(asked: Asked): Promise<Answer> {
  const { at, host, path = '/', method = 'GET', headers, tls } = asked
  const port = asked.port ?? (tls ? 443 : 80)
  const session = connectHttp2(`${tls ? 'https' : 'http'}://${at}:${port}`, {
    ...(tls
      ? { ca: tls.authority, servername: tls.serverName ?? host ?? at, checkServerIdentity: () => undefined }
      : {}),
  })
  try {
    return await new Promise((resolve, reject) => {
      session.on('error', reject)
      const stream = session.request({
        ':path': path,
        ':method': method,
        ':authority': host ?? at,
        ...headers,
      })
      let received: IncomingHttpHeaders & { ':status'?: number | undefined } = {}
      let text = ''
      stream.on('response', (head) => (received = head))
      stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
      stream.on('error', reject)
      stream.on('end', () => resolve(answerOf(received[':status'] ?? 0, received, text)))
      stream.end()
    })
  } finally {
    session.destroy()
  }
}

function answerOf(status: number, headers: IncomingHttpHeaders, text: string): Answer {
  const isEcho = text.startsWith('{')
  return { status, headers, ...(isEcho ? { echo: JSON.parse(text) as Echo } : {}) }
}

/** Three times in a row it must be so; asked again every 100 ms until then, for 15 s at most. */
export async function eventually<Result>(check: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + 15_000
  let successes = 0
  for (;;) {
    try {
      const result = await check()
      successes += 1
      if (successes === 3) return result
    } catch (error) {
      successes = 0
      if (performance.now() > deadline) throw error
      await delay(100)
    }
  }
}

export interface ExpectedAnswer {
  /** default 200 */
  readonly status?: number | readonly number[]
  /** Service whose pod answers */
  readonly backend?: string
  readonly namespace?: string
  /** of the request as the backend saw it */
  readonly seen?: {
    readonly path?: string
    readonly host?: string
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly absent?: readonly string[]
    readonly serverName?: string
  }
  /** of the response; several values of one name in any order */
  readonly headers?: Readonly<Record<string, string | RegExp | undefined>>
}

export function expectAnswer(answer: Answer, expected: ExpectedAnswer): void {
  const statuses = [expected.status ?? 200].flat()
  assert.ok(statuses.includes(answer.status), `status ${answer.status}, expected ${statuses.join(' or ')}`)
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) {
    const value = answer.headers[name.toLowerCase()]
    const text = [value].flat().join(',')
    if (wanted instanceof RegExp) assert.match(text, wanted, `response header ${name}`)
    else assert.equal(value === undefined ? value : text, wanted, `response header ${name}`)
  }
  const { backend, namespace, seen } = expected
  if (backend === undefined && namespace === undefined && seen === undefined) return
  const { echo } = answer
  assert.ok(echo, 'a backend answered')
  if (backend !== undefined) assert.equal(echo.service, backend)
  if (namespace !== undefined) assert.equal(echo.namespace, namespace)
  if (seen !== undefined) expectSeen(echo, seen)
}

function expectSeen(echo: Echo, seen: NonNullable<ExpectedAnswer['seen']>): void {
  const { headers = {}, absent = [], serverName, ...plain } = seen
  for (const name of ['path', 'host', 'method'] as const) {
    if (plain[name] !== undefined) assert.equal(echo[name], plain[name])
  }
  if (serverName !== undefined) assert.equal(echo.tls?.serverName, serverName)
  for (const [name, value] of Object.entries(headers)) {
    assert.equal(echo.headers[name.toLowerCase()], value, `header ${name} at the backend`)
  }
  for (const name of absent) {
    assert.equal(echo.headers[name.toLowerCase()], undefined, `header ${name} at the backend`)
  }
}
