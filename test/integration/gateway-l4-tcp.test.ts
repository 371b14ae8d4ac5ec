/** TCP through the data plane, with real sockets. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../../src/gateway/model/index.ts'
import type { AccessLogEntry } from '../../src/gateway/proxy/data-plane.ts'
import { freePort } from '../support/free-port.ts'
import {
  exchange,
  namedBackend,
  openClient,
  startL4,
  tcpBackend,
  tcpChain,
  to,
  type L4Parts,
} from '../support/gateway/l4.ts'
import { clusterOf } from '../support/gateway/snapshots.ts'
import { until } from '../support/until.ts'

/** A backend that never ends its part of a TLS handshake. */
async function unreachable(t: TestContext): Promise<Cluster> {
  return clusterOf('a', [await tcpBackend(t, () => {})], { tls: { trust: 'insecure' } })
}

describe('TCP', { timeout: 30_000 }, () => {
  test('bytes go both ways, and each side ends on its own', async (t) => {
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [await namedBackend(t, 'one')])],
    })
    assert.deepEqual(await exchange(port, 'hello'), { text: 'one:hello', how: 'end' })
    await until('it is logged', () => log.length === 1)
    const { protocol, flags, bytesReceived, bytesSent, cluster } = log[0] as AccessLogEntry
    assert.deepEqual(
      { protocol, flags, bytesReceived, bytesSent, cluster },
      { protocol: 'TCP', flags: '-', bytesReceived: 5, bytesSent: 9, cluster: 'a' },
    )
  })

  test('a server may speak first', async (t) => {
    const backend = await tcpBackend(t, (socket) => socket.end('220 ready\r\n'))
    const { port } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [backend])],
    })
    const { socket, told } = openClient(port)
    await once(socket, 'data')
    socket.end()
    assert.deepEqual(await told, { text: '220 ready\r\n', how: 'end' })
  })

  test('connections are shared by weight; a share without a cluster is refused', async (t) => {
    const ports = [
      await namedBackend(t, 'a'),
      await namedBackend(t, 'b'),
      await namedBackend(t, 'c'),
    ] as const
    let turn = 0
    const { port } = await startL4(
      t,
      {
        chains: [tcpChain({ targets: [to('a', 5), to('b', 3), to('c', 0), { weight: 2 }] })],
        clusters: [clusterOf('a', [ports[0]]), clusterOf('b', [ports[1]]), clusterOf('c', [ports[2]])],
      },
      { random: () => ((turn++ % 10) + 0.5) / 10 },
    )
    const counts: Record<string, number> = {}
    for (let at = 0; at < 20; at++) {
      const { text, how } = await exchange(port, '')
      const name = text.split(':')[0] || how
      counts[name] = (counts[name] ?? 0) + 1
    }
    assert.deepEqual(Object.keys(counts).toSorted(), ['ECONNRESET', 'a', 'b'])
    assert.equal(counts['c'], undefined)
  })

  test('an endpoint that is down is passed over', async (t) => {
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [await freePort(), await namedBackend(t, 'up')])],
    })
    for (let at = 0; at < 8; at++) assert.equal((await exchange(port, 'x')).text, 'up:x')
    await until('all are logged', () => log.length === 8)
    assert.ok(log.some(({ attempts }) => attempts === 2))
  })

  test('with no endpoint that is up the client is cut, and it is logged', async (t) => {
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [await freePort()])],
    })
    assert.equal((await exchange(port, 'x')).how, 'ECONNRESET')
    await until('it is logged', () => log.length === 1)
    assert.equal(log[0]?.flags, 'UF')
  })

  test('a reset of the backend is no end', async (t) => {
    const backend = await tcpBackend(t, (socket) => {
      socket.write('half of it', () => setTimeout(() => socket.resetAndDestroy(), 50))
    })
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [backend])],
    })
    const { told } = openClient(port)
    assert.deepEqual(await told, { text: 'half of it', how: 'ECONNRESET' })
    await until('it is logged', () => log.length === 1)
    assert.equal(log[0]?.flags, 'UC')
  })

  test('a reset of the client is one at the backend', async (t) => {
    const errors: string[] = []
    const backend = await tcpBackend(t, (socket) => {
      socket.write('x')
      socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''))
    })
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [backend])],
    })
    const { socket } = openClient(port)
    await once(socket, 'data')
    socket.resetAndDestroy()
    await until('the backend sees it', () => errors.length === 1)
    assert.deepEqual(errors, ['ECONNRESET'])
    assert.equal(log[0]?.flags, 'DC')
  })

  test('a client that goes while the backend is being reached leaves nothing', async (t) => {
    const { port, log, plane } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [await unreachable(t)],
    })
    const { socket } = openClient(port)
    await once(socket, 'connect')
    await until('it is on its way', () => plane.clusters()[0]?.endpoints[0]?.activeRequests === 1)
    socket.resetAndDestroy()
    await until('it is logged', () => log.length === 1)
    assert.equal(log[0]?.flags, 'DC')
    assert.equal(plane.clusters()[0]?.endpoints[0]?.activeRequests, 0)
  })

  test('a connection that takes too long is given up', async (t) => {
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [{ ...(await unreachable(t)), connectTimeoutMs: 50 }],
    })
    assert.equal((await exchange(port, 'x')).how, 'ECONNRESET')
    await until('it is logged', () => log.length === 1)
    assert.equal(log[0]?.flags, 'UF')
  })

  test('a connection that is silent for too long is cut', async (t) => {
    const backend = await tcpBackend(t, () => {})
    const { port } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')], idleTimeoutMs: 100 })],
      clusters: [clusterOf('a', [backend])],
    })
    const { socket, told } = openClient(port)
    for (let at = 0; at < 4; at++) {
      await delay(50)
      assert.equal(socket.closed, false)
      socket.write('x')
    }
    socket.once('end', () => socket.end())
    await told
  })

  test('a limit on connections refuses those above it', async (t) => {
    const backend = await tcpBackend(t, (socket) => socket.write('hi'))
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [backend], { limits: { maxConnections: 1 } })],
    })
    const first = openClient(port)
    await once(first.socket, 'data')
    assert.equal((await exchange(port, 'x')).how, 'ECONNRESET')
    await until('it is logged', () => log.length === 1)
    assert.equal(log[0]?.flags, 'UO')
    first.socket.destroy()
  })

  test('a slow client slows the backend, and nothing is lost', async (t) => {
    const block = Buffer.alloc(1 << 20, 'x')
    const blocks = 64
    let written = 0
    const backend = await tcpBackend(t, (socket) => {
      const more = () => {
        while (written < blocks) {
          written++
          if (!socket.write(block)) {
            socket.once('drain', more)
            return
          }
        }
        socket.end()
      }
      more()
    })
    const { port } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [backend])],
    })
    const socket = connect({ host: '127.0.0.1', port })
    await once(socket, 'connect')
    let before = -1
    while (before !== written) {
      before = written
      await delay(200)
    }
    assert.ok(written < blocks / 2, `${written} MiB were taken from the backend with nobody reading`)
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of socket) {
      size += (chunk as Buffer).length
      hash.update(chunk as Buffer)
    }
    assert.equal(size, blocks << 20)
    assert.equal(
      hash.digest('hex'),
      createHash('sha256')
        .update(Buffer.alloc(blocks << 20, 'x'))
        .digest('hex'),
    )
  })

  test('a reload keeps connections and sends new ones to the new cluster; a drain waits for what runs', async (t) => {
    const parts = (name: string, port: number): L4Parts => ({
      chains: [tcpChain({ targets: [to(name)] })],
      clusters: [clusterOf(name, [port])],
    })
    const { port, plane, apply } = await startL4(t, parts('a', await namedBackend(t, 'a')))
    const old = openClient(port)
    old.socket.write('x')
    await until('it is open', () => plane.clusters()[0]?.endpoints[0]?.activeRequests === 1)
    await apply(parts('b', await namedBackend(t, 'b')))
    assert.equal((await exchange(port, 'y')).text, 'b:y')
    const drained = plane.drain(5000)
    old.socket.end('z')
    assert.deepEqual(await old.told, { text: 'a:xz', how: 'end' })
    await drained
  })

  test('a drain cuts what does not end', async (t) => {
    const backend = await tcpBackend(t, (socket) => socket.write('hi'))
    const { port, plane } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [backend])],
    })
    const { socket, told } = openClient(port)
    await once(socket, 'data')
    socket.once('end', () => socket.end())
    await plane.drain(50)
    await told
  })
})

