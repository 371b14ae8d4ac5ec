import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../test/support/until.ts'
import { Failure } from '../base/index.ts'
import { openHttpClient, type HttpClient, type HttpClientOptions } from './client.ts'
import { joinChunks, readAtMost } from './read.ts'

interface Served {
  readonly url: string
  readonly client: HttpClient
  readonly server: Server
  readonly sockets: Set<Socket>
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

async function serve(t: TestContext, listener: Listener, options?: HttpClientOptions): Promise<Served> {
  const server = createServer((request, response) => void listener(request, response))
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = openHttpClient(options)
  t.after(() => {
    client.close()
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, client, server, sockets }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.from((await readAtMost(body, 1e6)) ?? []).toString()
}

async function receive(request: IncomingMessage): Promise<string> {
  return textOf(request as AsyncIterable<Uint8Array>)
}

function bodyOf(...texts: string[]) {
  const chunks = texts.map((text) => Buffer.from(text))
  return {
    size: joinChunks(chunks).length,
    async *open() {
      yield* chunks
    },
  }
}

const answerWith =
  (status: number, text = '') =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status).end(text)
  }

test('a body goes out with its exact length and the answer comes back as bytes', async (t) => {
  const { url, client } = await serve(t, async (request, response) => {
    const text = await receive(request)
    response.end(
      `${request.method} ${request.headers['content-length']} ${request.headers['transfer-encoding']} ${text}`,
    )
  })
  const counts: number[] = []
  const response = await client.send({
    method: 'PUT',
    url: `${url}/x`,
    body: bodyOf('hello ', '', 'world'),
    onBytes: (count) => counts.push(count),
  })
  assert.equal(response.status, 200)
  assert.equal(await textOf(response.body), 'PUT 11 undefined hello world')
  assert.deepEqual(counts, [6, 5])
})

test('a body of no bytes is sent with length 0', async (t) => {
  const { url, client } = await serve(t, (request, response) => {
    response.end(String(request.headers['content-length']))
  })
  const response = await client.send({ method: 'PUT', url, body: bodyOf() })
  assert.equal(await textOf(response.body), '0')
})

for (const [name, size] of [
  ['short', 10],
  ['long', 3],
] as const) {
  test(`a body that is too ${name} never arrives as a whole`, async (t) => {
    let arrived: string | undefined
    const { url, client } = await serve(t, async (request, response) => {
      arrived = await receive(request)
      response.end()
    })
    await assert.rejects(
      client.send({ method: 'PUT', url, body: { ...bodyOf('hello'), size } }),
      (error: unknown) => error instanceof Failure && error.code === 'CONTENT_MISMATCH',
    )
    assert.equal(arrived, undefined)
  })
}

test('sockets are kept and never more than the limit for one origin', async (t) => {
  let most = 0
  const { url, client, sockets } = await serve(
    t,
    async (_, response) => {
      most = Math.max(most, sockets.size)
      await delay(2)
      response.end('x')
    },
    { sockets: 3 },
  )
  await Promise.all(
    Array.from({ length: 30 }, async () => (await client.send({ method: 'GET', url })).discard()),
  )
  assert.ok(most >= 1 && most <= 3, `${most} sockets`)
})

test('a discarded long answer closes its socket, a short one keeps it', async (t) => {
  let connections = 0
  const { url, client } = await serve(t, (request, response) => {
    if (request.socket.listenerCount('seen') === 0) {
      connections++
      request.socket.on('seen', () => {})
    }
    response.end(Buffer.alloc(request.url === '/long' ? 5_000_000 : 10))
  })
  for (const path of ['/short', '/short', '/long', '/short']) {
    const response = await client.send({ method: 'GET', url: url + path })
    response.discard()
    await delay(5)
  }
  assert.equal(connections, 2)
})

