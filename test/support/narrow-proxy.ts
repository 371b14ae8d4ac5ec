/** What stands in front of many registries: a proxy that takes bodies up to a size, and now and then breaks off in one. */
import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface NarrowProxyOptions {
  /** bodies above it are answered with 413, bytes */
  readonly largestBody?: number
  /** of the PATCHes that fit, counted from 1, those in which the connection breaks; default none */
  readonly breaksIn?: readonly number[]
}

export interface NarrowProxy extends AsyncDisposable {
  readonly host: string
  /** method and status of each request, in the order of their answers; status 0 for those that broke */
  readonly seen: (readonly [method: string, status: number])[]
}

export async function startNarrowProxy(
  target: string,
  options: NarrowProxyOptions = {},
): Promise<NarrowProxy> {
  const { largestBody = Infinity, breaksIn = [] } = options
  const seen: (readonly [string, number])[] = []
  let patches = 0
  const server = createServer((request, response) => {
    const { method = '' } = request
    if (Number(request.headers['content-length'] ?? 0) > largestBody) {
      seen.push([method, 413])
      response.writeHead(413).end()
      request.resume()
      return
    }
    const isBroken = method === 'PATCH' && breaksIn.includes(++patches)
    pass(request, response, { target, breakAt: isBroken ? 200_000 : undefined, seen })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface Passing {
  readonly target: string
  readonly breakAt: number | undefined
  readonly seen: (readonly [string, number])[]
}

/** The Host header stays, so that absolute Locations lead back here. */
function pass(request: IncomingMessage, response: ServerResponse, { target, breakAt, seen }: Passing): void {
  const { method = '', url, headers } = request
  const onward = httpRequest(`http://${target}${url}`, { method, headers })
  onward.on('response', (answer) => {
    seen.push([method, answer.statusCode ?? 0])
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  if (breakAt === undefined) {
    request.pipe(onward)
    return
  }
  let passed = 0
  request.on('data', (chunk: Buffer) => {
    if (passed > breakAt) return
    passed += chunk.length
    onward.write(chunk)
    if (passed <= breakAt) return
    seen.push([method, 0])
    onward.destroy()
    request.socket.resetAndDestroy()
  })
}
