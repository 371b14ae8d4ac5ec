/** The embedded data plane with real sockets: what a request becomes, and what it is answered. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ask, startPlane } from '../support/gateway/plane.ts'
import { echoBackend, type Seen } from '../support/gateway/backend.ts'
import { clusterOf, forwardTo, routeOf } from '../support/gateway/snapshots.ts'
import { createDataPlane } from '../../src/gateway/proxy/create-data-plane.ts'
import { snapshotOf } from '../support/gateway/snapshots.ts'

describe('forwarding', () => {
  test('a request reaches its backend and the answer its client', async (t) => {
    const backend = await echoBackend(t)
    const { ask: get, log } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const answer = await get('/a/b?c=d', { method: 'POST', headers: { 'X-Test': 'yes' }, body: 'hello' })
    assert.equal(answer.status, 200)
    const seen = JSON.parse(answer.body) as Seen
    assert.equal(seen.method, 'POST')
    assert.equal(seen.url, '/a/b?c=d')
    assert.equal(seen.body, 'hello')
    assert.equal(seen.headers['x-test'], 'yes')
    assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1')
    assert.equal(seen.headers['x-forwarded-proto'], 'http')
    assert.match(seen.headers['x-request-id'] ?? '', /^[0-9a-f-]{36}$/)
    assert.equal(log.length, 1)
    const { status, method, path, cluster, bytesReceived, bytesSent, attempts, flags } = log[0]!
    assert.deepEqual(
      { status, method, path, cluster, bytesReceived, bytesSent, attempts, flags },
      {
        status: 200,
        method: 'POST',
        path: '/a/b?c=d',
        cluster: 'c',
        bytesReceived: 5,
        bytesSent: answer.body.length,
        attempts: 1,
        flags: '-',
      },
    )
  })

  test('a big body goes both ways whole', async (t) => {
    const backend = await echoBackend(t, 'echo', (_, response) => {
      response.end(backend.seen.at(-1)?.body)
    })
    const { ask: post } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const body = 'x'.repeat(5_000_000)
    assert.equal((await post('/', { method: 'POST', body })).body.length, body.length)
    const chunked = await post('/', { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body })
    assert.equal(chunked.body.length, body.length)
  })

  test('connections to backends are kept', async (t) => {
    const backend = await echoBackend(t)
    const { ask: get } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    for (let i = 0; i < 5; i++) await get('/')
    assert.equal(backend.connections(), 1)
  })
})

describe('answers of the gateway itself', () => {
  test('no route is 404, no backend 500, a share without backend its status, no endpoint 503', async (t) => {
    const at = (value: string) => ({ match: { path: { kind: 'exact' as const, value } } })
    const { ask: get, log } = await startPlane(t, {
      routes: [
        routeOf({ kind: 'forward', targets: [] }, at('/none')),
        routeOf(forwardTo('missing'), at('/missing')),
        routeOf(forwardTo('missing', { noTargetStatus: 503 }), at('/istio')),
        routeOf(
          { kind: 'forward', targets: [{ weight: 1, to: { status: 500, why: 'no such service' } }] },
          at('/invalid'),
        ),
        routeOf(forwardTo('empty'), at('/empty')),
        routeOf({ kind: 'response', status: 418, body: { text: 'teapot' } }, at('/direct')),
        routeOf({ kind: 'redirect', status: 308, scheme: 'https' }, at('/moved')),
      ],
      clusters: [clusterOf('empty', [])],
    })
    const statuses = await Promise.all(
      ['/', '/none', '/missing', '/istio', '/invalid', '/empty', '/direct', '/moved'].map(
        async (path) => (await get(path)).status,
      ),
    )
    assert.deepEqual(statuses, [404, 500, 500, 503, 500, 503, 418, 308])
    assert.equal((await get('/direct')).body, 'teapot')
    assert.match(String((await get('/moved')).headers['location']), /^https:\/\/127\.0\.0\.1\/moved$/)
    assert.equal(log.find(({ path }) => path === '/')?.flags, 'NR')
    assert.equal(log.find(({ path }) => path === '/empty')?.flags, 'UH')
  })
})

describe('listeners', () => {
  test('a port in use is told, and the rest is served', async (t) => {
    const { port } = await startPlane(t, { routes: [routeOf({ kind: 'response', status: 200 })] })
    const plane = createDataPlane()
    t.after(() => plane.drain(0))
    const [report] = await plane.apply(snapshotOf({ port }))
    assert.equal(report?.bound, false)
    assert.equal(report.code, 'EADDRINUSE')
    assert.match(
      report.problem ?? '',
      new RegExp(`^port ${port} of 127\\.0\\.0\\.1 is in use by another process`),
    )
    assert.equal((await ask(port, '/')).status, 200)
  })
})
