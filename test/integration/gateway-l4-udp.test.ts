/** UDP through the data plane, with real sockets. */
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster, UdpProxy } from '../../src/gateway/model/index.ts'
import { createDataPlane, type DataPlaneOptions } from '../../src/gateway/proxy/create-data-plane.ts'
import type { AccessLogEntry, DataPlane } from '../../src/gateway/proxy/data-plane.ts'
import type { DataPlaneEvent } from '../../src/gateway/proxy/events.ts'
import { freePort } from '../support/free-port.ts'
import { to } from '../support/gateway/l4.ts'
import { clusterOf, listenerOf, plainChain, snapshotOf } from '../support/gateway/snapshots.ts'
import { until } from '../support/until.ts'

interface UdpPlane {
  readonly port: number
  readonly plane: DataPlane
  readonly events: DataPlaneEvent[]
  readonly log: AccessLogEntry[]
  readonly apply: (filter: Omit<UdpProxy, 'kind'>, clusters: readonly Cluster[]) => Promise<void>
}

async function startUdp(
  t: TestContext,
  filter: Omit<UdpProxy, 'kind'>,
  clusters: readonly Cluster[],
  options: DataPlaneOptions = {},
): Promise<UdpPlane> {
  const events: DataPlaneEvent[] = []
  const log: AccessLogEntry[] = []
  const plane = createDataPlane({
    onEvent: (event) => events.push(event),
    onAccess: (entry) => log.push(entry),
    ...options,
  })
  t.after(() => plane.drain(0))
  const port = await freePort()
  const apply: UdpPlane['apply'] = async (given, own) => {
    const name = `127.0.0.1:${port}/udp`
    const filterChains = [
      { name: 'udp', match: { tls: false, serverNames: [] }, filter: { kind: 'udp' as const, ...given } },
    ]
    const listener = { name, address: '127.0.0.1', port, transport: 'udp' as const, filterChains }
    const reports = await plane.apply(snapshotOf({ listeners: [listener], clusters: own }))
    assert.deepEqual(reports, [{ listener: name, bound: true }])
  }
  await apply(filter, clusters)
  return { port, plane, events, log, apply }
}

/** Answers every packet: its name, the port it came from and what it said. */
async function udpBackend(t: TestContext, name: string): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (packet, from) =>
    socket.send(`${name}:${from.port}:${packet.toString()}`, from.port, from.address),
  )
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(() => socket.close())
  return socket.address().port
}

async function udpClient(t: TestContext, port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  t.after(() => socket.close())
  return socket
}

async function askUdp(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'message', { signal: AbortSignal.timeout(5000) })
  socket.send(text)
  const [packet] = (await answer) as [Buffer]
  return packet.toString()
}

