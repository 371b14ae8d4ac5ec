/** Clients and backends that say nearly, but not quite, HTTP: no bug is met, nothing is left over, and others are served. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { echoBackend, rawBackend } from '../support/gateway/backend.ts'
import { startPlane } from '../support/gateway/plane.ts'
import { clusterOf, forwardTo, routeOf } from '../support/gateway/snapshots.ts'
import { until } from '../support/until.ts'

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000)
const rounds = 60
const atOnce = 16

const requests = [
  'GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x03\x01\x05\0\0\0\x01\x82\x86\x84',
]
const answers = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n',
  'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nxx',
  'HTTP/1.1 204 No\r\n\r\n',
  'HTTP/1.1 103 Early\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 103 Early\r\nLink: none\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.0 200 OK\r\n\r\nbody',
  'HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n',
  'HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n',
]

let state = seed
/** A whole number under the limit, the same ones for the same seed. */
function draw(limit: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff
  return Math.floor((state / 0x80_00_00_00) * limit)
}

/** Up to three bytes changed, put in or taken out, the rest said twice or cut off. */
function mutate(text: string): Buffer {
  let bytes = Buffer.from(text, 'latin1')
  for (let change = draw(4); change > 0; change--) {
    const at = draw(bytes.length)
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
    const byte = Buffer.from([draw(256)])
    const choices = [
      () => [before, byte, after.subarray(1)],
      () => [before, byte, after],
      () => [before, after.subarray(1 + draw(5))],
      () => [bytes, after],
      () => [before],
    ]
    bytes = Buffer.concat(choices[draw(choices.length)]!())
    if (bytes.length === 0) bytes = Buffer.from('\r\n')
  }
  return bytes
}

/** In two pieces. */
function sayInPieces(socket: Socket, bytes: Buffer): void {
  const at = draw(bytes.length + 1)
  socket.write(bytes.subarray(0, at))
  setTimeout(() => socket.writable && socket.write(bytes.subarray(at)), draw(4))
}

test(`${rounds * atOnce} strange clients in front of strange backends (FUZZ_SEED=${seed})`, async (t) => {
  const strange = await rawBackend(t, (socket) =>
    socket.on('data', () => {
      sayInPieces(socket, mutate(answers[draw(answers.length)]!))
      if (draw(4) === 0) setTimeout(() => socket.end(), 6)
    }),
  )
  const good = await echoBackend(t)
  const retry = { attempts: 1, on: ['5xx', 'reset', 'timeout'] as const, perTryTimeoutMs: 60, backoffMs: 1 }
  const { port, ask, events, plane } = await startPlane(t, {
    routes: [
      routeOf(forwardTo('good'), { match: { path: { kind: 'exact', value: '/good' } } }),
      routeOf(forwardTo('strange', { timeoutMs: 150, retry })),
    ],
    clusters: [
      clusterOf('strange', [strange], { limits: { maxConnections: 8, maxPendingRequests: 4 } }),
      clusterOf('good', [good.port]),
    ],
  })
  for (let round = 0; round < rounds; round++) {
    const clients = Array.from({ length: atOnce }, async () => {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      const closed = once(socket, 'close')
      const said = Array.from({ length: 1 + draw(3) }, () => mutate(requests[draw(requests.length)]!))
      sayInPieces(socket.resume(), Buffer.concat(said))
      setTimeout(() => socket.destroy(), 10 + draw(40))
      await closed
    })
    await Promise.all(clients)
    if (round % 10 === 0) assert.equal((await ask('/good')).status, 200)
  }
  assert.deepEqual(
    events.filter(({ kind }) => kind === 'bug'),
    [],
  )
  const running = () =>
    plane.clusters().flatMap(({ endpoints }) => endpoints.map(({ activeRequests }) => activeRequests))
  await until('every request has ended', () => running().every((count) => count === 0))
})
