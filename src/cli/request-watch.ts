/** All requests of this process with their times, as Node.js tells of them to whoever subscribes. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { TimedRequest } from './report/spans.ts'

export interface RequestWatch {
  /** Those that were answered or failed since it was asked last. */
  readonly take: () => TimedRequest[]
  readonly stop: () => void
}

export function watchRequests(): RequestWatch {
  let done: TimedRequest[] = []
  const started = new WeakMap<ClientRequest, number>()
  const end = (request: ClientRequest, status: number | undefined): void => {
    const startMs = started.get(request)
    if (startMs === undefined) return
    started.delete(request)
    // The query of an address may be a signature or a token.
    const path = request.path.replace(/\?.*/s, '')
    const port = request.getHeader('host')
    done.push({
      host: typeof port === 'string' ? port : request.host,
      method: request.method,
      path,
      status,
      startMs,
      endMs: performance.now(),
    })
  }
  const onStart = (message: unknown) =>
    void started.set((message as { request: ClientRequest }).request, performance.now())
  const onFinish = (message: unknown) => {
    const { request, response } = message as { request: ClientRequest; response: IncomingMessage }
    end(request, response.statusCode)
  }
  const onError = (message: unknown) => end((message as { request: ClientRequest }).request, undefined)
  const channels = [
    ['http.client.request.start', onStart],
    ['http.client.response.finish', onFinish],
    ['http.client.request.error', onError],
  ] as const
  for (const [name, listener] of channels) subscribe(name, listener)
  return {
    take() {
      const taken = done
      done = []
      return taken
    },
    stop() {
      for (const [name, listener] of channels) unsubscribe(name, listener)
    },
  }
}