describe('UDP', { timeout: 20_000 }, () => {
  test('packets go both ways; a client has a session of its own', async (t) => {
    const { port, plane } = await startUdp(t, { targets: [to('a')] }, [
      clusterOf('a', [await udpBackend(t, 'a')]),
    ])
    const [one, two] = [await udpClient(t, port), await udpClient(t, port)]
    const [first, second, other] = [await askUdp(one, 'x'), await askUdp(one, 'y'), await askUdp(two, 'z')]
    assert.match(first, /^a:\d+:x$/)
    assert.equal(second, first.replace('x', 'y'))
    assert.notEqual(other.split(':')[1], first.split(':')[1])
    assert.equal(plane.clusters()[0]?.endpoints[0]?.activeRequests, 2)
  })

  test('packets keep their edges and may be empty', async (t) => {
    const { port } = await startUdp(t, { targets: [to('a')] }, [clusterOf('a', [await udpBackend(t, 'a')])])
    const client = await udpClient(t, port)
    assert.match(await askUdp(client, ''), /^a:\d+:$/)
    assert.match(await askUdp(client, 'x'.repeat(8000)), /^a:\d+:x{8000}$/)
  })

  test('sessions are shared by weight; a share without a cluster is dropped, which is told', async (t) => {
    let random = 0.1
    const { port, events } = await startUdp(
      t,
      { targets: [to('a'), { weight: 1 }] },
      [clusterOf('a', [await udpBackend(t, 'a')])],
      { random: () => random },
    )
    assert.match(await askUdp(await udpClient(t, port), 'x'), /^a:/)
    random = 0.9
    await assert.rejects(async () => {
      const socket = await udpClient(t, port)
      const answer = once(socket, 'message', { signal: AbortSignal.timeout(200) })
      socket.send('x')
      await answer
    })
    assert.ok(events.some((event) => event.kind === 'connection-refused' && event.why.includes('share')))
  })

  test('a session ends when nothing is said', async (t) => {
    const { port, plane, log } = await startUdp(t, { targets: [to('a')], idleTimeoutMs: 50 }, [
      clusterOf('a', [await udpBackend(t, 'a')]),
    ])
    const client = await udpClient(t, port)
    const first = await askUdp(client, 'x')
    await until('the session is over', () => plane.clusters()[0]?.endpoints[0]?.activeRequests === 0)
    const { protocol, cluster, bytesReceived, bytesSent, flags } = log[0] as AccessLogEntry
    assert.deepEqual(
      { protocol, cluster, bytesReceived, bytesSent, flags },
      { protocol: 'UDP', cluster: 'a', bytesReceived: 1, bytesSent: first.length, flags: '-' },
    )
    assert.notEqual(await askUdp(client, 'x'), first)
  })

  test('a backend that is not there loses the session, and another is found', async (t) => {
    const [dead, alive] = [await freePort(), await udpBackend(t, 'alive')]
    const { port, plane } = await startUdp(t, { targets: [to('a')] }, [
      clusterOf('a', [dead, alive], { loadBalancer: { policy: 'round-robin' } }),
    ])
    const client = await udpClient(t, port)
    let heard = ''
    client.on('message', (packet) => (heard = packet.toString()))
    for (let at = 0; at < 20 && heard === ''; at++) {
      client.send('x')
      await delay(20)
    }
    assert.match(heard, /^alive:/)
    const failed = plane.clusters()[0]?.endpoints.find(({ address }) => address.endsWith(`:${dead}`))
    assert.ok((failed?.failures ?? 0) > 0)
  })

  test('a reload keeps sessions and sends new clients to the new cluster', async (t) => {
    const [a, b] = [clusterOf('a', [await udpBackend(t, 'a')]), clusterOf('b', [await udpBackend(t, 'b')])]
    const { port, apply } = await startUdp(t, { targets: [to('a')] }, [a, b])
    const old = await udpClient(t, port)
    await askUdp(old, 'x')
    await apply({ targets: [to('b')] }, [a, b])
    assert.match(await askUdp(old, 'x'), /^a:/)
    assert.match(await askUdp(await udpClient(t, port), 'x'), /^b:/)
  })

  test('UDP and TCP have ports of their own; a port in use is reported', async (t) => {
    const port = await freePort()
    const plane = createDataPlane()
    t.after(() => plane.drain(0))
    const taken = createSocket('udp4')
    taken.bind(0, '127.0.0.1')
    await once(taken, 'listening')
    t.after(() => taken.close())
    const udp = (number: number) => ({
      ...listenerOf(number, [
        { name: 'u', match: { tls: false, serverNames: [] }, filter: { kind: 'udp' as const, targets: [] } },
      ]),
      name: `127.0.0.1:${number}/udp`,
      transport: 'udp' as const,
    })
    const listeners = [listenerOf(port, [plainChain()]), udp(port), udp(taken.address().port)]
    const reports = await plane.apply(snapshotOf({ listeners }))
    assert.deepEqual(
      reports.map(({ bound, code }) => code ?? bound),
      [true, true, 'EADDRINUSE'],
    )
    // Everything is closed again when the listeners go.
    await plane.apply(snapshotOf({ listeners: [] }))
    const again = createServer().listen(port, '127.0.0.1')
    await once(again, 'listening')
    again.close()
  })
})