describe('PROXY protocol', { timeout: 10_000 }, () => {
  for (const [version, expected] of [
    ['v1', /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ (\d+)\r\nhi$/],
    ['v2', /^\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c/],
  ] as const) {
    test(`${version} tells the backend who the client is`, async (t) => {
      const heard = Promise.withResolvers<string>()
      const backend = await tcpBackend(t, (socket) => {
        let text = ''
        socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
        socket.on('end', () => heard.resolve(text))
      })
      const { port } = await startL4(t, {
        chains: [tcpChain({ targets: [to('a')] })],
        clusters: [clusterOf('a', [backend], { proxyProtocol: version })],
      })
      openClient(port).socket.end('hi')
      assert.match(await heard.promise, expected)
    })
  }

  test('a listener that asks for it takes the client from it', async (t) => {
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [await namedBackend(t, 'one')])],
      listener: { proxyProtocol: true },
    })
    assert.equal((await exchange(port, 'PROXY TCP4 192.0.2.7 192.0.2.8 1000 2000\r\nhi')).text, 'one:hi')
    await until('it is logged', () => log.length === 1)
    assert.equal(log[0]?.client, '192.0.2.7')
  })

  test('and refuses a client without it', async (t) => {
    const { port, events } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [clusterOf('a', [await namedBackend(t, 'one')])],
      listener: { proxyProtocol: true },
    })
    assert.equal((await exchange(port, 'GET / HTTP/1.1\r\n')).text, '')
    assert.ok(events.some((event) => event.kind === 'connection-refused' && event.why.includes('PROXY')))
  })
})
