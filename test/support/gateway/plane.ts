/** A data plane of a test, with a port of its own, stopped when the test ends. */
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http'
import type { TestContext } from 'node:test'
import { createDataPlane, type DataPlaneOptions } from '../../../src/gateway/proxy/create-data-plane.ts'
import type { AccessLogEntry, DataPlane } from '../../../src/gateway/proxy/data-plane.ts'
import type { DataPlaneEvent } from '../../../src/gateway/proxy/events.ts'
import { freePort } from '../free-port.ts'
import { snapshotOf, type SnapshotParts } from './snapshots.ts'

export interface TestPlane {
  readonly port: number
  readonly plane: DataPlane
  readonly log: AccessLogEntry[]
  readonly events: DataPlaneEvent[]
  /** applies a snapshot whose plain listener has the port */
  readonly apply: (parts: SnapshotParts) => Promise<void>
  readonly ask: (path: string, options?: AskOptions) => Promise<Answer>
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string | Buffer
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly rawHeaders: readonly string[]
  readonly body: string
  readonly trailers: Readonly<Record<string, string | undefined>>
}

export async function startPlane(
  t: TestContext,
  parts: SnapshotParts,
  options: DataPlaneOptions = {},
): Promise<TestPlane> {
  const log: AccessLogEntry[] = []
  const events: DataPlaneEvent[] = []
  const plane = createDataPlane({
    onAccess: (entry) => log.push(entry),
    onEvent: (event) => events.push(event),
    ...options,
  })
  const port = await freePort()
  const apply = async (given: SnapshotParts) => {
    const reports = await plane.apply(snapshotOf({ port, ...given }))
    const failed = reports.filter(({ bound }) => !bound)
    if (failed.length > 0) throw new Error(failed.map(({ problem }) => problem).join('\n'))
  }
  t.after(() => plane.drain(0))
  await apply(parts)
  return { port, plane, log, events, apply, ask: (path, asked) => ask(port, path, asked) }
}

/** One request on a connection of its own. */
export async function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.once('error', reject)
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: Buffer.concat(chunks).toString(),
            trailers: response.trailers,
          }),
        )
      },
    )
    request.once('error', reject)
    request.end(body)
  })
}
