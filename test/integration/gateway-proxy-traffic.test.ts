/** Retries, timeouts, mirrors, balancing, sessions, limits, health: over real sockets, against backends that misbehave. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Retry } from '../../src/gateway/model/index.ts'
import { freePort } from '../support/free-port.ts'
import { echoBackend, rawBackend, type Seen } from '../support/gateway/backend.ts'
import { startPlane } from '../support/gateway/plane.ts'
import { parseAnswer, say } from '../support/gateway/raw-client.ts'
import { clusterOf, forwardTo, routeOf } from '../support/gateway/snapshots.ts'
import { until } from '../support/until.ts'

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe('retries', () => {
  const retry = (rest: Partial<Retry>): Retry => ({ attempts: 2, on: [], backoffMs: 1, ...rest })

  const cases: readonly [string, Partial<Retry>, readonly string[], number, number][] = [
    ['a listed status', { on: [503] }, ['503', '503', '200'], 200, 3],
    ['a status that is not listed', { on: [503] }, ['502', '200'], 502, 1],
    ['attempts are used up: the last status', { on: [500], attempts: 1 }, ['500', '500', '200'], 500, 2],
    ['5xx', { on: ['5xx'] }, ['501', '200'], 200, 2],
    ['gateway errors', { on: ['gateway-error'] }, ['503', '500'], 500, 2],
    ['conflicts', { on: ['retriable-4xx'] }, ['409', '404'], 404, 2],
    ['a reset before an answer', { on: ['reset'] }, ['cut', '200'], 200, 2],
    ['a reset that is not listed', { on: ['connect-failure'] }, ['cut', '200'], 503, 1],
    ['garbage', { on: ['reset'] }, ['garbage', '200'], 200, 2],
    ['a try that takes too long', { on: ['timeout'], perTryTimeoutMs: 100 }, ['silent', '200'], 200, 2],
    [
      'the last try takes too long',
      { on: ['timeout'], perTryTimeoutMs: 60, attempts: 1 },
      ['silent', 'silent'],
      504,
      2,
    ],
  ]
  for (const [what, policy, answers, status, tries] of cases) {
    test(what, async (t) => {
      let asked = 0
      const backend = await rawBackend(t, (socket) => {
        socket.on('data', () => {
          const answer = answers[asked++] ?? '200'
          if (answer === 'cut') socket.destroy()
          else if (answer === 'garbage') socket.write('nonsense\r\n\r\n')
          else if (answer !== 'silent') socket.write(`HTTP/1.1 ${answer} X\r\nContent-Length: 0\r\n\r\n`)
        })
      })
      const { ask, log } = await startPlane(t, {
        routes: [routeOf(forwardTo('c', { retry: retry(policy) }))],
        clusters: [clusterOf('c', [backend])],
      })
      assert.equal((await ask('/')).status, status)
      assert.equal(asked, tries)
      assert.equal(log[0]?.attempts, tries)
    })
  }

  test('a connection that is refused is tried at another endpoint', async (t) => {
    const backend = await echoBackend(t)
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c', { retry: retry({ on: ['connect-failure'], avoidPrevious: true }) }))],
      clusters: [
        clusterOf('c', [await freePort(), backend.port], { loadBalancer: { policy: 'round-robin' } }),
      ],
    })
    for (let i = 0; i < 4; i++) assert.equal((await ask('/')).status, 200)
  })

  test('the body is sent again, up to the limit', async (t) => {
    let asked = 0
    const backend = await echoBackend(t, 'echo', (_, response) => {
      response.writeHead(asked++ % 2 === 0 ? 503 : 200).end(String(backend.seen.at(-1)?.body.length))
    })
    const { ask } = await startPlane(
      t,
      {
        routes: [routeOf(forwardTo('c', { retry: retry({ on: [503] }) }))],
        clusters: [clusterOf('c', [backend.port])],
      },
      { limits: { replayBytes: 100_000 } },
    )
    const small = await ask('/', { method: 'POST', body: 'x'.repeat(90_000) })
    assert.deepEqual([small.status, small.body], [200, '90000'])
    const big = await ask('/', { method: 'POST', body: 'x'.repeat(200_000) })
    assert.deepEqual([big.status, big.body], [503, '200000'])
  })

  test('the budget of the whole request ends them', async (t) => {
    const backend = await rawBackend(t, () => {})
    const { ask } = await startPlane(t, {
      routes: [
        routeOf(
          forwardTo('c', {
            timeoutMs: 150,
            retry: retry({ on: ['timeout'], perTryTimeoutMs: 60, attempts: 100 }),
          }),
        ),
      ],
      clusters: [clusterOf('c', [backend])],
    })
    assert.equal((await ask('/')).status, 504)
  })

  test('as many retries at once as the cluster allows', async (t) => {
    const backend = await echoBackend(t, 'echo', (_, response) => response.writeHead(503).end())
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c', { retry: retry({ on: [503] }) }))],
      clusters: [clusterOf('c', [backend.port], { limits: { maxRetries: 0 } })],
    })
    assert.equal((await ask('/')).status, 503)
    assert.equal(backend.seen.length, 1)
  })
})

describe('kept connections that the backend closes', () => {
  const closing = async (t: Parameters<typeof rawBackend>[0]) => {
    const requests: string[] = []
    const port = await rawBackend(t, (socket, number) => {
      socket.on('data', (chunk: Buffer) => {
        requests.push(chunk.toString('latin1').split(' ')[0] ?? '')
        // The first connection serves one request and is gone at the second.
        if (number === 0 && requests.length > 1) socket.destroy()
        else socket.write(ok)
      })
    })
    return { port, requests }
  }
  test('GET is sent once more', async (t) => {
    const { port, requests } = await closing(t)
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [port])],
    })
    assert.deepEqual([(await ask('/')).status, (await ask('/')).status], [200, 200])
    assert.deepEqual(requests, ['GET', 'GET', 'GET'])
  })
  test('POST is not', async (t) => {
    const { port, requests } = await closing(t)
    const { ask, log } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [port])],
    })
    assert.deepEqual(
      [(await ask('/')).status, (await ask('/', { method: 'POST', body: 'x' })).status],
      [200, 503],
    )
    assert.deepEqual(requests, ['GET', 'POST'])
    assert.equal(log[1]?.flags, 'UC')
  })
  test('an idle one that closes is not used again, and one whose time is over neither', async (t) => {
    let connections = 0
    const port = await rawBackend(t, (socket, number) => {
      connections++
      socket.on('data', () => {
        socket.write(
          number === 0 ? ok : 'HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok',
        )
        if (number === 0) socket.end()
      })
    })
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [port])],
    })
    for (let i = 0; i < 3; i++) {
      assert.equal((await ask('/', { method: 'POST', body: 'x' })).status, 200)
      await delay(20)
    }
    assert.equal(connections, 3)
  })
})

describe('backends that misbehave', () => {
  const cases: readonly [string, string, number, string][] = [
    ['garbage', 'nonsense\r\n\r\n', 502, 'UPE'],
    [
      'two framings',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      502,
      'UPE',
    ],
    [
      'a header that splits the answer',
      'HTTP/1.1 200 OK\r\nX: a\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n',
      502,
      'UPE',
    ],
    ['closes at once', '', 503, 'UC'],
    ['a head that is cut', 'HTTP/1.1 200 OK\r\nContent-Le', 503, 'UC'],
  ]
  for (const [what, bytes, status, flags] of cases) {
    test(`${what}: ${status}`, async (t) => {
      const backend = await rawBackend(t, (socket) => socket.once('data', () => socket.end(bytes)))
      const good = await echoBackend(t)
      const { ask, log } = await startPlane(t, {
        routes: [
          routeOf(forwardTo('good'), { match: { path: { kind: 'exact', value: '/good' } } }),
          routeOf(forwardTo('c')),
        ],
        clusters: [clusterOf('c', [backend]), clusterOf('good', [good.port])],
      })
      const [answer, other] = await Promise.all([ask('/'), ask('/good')])
      assert.equal(answer.status, status)
      assert.equal(other.status, 200)
      assert.equal(log.find(({ path }) => path === '/')?.flags, flags)
    })
  }

  test('down: 503', async (t) => {
    const { ask, log } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [await freePort()])],
    })
    const answer = await ask('/')
    assert.equal(answer.status, 503)
    assert.match(answer.body, /no connection to the backend \(ECONNREFUSED\)/)
    assert.equal(log[0]?.flags, 'UF')
  })

  test('silent: 504 when the route has a limit', async (t) => {
    const backend = await rawBackend(t, () => {})
    const { ask, log } = await startPlane(t, {
      routes: [routeOf(forwardTo('c', { timeoutMs: 50 }))],
      clusters: [clusterOf('c', [backend])],
    })
    assert.equal((await ask('/')).status, 504)
    assert.equal(log[0]?.flags, 'UT')
  })

  for (const [what, head] of [
    ['a counted body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
  ] as const) {
    test(`${what} that breaks off never ends cleanly`, async (t) => {
      const backend = await rawBackend(t, (socket) =>
        socket.once('data', () => socket.write(head, () => setTimeout(() => socket.destroy(), 20))),
      )
      const { port, ask, log } = await startPlane(t, {
        routes: [routeOf(forwardTo('c'))],
        clusters: [clusterOf('c', [backend])],
      })
      await assert.rejects(ask('/'), /aborted|hang up|ECONNRESET/)
      const text = await say(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 500)
      assert.match(text, /half/)
      assert.doesNotMatch(text, /0\r\n\r\n$/)
      assert.equal(log[0]?.flags, 'UC')
    })
  }

  test('an answer before the request is whole goes on, and its connection ends', async (t) => {
    const backend = await rawBackend(t, (socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig')),
    )
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    const answer = parseAnswer(
      await say(port, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nstart', 500),
    )
    assert.equal(answer.status, 413)
    assert.equal(answer.headers['connection'], 'close')
    assert.equal(answer.body, 'big')
  })

  test('Expect: 100-continue is answered once a backend is chosen, and not when there is none', async (t) => {
    const backend = await echoBackend(t)
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'), { match: { path: { kind: 'exact', value: '/there' } } })],
      clusters: [clusterOf('c', [backend.port])],
    })
    const expecting = (path: string) =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`
    assert.match(
      await say(port, `${expecting('/there')}hi`),
      /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /,
    )
    assert.equal(backend.seen[0]?.headers['expect'], undefined)
    assert.match(await say(port, expecting('/none')), /^HTTP\/1\.1 404 /)
  })

  test('HEAD, 204 and 304 keep their headers and have no body', async (t) => {
    const backend = await rawBackend(t, (socket) =>
      socket.on('data', (chunk: Buffer) => {
        const path = chunk.toString('latin1').split(' ')[1]
        if (path === '/204') socket.write('HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n')
        else if (path === '/304')
          socket.write('HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 10\r\n\r\n')
        else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n')
      }),
    )
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    const text = await say(
      port,
      'HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /204 HTTP/1.1\r\nHost: a\r\n\r\nGET /304 HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    const heads = text.split('\r\n\r\n')
    assert.equal(heads.length, 4)
    assert.match(heads[0] ?? '', /^HTTP\/1\.1 200 [^]*Content-Length: 10/i)
    assert.match(heads[1] ?? '', /^HTTP\/1\.1 204 [^]*X-A: b/)
    assert.match(heads[2] ?? '', /^HTTP\/1\.1 304 [^]*ETag: "x"/)
  })
})

describe('clients that misbehave', () => {
  test('one that leaves takes its request to the backend with it', async (t) => {
    let closed = 0
    const backend = await rawBackend(t, (socket) => socket.resume().once('close', () => closed++))
    const { port, log, plane } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    await say(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 50)
    await until('the connection to the backend closes', () => closed === 1 && log.length === 1)
    assert.equal(log[0]?.flags, 'DC')
    assert.equal(plane.clusters()[0]?.endpoints[0]?.activeRequests, 0)
  })

  test('one that reads slowly makes the backend wait', async (t) => {
    const size = 50_000_000
    let written = 0
    const backend = await rawBackend(t, (socket) => {
      socket.once('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
        const more = () => {
          while (written < size && socket.write(Buffer.alloc(100_000))) written += 100_000
          if (written < size)
            socket.once('drain', () => {
              written += 100_000
              more()
            })
        }
        more()
      })
    })
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    const { connect } = await import('node:net')
    const client = connect(port, '127.0.0.1').pause()
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await delay(300)
    assert.ok(written < size / 2, `${written} bytes were taken from the backend`)
    let read = 0
    client.on('data', (chunk: Buffer) => (read += chunk.length)).resume()
    await until('everything comes', () => read > size)
    client.destroy()
  })

  test('one that is slow with its head is cut off', async (t) => {
    const { port } = await startPlane(
      t,
      { routes: [routeOf({ kind: 'response', status: 200 })] },
      { limits: { headTimeoutMs: 100 } },
    )
    const text = await say(port, 'GET / HTTP/1.1\r\nHost: a\r\n', 2000)
    assert.match(text, /^HTTP\/1\.1 408 /)
  })

  test('one that says nothing is cut off', async (t) => {
    const { port, events } = await startPlane(t, { routes: [] }, { limits: { handshakeTimeoutMs: 50 } })
    const { connect } = await import('node:net')
    const client = connect(port, '127.0.0.1')
    await new Promise((resolve) => client.once('close', resolve).resume())
    assert.equal(events[0]?.kind, 'connection-refused')
  })

  test('one that stalls with its body is cut off', async (t) => {
    const backend = await echoBackend(t)
    const { port } = await startPlane(
      t,
      { routes: [routeOf(forwardTo('c'))], clusters: [clusterOf('c', [backend.port])] },
      { limits: { idleTimeoutMs: 100 } },
    )
    const { connect } = await import('node:net')
    const client = connect(port, '127.0.0.1')
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf')
    await new Promise((resolve) => client.once('close', resolve).resume())
  })
})

describe('mirrors', () => {
  test('get the request as it is sent on, and their answers are not waited for', async (t) => {
    const [main, copy] = [await echoBackend(t, 'main'), await echoBackend(t, 'copy', () => {})]
    const { ask } = await startPlane(t, {
      routes: [
        routeOf(forwardTo('c', { mirrors: [{ cluster: 'm', shadowHost: true }, { cluster: 'missing' }] }), {
          requestHeaders: { set: [{ name: 'x-a', value: 'b' }] },
        }),
      ],
      clusters: [clusterOf('c', [main.port]), clusterOf('m', [copy.port])],
    })
    const answer = await ask('/p?q', { method: 'POST', body: 'hello', headers: { host: 'a.test:80' } })
    assert.equal((JSON.parse(answer.body) as Seen).backend, 'main')
    await until('the copy comes', () => copy.seen.length === 1)
    const { method, url, body, headers } = copy.seen[0]!
    assert.deepEqual(
      { method, url, body, host: headers['host'], a: headers['x-a'] },
      { method: 'POST', url: '/p?q', body: 'hello', host: 'a.test-shadow:80', a: 'b' },
    )
  })

  test('a share of requests', async (t) => {
    const [main, copy] = [await echoBackend(t), await echoBackend(t)]
    let draw = 0
    const { ask } = await startPlane(
      t,
      {
        routes: [routeOf(forwardTo('c', { mirrors: [{ cluster: 'm', fraction: 0.25 }] }))],
        clusters: [clusterOf('c', [main.port]), clusterOf('m', [copy.port])],
      },
      { random: () => (draw++ % 8) / 8 },
    )
    for (let i = 0; i < 40; i++) await ask('/')
    await delay(20)
    assert.ok(copy.seen.length > 0 && copy.seen.length < 25, String(copy.seen.length))
  })

  test('one that is down or slow harms nobody', async (t) => {
    const main = await echoBackend(t)
    const silent = await rawBackend(t, (socket) => socket.pause())
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c', { mirrors: [{ cluster: 'down' }, { cluster: 'slow' }] }))],
      clusters: [
        clusterOf('c', [main.port]),
        clusterOf('down', [await freePort()]),
        clusterOf('slow', [silent]),
      ],
    })
    const answer = await ask('/', { method: 'POST', body: 'x'.repeat(8_000_000) })
    assert.equal(answer.status, 200)
  })
})

describe('balancing', () => {
  const backendsOf = async (t: Parameters<typeof echoBackend>[0], count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => echoBackend(t, `b${i}`)))
  const counts = (backends: readonly { seen: readonly unknown[] }[]) =>
    backends.map(({ seen }) => seen.length)

  test('round robin by weight', async (t) => {
    const backends = await backendsOf(t, 2)
    const endpoints = backends.map(({ port }, i) => ({ address: '127.0.0.1', port, weight: i + 1 }))
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [], { endpoints, loadBalancer: { policy: 'round-robin' } })],
    })
    for (let i = 0; i < 9; i++) await ask('/')
    assert.deepEqual(counts(backends), [3, 6])
  })

  test('shares of targets by weight', async (t) => {
    const backends = await backendsOf(t, 3)
    let draw = 0
    const { ask } = await startPlane(
      t,
      {
        routes: [
          routeOf({
            kind: 'forward',
            targets: [70, 30, 0].map((weight, i) => ({ weight, to: { cluster: `c${i}` } })),
          }),
        ],
        clusters: backends.map(({ port }, i) => clusterOf(`c${i}`, [port])),
      },
      // Each request draws for its target, and for its endpoint.
      { random: () => ((draw++ >> 1) % 10) / 10 },
    )
    for (let i = 0; i < 20; i++) await ask('/')
    assert.equal(backends[2]?.seen.length, 0)
    assert.deepEqual(counts(backends), [14, 6, 0])
  })

  test('fewer requests go where more are running', async (t) => {
    const slow = await rawBackend(t, () => {})
    const quick = await echoBackend(t)
    const { ask, port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [slow, quick.port])],
    })
    // Hangs requests in the slow one until it is never the lesser of two.
    const hanging = Array.from({ length: 6 }, () => say(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 1500))
    await delay(50)
    for (let i = 0; i < 10; i++) assert.equal((await ask('/')).status, 200)
    await Promise.all(hanging)
  })

  for (const policy of ['ring-hash', 'maglev'] as const) {
    test(`${policy}: equal keys go to one endpoint, also when another goes`, async (t) => {
      const backends = await backendsOf(t, 3)
      const parts = (ports: readonly number[]) => ({
        routes: [routeOf(forwardTo('c'))],
        clusters: [
          clusterOf('c', ports, { loadBalancer: { policy, hash: { kind: 'header', name: 'x-user' } } }),
        ],
      })
      const ports = backends.map(({ port }) => port)
      const { ask, apply } = await startPlane(t, parts(ports))
      const whoServes = async (user: string) =>
        (JSON.parse((await ask('/', { headers: { 'x-user': user } })).body) as Seen).backend
      const users = Array.from({ length: 30 }, (_, i) => `user-${i}`)
      const before = await Promise.all(users.map(whoServes))
      assert.deepEqual(await Promise.all(users.map(whoServes)), before)
      assert.equal(new Set(before).size, 3)
      await apply(parts(ports.slice(0, 2)))
      const after = await Promise.all(users.map(whoServes))
      const moved = after.filter((name, i) => before[i] !== 'b2' && name !== before[i])
      assert.ok(moved.length <= (policy === 'ring-hash' ? 0 : 4), `${moved.length} moved for no reason`)
    })
  }

  for (const [hash, path, headers] of [
    [{ kind: 'query', name: 'u' }, '/?x=1&u=', {}],
    [{ kind: 'source-ip' }, '/?', {}],
  ] as const) {
    test(`equal keys by ${hash.kind} go to one endpoint`, async (t) => {
      const backends = await backendsOf(t, 3)
      const { ask } = await startPlane(t, {
        routes: [routeOf(forwardTo('c'))],
        clusters: [
          clusterOf(
            'c',
            backends.map(({ port }) => port),
            { loadBalancer: { policy: 'maglev', hash } },
          ),
        ],
      })
      const served = new Set<string>()
      for (let i = 0; i < 8; i++)
        served.add((JSON.parse((await ask(`${path}same`, { headers })).body) as Seen).backend)
      assert.equal(served.size, 1)
      if (hash.kind !== 'query') return
      for (let i = 0; i < 20; i++) served.add((JSON.parse((await ask(`${path}${i}`)).body) as Seen).backend)
      assert.equal(served.size, 3)
    })
  }

  test('a cookie is given to those who have none', async (t) => {
    const backends = await backendsOf(t, 3)
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [
        clusterOf(
          'c',
          backends.map(({ port }) => port),
          { loadBalancer: { policy: 'ring-hash', hash: { kind: 'cookie', name: 'u', ttlSeconds: 60 } } },
        ),
      ],
    })
    const first = await ask('/')
    const [cookie = ''] = first.headers['set-cookie'] ?? []
    assert.match(cookie, /^u=[0-9a-f-]{36}; Path=\/; Max-Age=60; HttpOnly/)
    const served = (JSON.parse(first.body) as Seen).backend
    for (let i = 0; i < 5; i++) {
      const again = await ask('/', { headers: { cookie: `x=1; ${cookie.split(';')[0]}` } })
      assert.equal((JSON.parse(again.body) as Seen).backend, served)
      assert.equal(again.headers['set-cookie'], undefined)
    }
  })

  for (const kind of ['cookie', 'header'] as const) {
    test(`sessions by ${kind} come back, and move on when their endpoint goes`, async (t) => {
      const backends = await backendsOf(t, 4)
      const parts = (ports: readonly number[]) => ({
        routes: [routeOf(forwardTo('c', { sessionPersistence: { kind, name: 'Session' } }))],
        clusters: [clusterOf('c', ports)],
      })
      const { ask, apply } = await startPlane(t, parts(backends.map(({ port }) => port)))
      const tokenOf = ({ headers }: Awaited<ReturnType<typeof ask>>) =>
        kind === 'header'
          ? String(headers['session'])
          : (headers['set-cookie']?.[0]?.split(';')[0]?.split('=')[1] ?? '')
      const first = await ask('/')
      const token = tokenOf(first)
      assert.match(token, /^[\w-]{22}/)
      assert.doesNotMatch(token, /127/)
      const asked = { headers: kind === 'cookie' ? { cookie: `Session=${token}` } : { session: token } }
      const served = (JSON.parse(first.body) as Seen).backend
      for (let i = 0; i < 6; i++)
        assert.equal((JSON.parse((await ask('/', asked)).body) as Seen).backend, served)
      await apply(parts(backends.filter((_, i) => `b${i}` !== served).map(({ port }) => port)))
      const moved = await ask('/', asked)
      assert.equal(moved.status, 200)
      assert.notEqual(tokenOf(moved), token)
    })
  }
})

describe('limits of clusters', () => {
  test('requests over the limit are 503', async (t) => {
    const backend = await rawBackend(t, () => {})
    const { ask, port, log } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend], { limits: { maxRequests: 1 } })],
    })
    const hanging = say(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 300)
    await delay(50)
    assert.equal((await ask('/')).status, 503)
    assert.equal(log[0]?.flags, 'UO')
    await hanging
  })

  test('requests wait for a connection, as many as may', async (t) => {
    let answer = () => {}
    const backend = await rawBackend(t, (socket) =>
      socket.on('data', () => (answer = () => socket.write(ok))),
    )
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend], { limits: { maxConnections: 1, maxPendingRequests: 1 } })],
    })
    const first = ask('/')
    await delay(50)
    const second = ask('/')
    await delay(50)
    assert.equal((await ask('/')).status, 503)
    answer()
    assert.equal((await first).status, 200)
    await delay(50)
    answer()
    assert.equal((await second).status, 200)
  })

  test('a connection serves as many requests as it may', async (t) => {
    const backend = await echoBackend(t)
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port], { limits: { maxRequestsPerConnection: 2 } })],
    })
    for (let i = 0; i < 4; i++) await ask('/')
    assert.equal(backend.connections(), 2)
  })
})

describe('health', () => {
  const outlierDetection = {
    consecutive5xx: 3,
    intervalMs: 1000,
    baseEjectionMs: 200,
    maxEjectionPercent: 100,
    minHealthPercent: 0,
  }

  test('an endpoint that fails in a row is left out, and comes back', async (t) => {
    let isBroken = true
    const bad = await echoBackend(t, 'bad', (_, response) =>
      response.writeHead(isBroken ? 500 : 200).end('bad'),
    )
    const good = await echoBackend(t, 'good', (_, response) => response.end('good'))
    const { ask, plane, events } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [
        clusterOf('c', [bad.port, good.port], { outlierDetection, loadBalancer: { policy: 'round-robin' } }),
      ],
    })
    const statuses: number[] = []
    for (let i = 0; i < 12; i++) statuses.push((await ask('/')).status)
    assert.equal(statuses.filter((status) => status === 500).length, 3)
    assert.match(plane.clusters()[0]?.endpoints[0]?.why ?? '', /^3 answers of 5xx in a row, back in 1 s$/)
    isBroken = false
    await until('it comes back', () => events.some(({ kind }) => kind === 'endpoint-returned'))
    const bodies = new Set<string>()
    for (let i = 0; i < 4; i++) bodies.add((await ask('/')).body)
    assert.deepEqual(bodies, new Set(['bad', 'good']))
  })

  test('when too few are left, all are used', async (t) => {
    const bad = await echoBackend(t, 'bad', (_, response) => response.writeHead(500).end())
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [
        clusterOf('c', [bad.port], { outlierDetection: { ...outlierDetection, minHealthPercent: 50 } }),
      ],
    })
    for (let i = 0; i < 6; i++) assert.equal((await ask('/')).status, 500)
  })

  for (const kind of ['http', 'tcp'] as const) {
    test(`${kind} checks take sick endpoints out`, async (t) => {
      let isWell = true
      const moody = await echoBackend(t, 'moody', (_, response) =>
        response.writeHead(isWell ? 200 : 503).end('moody'),
      )
      const good = await echoBackend(t, 'good', (_, response) => response.end('good'))
      const healthCheck = {
        kind,
        path: '/healthz',
        intervalMs: 20,
        timeoutMs: 100,
        healthyThreshold: 1,
        unhealthyThreshold: 2,
      }
      const { ask, events } = await startPlane(t, {
        routes: [routeOf(forwardTo('c'))],
        clusters: [
          clusterOf('c', [moody.port, good.port], { healthCheck, loadBalancer: { policy: 'round-robin' } }),
        ],
      })
      if (kind === 'tcp') await moody.close()
      isWell = false
      await until('it is found sick', () => events.some((event) => event.kind === 'endpoint-sick'))
      for (let i = 0; i < 4; i++) assert.equal((await ask('/')).body, 'good')
      if (kind === 'tcp') return
      isWell = true
      await until('it is found well', () => events.some((event) => event.kind === 'endpoint-well'))
    })
  }
})

describe('health by gRPC', () => {
  for (const [what, status, isWell] of [
    ['SERVING', 1, true],
    ['NOT_SERVING', 2, false],
  ] as const) {
    test(`${what} is ${isWell ? 'well' : 'sick'}`, async (t) => {
      const asked: string[] = []
      const server = createHttp2Server()
      server.on('stream', (stream, headers) => {
        asked.push(String(headers[':path']))
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
        stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
        stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]))
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      t.after(() => server.close())
      const { port } = server.address() as AddressInfo
      const healthCheck = {
        kind: 'grpc' as const,
        intervalMs: 20,
        timeoutMs: 1000,
        healthyThreshold: 1,
        unhealthyThreshold: 1,
      }
      const { plane } = await startPlane(t, {
        clusters: [clusterOf('c', [port], { protocol: 'h2', healthCheck })],
      })
      await until('it is asked twice', () => asked.length >= 2)
      assert.equal(asked[0], '/grpc.health.v1.Health/Check')
      assert.equal(plane.clusters()[0]?.endpoints[0]?.healthy, isWell)
    })
  }
})

describe('names', () => {
  test('every address of a name is an endpoint, asked for anew when its time is over, the last good one kept', async (t) => {
    const backend = await echoBackend(t)
    let asked = 0
    const answers: (readonly string[] | Error)[] = [
      ['127.0.0.1'],
      new Error('SERVFAIL'),
      ['127.0.0.2', '127.0.0.1'],
    ]
    const { ask, plane } = await startPlane(
      t,
      {
        routes: [routeOf(forwardTo('c', { rewrite: { autoHost: true } }))],
        clusters: [
          clusterOf('c', [], {
            discovery: 'strict-dns',
            endpoints: [{ address: 'echo.test', port: backend.port }],
          }),
        ],
      },
      {
        resolve: async (name) => {
          assert.equal(name, 'echo.test')
          const answer = answers[Math.min(asked++, answers.length - 1)] ?? []
          if (answer instanceof Error) throw answer
          return { addresses: answer, ttlMs: 1 }
        },
      },
    )
    const answer = await ask('/')
    assert.equal((JSON.parse(answer.body) as Seen).headers['host'], 'echo.test')
    assert.deepEqual(
      plane.clusters()[0]?.endpoints.map(({ address }) => address),
      [`127.0.0.1:${backend.port}`],
    )
    await delay(1100)
    assert.equal((await ask('/')).status, 200)
  })

  test('a name that cannot be resolved is 503', async (t) => {
    const { ask } = await startPlane(
      t,
      {
        routes: [routeOf(forwardTo('c'))],
        clusters: [
          clusterOf('c', [], { discovery: 'logical-dns', endpoints: [{ address: 'none.test', port: 80 }] }),
        ],
      },
      { resolve: async () => Promise.reject(new Error('ENOTFOUND')) },
    )
    assert.equal((await ask('/')).status, 503)
  })

  test('the host of the request is resolved, and no other is served by it', async (t) => {
    const backend = await echoBackend(t)
    const { ask } = await startPlane(
      t,
      {
        routes: [routeOf(forwardTo('c'))],
        clusters: [
          clusterOf('c', [], {
            discovery: 'dynamic-dns',
            endpoints: [{ address: '*.test', port: backend.port }],
          }),
        ],
      },
      {
        resolve: async (name) =>
          name === 'a.test'
            ? { addresses: ['127.0.0.1'], ttlMs: 1000 }
            : Promise.reject(new Error('ENOTFOUND')),
      },
    )
    assert.equal((await ask('/', { headers: { host: 'a.test' } })).status, 200)
    assert.equal((await ask('/', { headers: { host: 'b.test' } })).status, 503)
    assert.equal((await ask('/', { headers: { host: 'a.test' } })).status, 200)
  })
})
