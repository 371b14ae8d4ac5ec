/** The admin server: readiness, status, dumps, metrics and a page. It only shows; nothing can be changed through it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIP, type AddressInfo } from 'node:net'
import { Failure, systemCode } from '../../base/index.ts'
import type { Gateway } from '../run/gateway.ts'
import { configDump } from './config-dump.ts'
import { newMetrics } from './metrics.ts'
import { reportObjects } from './object-report.ts'
import { statusPage } from './page.ts'
import { readinessOf } from './readiness.ts'
import type { RequestCounts } from './request-counts.ts'
import { reportStatus } from './status-report.ts'

export interface AdminServer {
  /** `127.0.0.1:15000` */
  readonly address: string
  readonly close: () => Promise<void>
}

export interface AdminOptions {
  readonly host: string
  /** 0 takes a free one */
  readonly port: number
  /** nothing until the first configuration has effect: not ready */
  readonly gateway: () => Gateway | undefined
  readonly counts: RequestCounts
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** @throws Failure ADDRESS_IN_USE */
export async function startAdminServer({ host, port, gateway, counts }: AdminOptions): Promise<AdminServer> {
  let metrics: ReturnType<typeof newMetrics> | undefined
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    if (isLoopback(host) && !isOwnHost(request.headers.host))
      return text(403, 'this host name is not one of the admin server')
    if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET and HEAD')
    const running = gateway()
    const { pathname } = new URL(request.url ?? '/', 'http://admin')
    if (!running) return text(503, 'no configuration is applied yet')
    const state = running.state()
    switch (pathname) {
      case '/':
        return statusPage(state, running.plane.clusters())
      case '/ready': {
        const { isReady, reasons } = readinessOf(state)
        return isReady ? text(200, 'ready') : text(503, reasons.join('\n'))
      }
      case '/status':
        return json(reportStatus(state, running.plane))
      case '/objects':
        return json({ apiVersion: 'v1', kind: 'List', items: reportObjects(state) })
      case '/config_dump':
        return json(configDump(state.snapshot))
      case '/clusters':
        return json(running.plane.clusters())
      case '/metrics':
        metrics ??= newMetrics({ state: running.state, plane: running.plane, counts })
        return { status: 200, type: metrics.contentType, body: await metrics.text() }
      default:
        return text(404, 'there are /, /ready, /status, /objects, /config_dump, /clusters and /metrics')
    }
  }
  const server = createServer((request, response) => {
    answer(request).then(
      (it) => send(response, it),
      (error: unknown) => send(response, text(500, String(error))),
    )
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    const why = systemCode(error) === 'EADDRINUSE' ? 'it is in use' : String(systemCode(error) ?? error)
    throw new Failure('ADDRESS_IN_USE', `the admin server cannot listen on ${host}:${port}: ${why}`, {
      hint: 'choose another one with --admin, or --admin off',
      cause: error,
    })
  }
  const bound = server.address() as AddressInfo
  return {
    address: bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

/** Names that somebody else's DNS could lead here (rebinding) are not taken, where only this machine is to get in. */
function isOwnHost(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
  return name === undefined || name === 'localhost' || isIP(name) !== 0 || !name.includes('.')
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` }
}

function json(value: unknown): Answer {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(value, undefined, 2)}\n` }
}

function send(response: ServerResponse, { status, type, body, headers = {} }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
