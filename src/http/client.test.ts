import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { bodyOf, receive, serve, textOf } from '../../test/support/serve-http.ts'

const answerWith =
  (status: number, text = '') =>
  (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status).end(text)
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

test('a reset of a new socket is reported, not repeated', async (t) => {
  let served = 0
  const { url, client } = await serve(t, (request) => {
    served++
    request.socket.resetAndDestroy()
  })
  await assert.rejects(client.send({ method: 'GET', url }), { code: 'ECONNRESET' })
  assert.equal(served, 1)
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
