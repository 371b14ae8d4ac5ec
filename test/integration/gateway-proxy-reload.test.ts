/** Changes while requests run: nothing is dropped, what has not changed keeps its sockets; and the end of it all. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { describe, test } from 'node:test'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createDataPlane } from '../../src/gateway/proxy/create-data-plane.ts'
import { freePort } from '../support/free-port.ts'
import { echoBackend, rawBackend } from '../support/gateway/backend.ts'
import { ask, startPlane } from '../support/gateway/plane.ts'
import { hear, parseAnswer, say } from '../support/gateway/raw-client.ts'
import {
  clusterOf,
  forwardTo,
  listenerOf,
  plainChain,
  routeOf,
  snapshotOf,
} from '../support/gateway/snapshots.ts'
import { startProgram } from '../support/program.ts'
import { until } from '../support/until.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`

async function kept(port: number): Promise<{ socket: Socket; ask: (path: string) => Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return {
    socket,
    async ask(path) {
      socket.write(get(path))
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      return chunk.toString('latin1')
    },
  }
}

describe('reload', () => {
  test('no request fails while routes, clusters and endpoints change every few milliseconds', async (t) => {
    const backends = await Promise.all(
      ['a', 'b', 'c'].map((name) => echoBackend(t, name, (_, response) => response.end(name))),
    )
    const parts = (round: number) => ({
      routes: [
        ...Array.from({ length: round % 5 }, (_, i) =>
          routeOf(forwardTo('none'), { match: { path: { kind: 'exact' as const, value: `/none${i}` } } }),
        ),
        routeOf(forwardTo(round % 2 === 0 ? 'one' : 'two'), {
          responseHeaders: { set: [{ name: 'x-round', value: String(round) }] },
        }),
      ],
      clusters: [
        clusterOf('one', [backends[round % 3]!.port, backends[(round + 1) % 3]!.port]),
        ...(round % 2 === 1 ? [clusterOf('two', [backends[2]!.port])] : []),
      ],
    })
    const { port, apply } = await startPlane(t, parts(0))
    const agent = new Agent({ keepAlive: true, maxSockets: 16 })
    t.after(() => agent.destroy())
    let isOver = false
    const statuses = new Map<string, number>()
    const load = Array.from({ length: 16 }, async () => {
      while (!isOver) {
        const outcome = await new Promise<string>((resolve) => {
          const request = httpRequest({ port, host: '127.0.0.1', agent, path: '/' }, (response) => {
            response.resume().once('end', () => resolve(String(response.statusCode)))
          })
          request.once('error', (error) => resolve(error.message)).end()
        })
        statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1)
      }
    })
    for (let round = 1; round <= 60; round++) {
      await apply(parts(round))
      await delay(5)
    }
    isOver = true
    await Promise.all(load)
    assert.deepEqual([...statuses.keys()], ['200'])
    assert.ok((statuses.get('200') ?? 0) > 100)
  })

  test('a change has effect when apply resolves, for connections that are open too', async (t) => {
    const { port, apply } = await startPlane(t, { routes: [routeOf({ kind: 'response', status: 201 })] })
    const client = await kept(port)
    assert.equal(parseAnswer(await client.ask('/')).status, 201)
    await apply({ routes: [routeOf({ kind: 'response', status: 202 })] })
    assert.equal(parseAnswer(await client.ask('/')).status, 202)
    client.socket.destroy()
  })

  test('a request keeps the snapshot it began with', async (t) => {
    let answer = () => {}
    const backend = await rawBackend(t, (socket) =>
      socket.once(
        'data',
        () => (answer = () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')),
      ),
    )
    const { apply, ask: get } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'), { responseHeaders: { set: [{ name: 'x-v', value: '1' }] } })],
      clusters: [clusterOf('c', [backend])],
    })
    const asked = get('/')
    await delay(50)
    await apply({ routes: [] })
    answer()
    const { status, headers } = await asked
    assert.deepEqual([status, headers['x-v']], [200, '1'])
  })

  test('listeners come and go; those that stay keep their connections', async (t) => {
    const [one, two] = [await freePort(), await freePort()]
    const plane = createDataPlane()
    t.after(() => plane.drain(0))
    const routes = [routeOf({ kind: 'response', status: 200 })]
    const listeners = (ports: readonly number[]) => ports.map((port) => listenerOf(port, [plainChain()]))
    await plane.apply(snapshotOf({ routes, listeners: listeners([one]) }))
    const client = await kept(one)
    await client.ask('/')
    await plane.apply(snapshotOf({ routes, listeners: listeners([one, two]) }))
    assert.equal((await ask(two, '/')).status, 200)
    assert.equal(parseAnswer(await client.ask('/')).status, 200)
    await plane.apply(snapshotOf({ routes, listeners: listeners([two]) }))
    await assert.rejects(ask(one, '/'), /ECONNREFUSED/)
    await once(client.socket, 'close')
    assert.equal((await ask(two, '/')).status, 200)
  })

  test('a listener moves from one address to all', async (t) => {
    const port = await freePort()
    const plane = createDataPlane()
    t.after(() => plane.drain(0))
    const routes = [routeOf({ kind: 'response', status: 200 })]
    await plane.apply(snapshotOf({ routes, port }))
    const everywhere = {
      ...listenerOf(port, [plainChain()]),
      name: `0.0.0.0:${port}/tcp`,
      address: '0.0.0.0',
    }
    const reports = await plane.apply(snapshotOf({ routes, listeners: [everywhere] }))
    assert.deepEqual(reports, [{ listener: everywhere.name, bound: true }])
    assert.equal((await ask(port, '/')).status, 200)
  })

  test('an address of no interface is told', async (t) => {
    const plane = createDataPlane()
    t.after(() => plane.drain(0))
    const port = await freePort()
    const [report] = await plane.apply(
      snapshotOf({ listeners: [{ ...listenerOf(port, []), address: '203.0.113.1' }] }),
    )
    assert.match(report?.problem ?? '', /^no interface of this machine has the address 203\.0\.113\.1$/)
  })
})

describe('drain', () => {
  test('200 requests in flight are answered, their connections closed, and no more are taken', async (t) => {
    let isOpen = true
    const waiting: Socket[] = []
    const answer = (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const backend = await rawBackend(t, (socket) =>
      socket.on('data', () => (isOpen ? answer(socket) : waiting.push(socket))),
    )
    const { port, plane } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    const idle = await kept(port)
    idle.socket.write(get('/'))
    await once(idle.socket, 'data')
    isOpen = false
    const answers = Array.from({ length: 200 }, () => say(port, get('/'), 5000))
    await until('all are on their way', () => waiting.length === 200)
    const drained = plane.drain(5000)
    await once(idle.socket, 'close')
    await assert.rejects(ask(port, '/'), /ECONNREFUSED/)
    waiting.forEach(answer)
    for (const text of await Promise.all(answers)) {
      const { status, headers, body } = parseAnswer(text)
      assert.deepEqual([status, headers['connection'], body], [200, 'close', 'ok'])
    }
    await drained
  })

  test('HTTP/2 clients are told twice, and what they sent in between is served', async (t) => {
    const { port, plane } = await startPlane(t, { routes: [routeOf({ kind: 'response', status: 200 })] })
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const first = session.request({ ':path': '/', ':authority': 'a' })
    first.resume()
    await once(first, 'close')
    const goodbyes: number[] = []
    session.on('goaway', (_, last: number) => goodbyes.push(last))
    const drained = plane.drain(5000)
    await once(session, 'goaway')
    assert.deepEqual(goodbyes, [2 ** 31 - 1])
    await drained
    await until('the session closes', () => session.destroyed)
  })

  test('what does not end by itself is cut at the limit', async (t) => {
    const backend = await rawBackend(t, () => {})
    const { port, plane } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    const hanging = say(port, get('/'), 5000)
    await until('it is on its way', () => plane.clusters()[0]?.endpoints[0]?.activeRequests === 1)
    await plane.drain(100)
    assert.equal(await hanging, '')
  })
})

describe('crowds', () => {
  test('10,000 idle connections, and requests beside them', async (t) => {
    const port = await freePort()
    const program = join(import.meta.dirname, '../support/gateway/plane-process.ts')
    const isReady = async () => (await ask(port, '/')).status === 200
    await using plane = await startProgram(process.execPath, [program, String(port)], { isReady })
    const sockets: Socket[] = []
    t.after(() => sockets.forEach((socket) => socket.destroy()))
    for (let batch = 0; batch < 50; batch++) {
      const localAddress = `127.0.0.${2 + (batch % 4)}`
      const opened = Array.from({ length: 200 }, () => connect({ port, host: '127.0.0.1', localAddress }))
      sockets.push(...opened)
      await Promise.all(opened.map(async (socket) => once(socket, 'connect')))
      for (const socket of opened) socket.write(get('/'))
      await Promise.all(opened.map(async (socket) => once(socket, 'data')))
    }
    assert.equal(sockets.filter(({ readyState }) => readyState === 'open').length, 10_000, plane.output())
    assert.equal((await ask(port, '/')).status, 200)
  })

  test('connections over the limit are closed at once, those before go on', async (t) => {
    const { port } = await startPlane(
      t,
      { routes: [routeOf({ kind: 'response', status: 200 })] },
      { limits: { connections: 2 } },
    )
    const clients = [await kept(port), await kept(port)]
    for (const client of clients) assert.equal(parseAnswer(await client.ask('/')).status, 200)
    assert.equal(await hear(connect(port, '127.0.0.1'), 500), '')
    assert.equal(parseAnswer(await clients[0]!.ask('/')).status, 200)
    for (const { socket } of clients) socket.destroy()
  })
})

describe('PROXY protocol', () => {
  test('is read from clients and written to backends', async (t) => {
    const heads: string[] = []
    const backend = await rawBackend(t, (socket) =>
      socket.once('data', (chunk: Buffer) => {
        heads.push(chunk.toString('latin1'))
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      }),
    )
    const port = await freePort()
    const { log, events } = await startPlane(t, {
      port,
      listeners: [{ ...listenerOf(port, [plainChain()]), proxyProtocol: true }],
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend], { proxyProtocol: 'v1' })],
    })
    assert.match(await say(port, `PROXY TCP4 10.1.2.3 10.0.0.1 1111 80\r\n${get('/')}`), /^HTTP\/1\.1 200 /)
    assert.equal(log[0]?.client, '10.1.2.3')
    assert.match(heads[0] ?? '', /^PROXY TCP4 10\.1\.2\.3 127\.0\.0\.1 \d+ \d+\r\nGET \/ HTTP/)
    assert.match(heads[0] ?? '', /x-forwarded-for: 10\.1\.2\.3\r\n/)
    assert.equal(await say(port, get('/')), '')
    assert.equal(events[0]?.kind, 'connection-refused')
  })
})