test('a socket that the server closed while it was idle is replaced at once and the body opened again', async (t) => {
  let served = 0
  const { url, client } = await serve(t, async (request, response) => {
    served++
    // The second request on the first socket meets a reset, as when an idle limit of the server strikes.
    if (served === 2) return void request.socket.resetAndDestroy()
    response.end(await receive(request))
  })
  const first = await client.send({ method: 'GET', url })
  first.discard()
  await delay(5)
  let opened = 0
  const response = await client.send({
    method: 'PUT',
    url,
    body: {
      size: 2,
      async *open() {
        opened++
        yield Buffer.from('ok')
      },
    },
  })
  assert.equal(await textOf(response.body), 'ok')
  assert.equal(opened, 2)
})

test('a reset of a new socket is reported, not repeated', async (t) => {
  let served = 0
  const { url, client } = await serve(t, (request) => {
    served++
    request.socket.resetAndDestroy()
  })
  await assert.rejects(client.send({ method: 'GET', url }), { code: 'ECONNRESET' })
  assert.equal(served, 1)
})

test('an abort in the middle of a body rejects with its reason and closes the socket', async (t) => {
  const { url, client, sockets } = await serve(t, (request) => void request.resume())
  const stop = new AbortController()
  const reason = new DOMException('enough', 'AbortError')
  let returned = false
  const sending = client.send({
    method: 'PUT',
    url,
    signal: stop.signal,
    body: {
      size: 1e12,
      async *open() {
        try {
          for (;;) yield Buffer.alloc(1 << 16)
        } finally {
          returned = true
        }
      },
    },
    onBytes: () => stop.abort(reason),
  })
  await assert.rejects(sending, (error) => error === reason)
  await until('the socket and the source are closed', () => sockets.size === 0 && returned)
})

test('an abort does not wait for a source that hangs', async (t) => {
  const { url, client } = await serve(t, (request) => void request.resume())
  const stop = new AbortController()
  const sending = client.send({
    method: 'PUT',
    url,
    signal: stop.signal,
    body: {
      size: 10,
      async *open() {
        yield Buffer.from('12345')
        setTimeout(() => stop.abort(), 5)
        await new Promise(() => {})
      },
    },
  })
  await assert.rejects(sending, { name: 'AbortError' })
})

test('an abort while the answer is read rejects the reading', async (t) => {
  const { url, client } = await serve(t, (_, response) => void response.write('first'))
  const stop = new AbortController()
  const response = await client.send({ method: 'GET', url, signal: stop.signal })
  await assert.rejects(
    async () => {
      for await (const chunk of response.body) stop.abort(new Error(`after ${chunk.length}`))
    },
    { message: 'after 5' },
  )
})

test('an aborted signal sends nothing', async (t) => {
  let served = 0
  const { url, client } = await serve(t, (_, response) => {
    served++
    response.end()
  })
  await assert.rejects(client.send({ method: 'GET', url, signal: AbortSignal.abort() }), {
    name: 'AbortError',
  })
  assert.equal(served, 0)
})

test('an error of the source passes as it is', async (t) => {
  const { url, client } = await serve(t, (request) => void request.resume())
  const broken = Object.assign(new Error('read'), { code: 'EIO' })
  const body = {
    size: 10,
    async *open(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('12345')
      throw broken
    },
  }
  await assert.rejects(client.send({ method: 'PUT', url, body }), (error) => error === broken)
})

test('an answer that comes before the body is sent ends the sending', async (t) => {
  const { url, client } = await serve(t, answerWith(413, 'too large'))
  const body = {
    size: 1e12,
    async *open() {
      for (;;) {
        yield Buffer.alloc(1 << 14)
        await delay(1)
      }
    },
  }
  const response = await client.send({ method: 'PUT', url, body })
  assert.equal(response.status, 413)
  assert.equal(await textOf(response.body), 'too large')
})

