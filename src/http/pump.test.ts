import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { bodyOf, receive, serve, textOf } from '../../test/support/serve-http.ts'
import { until } from '../../test/support/until.ts'
import { Failure } from '../base/index.ts'

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

for (const size of [100, 5000, 200_000]) {
  test(`a source that uses two buffers of ${size} bytes in turn arrives as it was`, async (t) => {
    const { url, client } = await serve(t, async (request, response) => {
      // Taken in slowly, so that much waits in the sender.
      await delay(20)
      let wrong = 0
      let position = 0
      for await (const part of request as AsyncIterable<Uint8Array>) {
        for (const byte of part) if (byte !== Math.floor(position++ / size) % 251) wrong++
      }
      response.end(`${position} ${wrong}`)
    })
    const chunks = 300
    const body = {
      size: chunks * size,
      async *open() {
        const buffers = [Buffer.alloc(size), Buffer.alloc(size)]
        for (let index = 0; index < chunks; index++) yield buffers[index % 2]!.fill(index % 251)
      },
    }
    const response = await client.send({ method: 'PUT', url, body })
    assert.equal(await textOf(response.body), `${chunks * size} 0`)
  })
}

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

test('a server that takes nothing of one large chunk on a new connection ends in a time-out', async (t) => {
  const { url, client } = await serve(t, (request) => void request.pause(), { idleTimeoutMs: 50 })
  const body = {
    size: 1 << 26,
    async *open() {
      yield Buffer.alloc(1 << 26)
    },
  }
  await assert.rejects(client.send({ method: 'PUT', url, body }), { message: 'no byte taken within 50 ms' })
})

test('a body waits for a free socket without a time limit and without being opened', async (t) => {
  const limits = { sockets: 1, idleTimeoutMs: 30 }
  const first = Promise.withResolvers<void>()
  const { url, client } = await serve(
    t,
    async (request, response) => {
      if (request.method === 'GET') await first.promise
      response.end(await receive(request))
    },
    limits,
  )
  const waiting = client.send({ method: 'GET', url })
  let isOpened = false
  const body = {
    size: 2,
    async *open() {
      isOpened = true
      yield Buffer.from('ok')
    },
  }
  const queued = client.send({ method: 'PUT', url, body })
  await delay(60)
  assert.equal(isOpened, false)
  first.resolve()
  ;(await waiting).discard()
  assert.equal(await textOf((await queued).body), 'ok')
})
