/** Istio and Ingress objects with real traffic: what the tables of tests say of routes is true of answers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request as httpsRequest } from 'node:https'
import { describe, test, type TestContext } from 'node:test'
import { newAuthority, skipWithoutOpenssl } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { echoBackend, type Seen } from '../support/gateway/backend.ts'
import { exchange, namedBackend } from '../support/gateway/l4.ts'
import { ask, type Answer } from '../support/gateway/plane.ts'
import { serveObjects, type ServeOptions } from '../support/gateway/serve-objects.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const gateway = (port: number, more = '') => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: ${port}, name: http, protocol: HTTP }, hosts: ['*']${more} }]
---
`
const virtualService = (http: string, { name = 'one', hosts = 'a.com', more = '' } = {}) => `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: ${name} }
spec: { hosts: [${hosts}], gateways: [web], http: [${http}]${more} }
---
`
const entry = (host: string, ports: readonly number[], labels = '{}') => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${host} }
spec:
  hosts: [${host}]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints: [${ports.map((port) => `{ address: 127.0.0.1, ports: { http: ${port} }, labels: ${labels} }`).join(', ')}]
---
`
const to = (host: string) => `route: [{ destination: { host: ${host} } }]`

interface Site {
  readonly ask: (path: string, headers?: Record<string, string>, method?: string) => Promise<Answer>
}

async function serve(t: TestContext, port: number, yaml: string, options?: ServeOptions): Promise<Site> {
  await serveObjects(t, yaml, options)
  return {
    ask: (path, headers = {}, method = 'GET') =>
      ask(port, path, { method, headers: { host: 'a.com', ...headers } }),
  }
}

const seenBy = ({ body }: Answer) => JSON.parse(body) as Seen

describe('VirtualService', { timeout: 60_000 }, () => {
  test('a plain prefix, its rewrite, first match, and headers', async (t) => {
    const [port, echo] = [await freePort(), await echoBackend(t)]
    const site = await serve(
      t,
      port,
      gateway(port) +
        virtualService(`
          { match: [{ uri: { prefix: /foo } }], rewrite: { uri: /bar, authority: b.com }, ${to('echo.local')},
            headers: { request: { set: { X-A: '1' }, remove: [X-Gone] }, response: { add: { X-B: '2' } } } },
          { match: [{ uri: { regex: '/r/(a|b)+' } }], rewrite: { uriRegexRewrite: { match: '/r/(.*)', rewrite: '/\\1/r' } }, ${to('echo.local')} },
          { match: [{ headers: { x-user: {} }, withoutHeaders: { x-no: {} } }], directResponse: { status: 201 } },
          { directResponse: { status: 202, body: { bytes: aGk= } } }`) +
        entry('echo.local', [echo.port]),
    )
    const answer = await site.ask('/foobar?q=1', { 'x-gone': 'x' })
    const { url, headers } = seenBy(answer)
    assert.deepEqual(
      [url, headers['host'], headers['x-a'], headers['x-gone']],
      ['/barbar?q=1', 'b.com', '1', undefined],
    )
    assert.equal(answer.headers['x-b'], '2')
    assert.equal(answer.headers['server'], 'istio-envoy')
    assert.equal(seenBy(await site.ask('/r/abab')).url, '/abab/r')
    assert.equal((await site.ask('/r/abc')).status, 202)
    assert.equal((await site.ask('/', { 'x-user': 'me' })).status, 201)
    assert.equal((await site.ask('/', { 'x-user': 'me', 'x-no': '1' })).status, 202)
    assert.equal((await site.ask('/')).body, 'hi')
    assert.equal((await site.ask('/', { host: 'b.com' })).status, 404)
  })

  test('several of one host follow one another, catch-alls last', async (t) => {
    const port = await freePort()
    const answer = (status: number) => `directResponse: { status: ${status} }`
    const site = await serve(
      t,
      port,
      gateway(port) +
        virtualService(`{ ${answer(201)} }`, { name: 'a' }) +
        virtualService(`{ match: [{ uri: { prefix: /b } }], ${answer(202)} }`, { name: 'b' }) +
        virtualService(`{ ${answer(203)} }`, { name: 'c', hosts: '"*.com"' }),
    )
    assert.equal((await site.ask('/b')).status, 202)
    assert.equal((await site.ask('/')).status, 201)
    assert.equal((await site.ask('/', { host: 'a.com:1234' })).status, 201)
    assert.equal((await site.ask('/', { host: 'x.y.com' })).status, 203)
    assert.equal((await site.ask('/', { host: 'com' })).status, 404)
  })

  test('weights, subsets, and shares that cannot be had', async (t) => {
    const [port, one, two] = [await freePort(), await echoBackend(t, 'v1'), await echoBackend(t, 'v2')]
    const share = (name: string, weight: number) =>
      `{ destination: { host: echo.local, subset: ${name} }, weight: ${weight} }`
    const site = await serve(
      t,
      port,
      gateway(port) +
        virtualService(
          `{ route: [${share('v1', 60)}, ${share('v2', 30)}, ${share('v3', 10)}, ${share('v1', 0)}] }`,
        ) +
        `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: echo }
spec:
  hosts: [echo.local]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: STATIC
  endpoints:
    - { address: 127.0.0.1, ports: { http: ${one.port} }, labels: { version: v1 } }
    - { address: 127.0.0.1, ports: { http: ${two.port} }, labels: { version: v2 } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: echo }
spec: { host: echo.local, subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }] }
`,
    )
    const counts: Record<string, number> = {}
    for (let at = 0; at < 300; at++) {
      const answer = await site.ask('/')
      const name = answer.status === 200 ? seenBy(answer).backend : String(answer.status)
      counts[name] = (counts[name] ?? 0) + 1
    }
    const near = (count: number | undefined, share: number) => Math.abs((count ?? 0) / 300 - share) < 0.12
    assert.deepEqual(Object.keys(counts).toSorted(), ['503', 'v1', 'v2'])
    assert.ok(
      near(counts['v1'], 0.6) && near(counts['v2'], 0.3) && near(counts['503'], 0.1),
      JSON.stringify(counts),
    )
  })

  test('retries by default where nobody listens; timeouts; faults; mirrors', async (t) => {
    const [port, echo, mirror, dead] = [
      await freePort(),
      await echoBackend(t),
      await echoBackend(t),
      await freePort(),
    ]
    const slow = await echoBackend(t, 'slow', () => {})
    const site = await serve(
      t,
      port,
      gateway(port) +
        virtualService(`
          { match: [{ uri: { exact: /retry } }], ${to('half.local')} },
          { match: [{ uri: { exact: /once } }], retries: { attempts: 0 }, ${to('dead.local')} },
          { match: [{ uri: { exact: /slow } }], timeout: 100ms, ${to('slow.local')} },
          { match: [{ uri: { exact: /fault } }], fault: { abort: { httpStatus: 599, percentage: { value: 100 } } }, ${to('echo.local')} },
          { match: [{ uri: { exact: /mirror } }], mirror: { host: mirror.local }, ${to('echo.local')} },
          { match: [{ uri: { exact: /unknown } }], ${to('unknown.local')} }`) +
        entry('echo.local', [echo.port]) +
        entry('mirror.local', [mirror.port]) +
        entry('half.local', [dead, echo.port]) +
        entry('dead.local', [dead]) +
        entry('slow.local', [slow.port]),
    )
    for (let at = 0; at < 6; at++) assert.equal((await site.ask('/retry')).status, 200)
    assert.equal((await site.ask('/once')).status, 503)
    assert.equal((await site.ask('/slow')).status, 504)
    assert.equal((await site.ask('/fault')).status, 599)
    assert.equal((await site.ask('/unknown')).status, 503)
    assert.equal((await site.ask('/mirror')).status, 200)
    await until('the mirror is asked', () => mirror.seen.length === 1)
    assert.equal(mirror.seen[0]?.headers['host'], 'a.com')
  })

  test('CORS and redirects', async (t) => {
    const [port, echo] = [await freePort(), await echoBackend(t)]
    const site = await serve(
      t,
      port,
      gateway(port) +
        virtualService(`
          { match: [{ uri: { prefix: /cors } }], ${to('echo.local')},
            corsPolicy: { allowOrigins: [{ exact: 'https://a.com' }], allowMethods: [GET], maxAge: 1h } },
          { match: [{ uri: { exact: /r } }], redirect: { uri: /s, authority: 'b.com', redirectCode: 302 } },
          { match: [{ uri: { exact: /p } }], redirect: { scheme: https } }`) +
        entry('echo.local', [echo.port]),
    )
    const preflight = { origin: 'https://a.com', 'access-control-request-method': 'GET' }
    const answer = await site.ask('/cors', preflight, 'OPTIONS')
    assert.equal(answer.headers['access-control-allow-origin'], 'https://a.com')
    assert.equal(answer.headers['access-control-max-age'], '3600')
    assert.equal(echo.seen.length, 0)
    const other = await site.ask('/cors', { ...preflight, origin: 'https://b.com' }, 'OPTIONS')
    assert.equal(other.headers['access-control-allow-origin'], undefined)
    assert.equal(echo.seen.length, 1)
    const redirect = await site.ask('/r?q=1')
    assert.deepEqual([redirect.status, redirect.headers['location']], [302, 'http://b.com/s?q=1'])
    const secure = await site.ask('/p', { host: 'a.com:1234' })
    assert.equal(secure.headers['location'], 'https://a.com:1234/p')
  })

  test('httpsRedirect answers before every route', async (t) => {
    const port = await freePort()
    const site = await serve(
      t,
      port,
      gateway(port, ', tls: { httpsRedirect: true }') + virtualService('{ directResponse: { status: 200 } }'),
    )
    const { status, headers } = await site.ask('/x?y=1')
    assert.deepEqual([status, headers['location']], [301, 'https://a.com/x?y=1'])
    assert.equal((await site.ask('/', { host: 'other.com' })).status, 301)
  })

  test('TCP routes', async (t) => {
    const [port, backend] = [await freePort(), await namedBackend(t, 'tcp')]
    await serve(
      t,
      port,
      gateway(port).replace('protocol: HTTP', 'protocol: TCP') +
        virtualService('', { hosts: '"*"', more: `, tcp: [{ ${to('tcp.local')} }]` }) +
        entry('tcp.local', [backend]),
    )
    assert.equal((await exchange(port, 'hi')).text, 'tcp:hi')
  })
})

test(
  'a server with MUTUAL asks clients for a certificate',
  { skip: skipWithoutOpenssl(), timeout: 30_000 },
  async (t) => {
    await using folder = await temporaryFolder()
    const authority = await newAuthority(folder.path)
    const [own, client] = [
      await authority.sign('own', { names: ['DNS:a.com'] }),
      await authority.sign('client'),
    ]
    const read = (path: string) => readFile(path, 'utf8')
    const files = {
      '/tls.crt': await read(own.certificate),
      '/tls.key': await read(own.key),
      '/ca.crt': await read(authority.certificate),
    }
    const port = await freePort()
    const tls =
      'tls: { mode: MUTUAL, serverCertificate: /tls.crt, privateKey: /tls.key, caCertificates: /ca.crt }'
    await serve(
      t,
      port,
      gateway(port, `, ${tls}`).replace('protocol: HTTP', 'protocol: HTTPS') +
        virtualService('{ directResponse: { status: 200 } }'),
      { files },
    )
    const connect = async (more: object) => {
      const request = httpsRequest({
        host: '127.0.0.1',
        port,
        servername: 'a.com',
        headers: { host: 'a.com' },
        agent: false,
        ca: files['/ca.crt'],
        ...more,
      })
      const answered = once(request, 'response')
      request.end()
      const [response] = (await answered) as [{ statusCode: number }]
      return response.statusCode
    }
    assert.equal(await connect({ cert: await read(client.certificate), key: await read(client.key) }), 200)
    await assert.rejects(connect({}))
  },
)

test('Ingress: the longest path, one label, the default backend', { timeout: 30_000 }, async (t) => {
  const [http, https] = [await freePort(), await freePort()]
  const backends = await Promise.all(
    ['one', 'two', 'rest'].map(async (name) => ({ name, ...(await echoBackend(t, name)) })),
  )
  const services = backends.map(
    ({ name, port }) => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, annotations: { slipway.dev/endpoints: '127.0.0.1:${port}' } }
spec: { ports: [{ port: 80 }] }
---
`,
  )
  const path = (value: string, name: string, type = 'Prefix') =>
    `{ path: ${value}, pathType: ${type}, backend: { service: { name: ${name}, port: { number: 80 } } } }`
  await serveObjects(
    t,
    `${services.join('')}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  defaultBackend: { service: { name: rest, port: { number: 80 } } }
  rules:
    - { host: a.com, http: { paths: [${path('/', 'one')}, ${path('/x', 'two')}, ${path('/x/y', 'one', 'Exact')}] } }
    - { host: '*.a.com', http: { paths: [${path('/', 'two')}] } }
`,
    { ingressPorts: { http, https } },
  )
  const backendOf = async (host: string, target: string) =>
    seenBy(await ask(http, target, { headers: { host } })).backend
  assert.equal(await backendOf('a.com', '/xy'), 'one')
  assert.equal(await backendOf('a.com', '/x/z'), 'two')
  assert.equal(await backendOf('a.com', '/x/y'), 'one')
  assert.equal(await backendOf('a.com', '/x/y/'), 'two')
  assert.equal(await backendOf('b.a.com', '/'), 'two')
  assert.equal(await backendOf('c.b.a.com', '/'), 'rest')
  assert.equal(await backendOf('b.com', '/'), 'rest')
})

test(
  'a wildcard with DYNAMIC_DNS goes to the host of the request, and to no other',
  { timeout: 30_000 },
  async (t) => {
    const [port, echo] = [await freePort(), await echoBackend(t)]
    const asked: string[] = []
    const site = await serve(
      t,
      port,
      gateway(port) +
        virtualService('{ route: [{ destination: { host: "*.example.com" } }] }', { hosts: '"*"' }) +
        `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: dynamic }
spec:
  hosts: ['*.example.com']
  ports: [{ number: 80, name: http, protocol: HTTP, targetPort: ${echo.port} }]
  resolution: DYNAMIC_DNS
`,
      {
        resolve: async (name) => {
          asked.push(name)
          return { addresses: name.startsWith('a.') ? ['127.0.0.1'] : [], ttlMs: 60_000 }
        },
      },
    )
    assert.equal(seenBy(await site.ask('/', { host: 'a.example.com' })).headers['host'], 'a.example.com')
    assert.equal((await site.ask('/', { host: 'b.example.com' })).status, 503)
    assert.equal((await site.ask('/', { host: 'metadata.internal' })).status, 503)
    assert.deepEqual([...new Set(asked)], ['a.example.com', 'b.example.com'])
  },
)