test('an answer cut short is an error of the reading', async (t) => {
  const { url, client } = await serve(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  })
  const response = await client.send({ method: 'GET', url })
  await assert.rejects(textOf(response.body), { code: 'ECONNRESET' })
})

for (const [what, listener, limit] of [
  ['no answer within 30 ms', () => {}, { answerTimeoutMs: 30 }],
  [
    'no further byte within 30 ms',
    (_: IncomingMessage, response: ServerResponse) => void response.write('half'),
    { idleTimeoutMs: 30 },
  ],
] as const) {
  test(`a silent server ends in "${what}"`, async (t) => {
    const { url, client } = await serve(t, listener, limit)
    const reading = async () => textOf((await client.send({ method: 'GET', url })).body)
    await assert.rejects(reading, { code: 'ETIMEDOUT', message: what })
  })
}

test('a server that takes no byte ends in a time-out', async (t) => {
  const { url, client } = await serve(t, (request) => void request.pause(), { idleTimeoutMs: 50 })
  const body = {
    size: 1e12,
    async *open() {
      for (;;) yield Buffer.alloc(1 << 20)
    },
  }
  await assert.rejects(client.send({ method: 'PUT', url, body }), { message: 'no byte taken within 50 ms' })
})

test('redirects are followed and credentials stay with the first origin', async (t) => {
  const other = await serve(t, (request, response) => {
    response.end(`${request.method} ${request.url} ${request.headers.authorization}`)
  })
  const { url, client } = await serve(t, (request, response) => {
    const target = { '/same': '/final', '/other': `${other.url}/final?signature=1` }[request.url ?? '']
    if (target) response.writeHead(307, { location: target }).end('moved')
    else response.end(`${request.method} ${request.url} ${request.headers.authorization}`)
  })
  const headers = { Authorization: 'Bearer secret' }
  const same = await client.send({ method: 'GET', url: `${url}/same`, headers })
  assert.equal(await textOf(same.body), 'GET /final Bearer secret')
  const away = await client.send({ method: 'GET', url: `${url}/other`, headers })
  assert.equal(await textOf(away.body), 'GET /final?signature=1 undefined')
  assert.equal(away.url.href, `${other.url}/final?signature=1`)
  const manual = await client.send({ method: 'GET', url: `${url}/other`, headers, redirect: 'manual' })
  manual.discard()
  assert.equal(manual.status, 307)
})

test('a redirect of a PUT opens the body again on 307 and is not followed on 302', async (t) => {
  const { url, client } = await serve(t, async (request, response) => {
    const text = await receive(request)
    if (request.url === '/final') response.end(`${request.method} ${text}`)
    else response.writeHead(Number(request.url?.slice(1)), { location: '/final' }).end()
  })
  const moved = await client.send({ method: 'PUT', url: `${url}/307`, body: bodyOf('abc') })
  assert.equal(await textOf(moved.body), 'PUT abc')
  const found = await client.send({ method: 'PUT', url: `${url}/302`, body: bodyOf('abc') })
  found.discard()
  assert.equal(found.status, 302)
})

test('redirects that never end are an error', async (t) => {
  let served = 0
  const { url, client } = await serve(t, (_, response) => {
    served++
    response.writeHead(302, { location: '/again' }).end()
  })
  await assert.rejects(client.send({ method: 'GET', url }), { code: 'EREDIRECTS' })
  assert.equal(served, 11)
})

test('user-info of an address is not sent', async (t) => {
  const { url, client } = await serve(t, (request, response) => {
    response.end(String(request.headers.authorization))
  })
  const response = await client.send({ method: 'GET', url: url.replace('//', '//user:secret@') })
  assert.equal(await textOf(response.body), 'undefined')
})

test('a closed port is ECONNREFUSED', async (t) => {
  const { url, client, server } = await serve(t, answerWith(200))
  server.close()
  await once(server, 'close')
  await assert.rejects(client.send({ method: 'GET', url }), { code: 'ECONNREFUSED' })
})
