/** Protocols beside plain HTTP/1: TLS, HTTP/2, gRPC, WebSocket, on both sides. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createSecureServer,
  createServer as createHttp2Server,
  connect as connectHttp2,
  type ClientHttp2Session,
} from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type AddressInfo } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import * as grpc from '@grpc/grpc-js'
import type {
  DownstreamTls,
  FilterChain,
  HttpConnectionManager,
  Secret,
} from '../../src/gateway/model/index.ts'
import { newAuthority, skipWithoutOpenssl, type CertificateFiles } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { echoBackend, rawBackend, type Seen } from '../support/gateway/backend.ts'
import { startPlane } from '../support/gateway/plane.ts'
import { hear } from '../support/gateway/raw-client.ts'
import { clusterOf, forwardTo, listenerOf, plainChain, routeOf } from '../support/gateway/snapshots.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const skip = skipWithoutOpenssl()

async function folderOf(t: TestContext): Promise<string> {
  const folder = await temporaryFolder()
  t.after(folder.remove)
  return folder.path
}

interface Http2Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly trailers: Readonly<Record<string, unknown>>
}

async function http2Client(t: TestContext, url: string, options: object = {}): Promise<ClientHttp2Session> {
  const session = connectHttp2(url, options)
  session.on('error', () => {})
  t.after(() => session.destroy())
  await once(session, 'connect')
  return session
}

async function askHttp2(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string,
): Promise<Http2Answer> {
  const stream = session.request(headers, { endStream: body === undefined })
  let trailers: Record<string, unknown> = {}
  stream.on('trailers', (list: Record<string, unknown>) => (trailers = list))
  if (body !== undefined) stream.end(body)
  const [response] = (await once(stream, 'response')) as [Record<string, string>]
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return {
    status: Number(response[':status']),
    headers: response,
    body: Buffer.concat(chunks).toString(),
    trailers,
  }
}

function secretOf(name: string, files: CertificateFiles): Secret {
  return {
    name,
    certificateChain: readFileSync(files.certificate, 'utf8'),
    privateKey: readFileSync(files.key, 'utf8'),
  }
}

function tlsChain(name: string, serverNames: readonly string[], tls: Partial<DownstreamTls>): FilterChain {
  return {
    name,
    match: { tls: true, serverNames },
    tls: { certificates: ['a'], alpn: ['h2', 'http/1.1'], ...tls },
    filter: { kind: 'http', routeConfiguration: 'routes' },
  }
}

async function tlsClient(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  return socket
}

const get = 'GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n'

describe('HTTP/2 of clients', () => {
  test('prior knowledge beside HTTP/1 on one port, bodies both ways', async (t) => {
    const backend = await echoBackend(t)
    const { port, log } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const session = await http2Client(t, `http://127.0.0.1:${port}`)
    const answer = await askHttp2(
      session,
      { ':method': 'POST', ':path': '/a?b', ':authority': 'a.test', cookie: 'a=1' },
      'hello',
    )
    assert.equal(answer.status, 200)
    const seen = JSON.parse(answer.body) as Seen
    assert.equal(seen.body, 'hello')
    assert.equal(seen.url, '/a?b')
    assert.equal(seen.headers['host'], 'a.test')
    const many = await Promise.all(
      Array.from({ length: 50 }, (_, i) => askHttp2(session, { ':path': `/${i}`, ':authority': 'a.test' })),
    )
    assert.deepEqual(
      many.map(({ body }) => (JSON.parse(body) as Seen).url),
      Array.from({ length: 50 }, (_, i) => `/${i}`),
    )
    assert.equal(log.length, 51)
    assert.equal(log[0]?.protocol, 'HTTP/2')
  })

  test('several cookies are one header to HTTP/1', async (t) => {
    const backend = await echoBackend(t)
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const session = await http2Client(t, `http://127.0.0.1:${port}`)
    const answer = await askHttp2(session, {
      ':path': '/',
      ':authority': 'a.test',
      cookie: ['a=1', 'b=2'] as unknown as string,
    })
    assert.equal((JSON.parse(answer.body) as Seen).headers['cookie'], 'a=1; b=2')
  })

  for (const [what, headers, status] of [
    ['Host that differs from :authority', { ':authority': 'a.test', host: 'b.test' }, 400],
    ['Host that is :authority', { ':authority': 'a.test', host: 'a.test' }, 200],
    ['user-info in :authority', { ':authority': 'x@a.test' }, 'reset'],
    ['a fragment', { ':authority': 'a.test', ':path': '/a#b' }, 400],
    ['a space in the path', { ':authority': 'a.test', ':path': '/a b' }, 'reset'],
    ['CONNECT', { ':authority': 'a.test', ':method': 'CONNECT', ':path': '' }, 405],
  ] as const) {
    test(`${what}: ${status}`, async (t) => {
      const backend = await echoBackend(t)
      const { port } = await startPlane(t, {
        routes: [routeOf(forwardTo('c'))],
        clusters: [clusterOf('c', [backend.port])],
      })
      const session = await http2Client(t, `http://127.0.0.1:${port}`)
      const { ':path': path, ...rest } = { ':path': '/', ...headers }
      const asked = askHttp2(session, path === '' ? rest : { ...rest, ':path': path })
      if (status === 'reset') await assert.rejects(asked, /NGHTTP2_PROTOCOL_ERROR/)
      else assert.equal((await asked).status, status)
      assert.equal(backend.seen.length, status === 200 ? 1 : 0)
    })
  }

  test('a client that opens and resets streams without end is cut off, others are not', async (t) => {
    const { port } = await startPlane(t, { routes: [routeOf({ kind: 'response', status: 200 })] })
    const session = await http2Client(t, `http://127.0.0.1:${port}`)
    const other = await http2Client(t, `http://127.0.0.1:${port}`)
    const closed = new Promise((resolve) => session.once('close', resolve))
    const flood = setInterval(() => {
      for (let i = 0; i < 100 && !session.closed && !session.destroyed; i++) {
        const stream = session.request({ ':path': '/', ':authority': 'a' }, { endStream: false })
        stream.on('error', () => {})
        stream.close(8)
      }
    }, 2)
    t.after(() => clearInterval(flood))
    await closed
    assert.equal((await askHttp2(other, { ':path': '/', ':authority': 'a' })).status, 200)
  })
})

describe('floods of HTTP/2 frames', () => {
  const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
    const head = Buffer.alloc(9)
    head.writeUIntBE(payload.length, 0, 3)
    head.writeUInt8(type, 3)
    head.writeUInt8(flags, 4)
    head.writeUInt32BE(stream, 5)
    return Buffer.concat([head, payload])
  }
  const preface = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(4, 0, 0, Buffer.alloc(0)),
  ])
  // `:method GET`, `:scheme http`, `:path /` of the static table; then a header of a kilobyte, not indexed.
  const start = Buffer.from([0x82, 0x86, 0x84])
  const field = Buffer.concat([
    Buffer.from([0, 1]),
    Buffer.from('x'),
    Buffer.from([0x7f, 0xe9, 0x06]),
    Buffer.alloc(1000, 'a'),
  ])
  const many = (count: number, one: Buffer) => Buffer.concat(Array.from({ length: count }, () => one))

  for (const [what, bytes] of [
    ['CONTINUATION', Buffer.concat([frame(1, 0, 1, start), many(2000, frame(9, 0, 1, field))])],
    ['SETTINGS', many(50_000, frame(4, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100])))],
    ['PING', many(100_000, frame(6, 0, 0, Buffer.alloc(8)))],
    ['frames of no known stream', many(5000, frame(0, 0, 7, Buffer.from('x')))],
  ] as const) {
    test(`${what}: the connection ends, others go on`, async (t) => {
      const { port, ask } = await startPlane(t, { routes: [routeOf({ kind: 'response', status: 200 })] })
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.write(Buffer.concat([preface, bytes]))
      // A flood works while nobody reads what is answered; the end is seen only by reading.
      setTimeout(() => socket.resume(), 300)
      await Promise.race([closed, delay(5000).then(() => assert.fail('the connection is still there'))])
      assert.equal((await ask('/')).status, 200)
    })
  }
})

describe('TLS of clients', { skip }, () => {
  test('HTTP/1 and HTTP/2 by ALPN, certificates and chains by SNI', async (t) => {
    const folder = await folderOf(t)
    const ca = await newAuthority(folder)
    const [a, b] = [
      await ca.sign('a', { names: ['DNS:a.test'] }),
      await ca.sign('b', { names: ['DNS:b.test'] }),
    ]
    const backend = await echoBackend(t)
    const port = await freePort()
    await startPlane(t, {
      port,
      listeners: [
        listenerOf(port, [
          tlsChain('both', ['*.test'], { certificates: ['a', 'b'] }),
          tlsChain('old', ['old.test'], { alpn: ['http/1.1'] }),
          plainChain(),
        ]),
      ],
      secrets: [secretOf('a', a), secretOf('b', b)],
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const one = await tlsClient(port, { servername: 'a.test', ALPNProtocols: ['http/1.1'] })
    assert.equal(one.getPeerCertificate().subject.CN, 'a')
    one.write(get)
    const text = await hear(one, 200)
    assert.match(text, /^HTTP\/1\.1 200 /)
    assert.match(text, /"x-forwarded-proto":"https"/)
    const two = await tlsClient(port, { servername: 'b.test', ALPNProtocols: ['h2'] })
    assert.equal(two.alpnProtocol, 'h2')
    assert.equal(two.getPeerCertificate().subject.CN, 'b')
    const session = await http2Client(t, 'https://b.test', { createConnection: () => two })
    assert.equal((await askHttp2(session, { ':path': '/', ':authority': 'b.test' })).status, 200)
    const old = await tlsClient(port, { servername: 'old.test', ALPNProtocols: ['h2', 'http/1.1'] })
    assert.equal(old.alpnProtocol, 'http/1.1')
    old.destroy()
    await assert.rejects(tlsClient(port, { servername: 'a.other' }))
    const plain = connect(port, '127.0.0.1')
    plain.write(get)
    assert.match(await hear(plain, 200), /^HTTP\/1\.1 200 /)
  })

  test('a ClientHello in many pieces is read', async (t) => {
    const folder = await folderOf(t)
    const ca = await newAuthority(folder)
    const port = await freePort()
    await startPlane(t, {
      port,
      listeners: [listenerOf(port, [tlsChain('tls', ['a.test'], {})])],
      secrets: [secretOf('a', await ca.sign('a', { names: ['DNS:a.test'] }))],
      routes: [routeOf({ kind: 'response', status: 200 })],
    })
    const relay = await rawBackend(t, (socket) => {
      const far = connect(port, '127.0.0.1')
      far.setNoDelay(true)
      far.on('data', (chunk) => socket.write(chunk)).on('error', () => {})
      let isFirst = true
      socket.on('data', (chunk: Buffer) => {
        if (!isFirst) return void far.write(chunk)
        isFirst = false
        void (async () => {
          for (let at = 0; at < chunk.length; at += 50) {
            far.write(chunk.subarray(at, at + 50))
            await new Promise((resolve) => setTimeout(resolve, 2))
          }
        })()
        return undefined
      })
    })
    const socket = await tlsClient(relay, { servername: 'a.test' })
    socket.write(get)
    assert.match(await hear(socket, 200), /^HTTP\/1\.1 200 /)
  })

  describe('client certificates', () => {
    const modes = [
      ['require', 'none', false],
      ['require', 'strange', false],
      ['require', 'own', true],
      ['optional', 'none', true],
      ['optional', 'strange', false],
      ['optional', 'own', true],
      ['allow-invalid', 'none', true],
      ['allow-invalid', 'strange', true],
    ] as const
    for (const [mode, shown, isServed] of modes) {
      test(`${mode}: ${shown === 'none' ? 'no certificate' : `a certificate of ${shown === 'own' ? 'the CA' : 'another CA'}`} is ${isServed ? 'served' : 'refused'}`, async (t) => {
        const folder = await folderOf(t)
        const ca = await newAuthority(folder)
        const strange = await newAuthority(folder, 'strange')
        const port = await freePort()
        await startPlane(t, {
          port,
          listeners: [listenerOf(port, [tlsChain('tls', [], { clientValidation: { mode, ca: 'ca' } })])],
          secrets: [
            secretOf('a', await ca.sign('a')),
            { name: 'ca', ca: readFileSync(ca.certificate, 'utf8') },
          ],
          routes: [routeOf({ kind: 'response', status: 200 })],
        })
        const client = shown === 'none' ? undefined : await (shown === 'own' ? ca : strange).sign('client')
        const text = await answerTo(port, client)
        assert.equal(text.startsWith('HTTP/1.1 200 '), isServed)
      })
    }

    test('are told to backends as the listener says, and never believed from clients', async (t) => {
      const folder = await folderOf(t)
      const ca = await newAuthority(folder)
      const client = await ca.sign('client', { names: ['DNS:c.test', 'URI:spiffe://a/c'] })
      const backend = await echoBackend(t)
      const port = await freePort()
      const secrets = [
        secretOf('a', await ca.sign('a')),
        { name: 'ca', ca: readFileSync(ca.certificate, 'utf8') },
      ]
      const parts = (forwardClientCert: HttpConnectionManager['forwardClientCert']) => {
        const chain = tlsChain('tls', [], { clientValidation: { mode: 'require', ca: 'ca' } })
        const filter = {
          kind: 'http',
          routeConfiguration: 'routes',
          ...(forwardClientCert && { forwardClientCert }),
        } as const
        return {
          port,
          listeners: [listenerOf(port, [{ ...chain, filter }])],
          secrets,
          routes: [routeOf(forwardTo('c'))],
          clusters: [clusterOf('c', [backend.port])],
        }
      }
      const { apply } = await startPlane(t, parts(undefined))
      const own = /^Hash=[0-9a-f]{64};Subject="CN=client";URI=spiffe:\/\/a\/c;DNS=c\.test$/
      const cases = [
        [undefined, /^undefined$/],
        ['sanitize', /^undefined$/],
        ['sanitize-set', own],
        ['append-forward', new RegExp(`^forged,${own.source.slice(1)}`)],
        ['always-forward-only', /^forged$/],
      ] as const
      for (const [mode, expected] of cases) {
        await apply(parts(mode))
        const socket = await tlsClient(port, {
          cert: readFileSync(client.certificate),
          key: readFileSync(client.key),
        })
        socket.write('GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Client-Cert: forged\r\n\r\n')
        await hear(socket, 200)
        assert.match(String(backend.seen.at(-1)?.headers['x-forwarded-client-cert']), expected, mode)
      }
    })

    test('names and pins', async (t) => {
      const folder = await folderOf(t)
      const ca = await newAuthority(folder)
      const [good, bad] = [
        await ca.sign('good', { names: ['DNS:x.good.test', 'URI:spiffe://a/b'] }),
        await ca.sign('bad', { names: ['DNS:bad.test'] }),
      ]
      const port = await freePort()
      const secrets = [
        secretOf('a', await ca.sign('a')),
        { name: 'ca', ca: readFileSync(ca.certificate, 'utf8') },
      ]
      const routes = [routeOf({ kind: 'response', status: 200 })]
      const validation = (rest: object): FilterChain =>
        tlsChain('tls', [], { clientValidation: { mode: 'require', ca: 'ca', ...rest } })
      const { apply } = await startPlane(t, {
        port,
        listeners: [listenerOf(port, [validation({})])],
        secrets,
        routes,
      })
      const fingerprint = (await import('node:crypto')).X509Certificate
      const pin = new fingerprint(readFileSync(good.certificate)).fingerprint256
      for (const rest of [
        { subjectAltNames: ['*.good.test'] },
        { subjectAltNames: ['spiffe://a/b'] },
        { certificateSha256: [pin] },
      ]) {
        await apply({ port, listeners: [listenerOf(port, [validation(rest)])], secrets, routes })
        assert.match(await answerTo(port, good), /^HTTP\/1\.1 200 /, JSON.stringify(rest))
        assert.doesNotMatch(await answerTo(port, bad), /HTTP/, JSON.stringify(rest))
      }
    })
  })
})

async function answerTo(port: number, client: CertificateFiles | undefined): Promise<string> {
  const own = client && { cert: readFileSync(client.certificate), key: readFileSync(client.key) }
  try {
    const socket = await tlsClient(port, { servername: 'a.test', ...own })
    socket.write(get)
    return await hear(socket, 300)
  } catch {
    return ''
  }
}

describe('TLS and HTTP/2 of backends', () => {
  test('names, trust and our certificate', { skip }, async (t) => {
    const folder = await folderOf(t)
    const ca = await newAuthority(folder)
    const files = await ca.sign('backend', { names: ['DNS:backend.test', 'URI:spiffe://a/b'] })
    const own = await ca.sign('gateway')
    const caText = readFileSync(ca.certificate, 'utf8')
    const server = createHttpsServer(
      {
        cert: readFileSync(files.certificate),
        key: readFileSync(files.key),
        ca: caText,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => {
        const socket = request.socket as TLSSocket
        response.end(
          JSON.stringify({ sni: socket.servername, client: socket.getPeerCertificate().subject?.CN ?? null }),
        )
      },
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.closeAllConnections() ?? server.close())
    const { port } = server.address() as AddressInfo
    const secrets: Secret[] = [{ name: 'ca', ca: caText }, secretOf('own', own)]
    const cases: readonly [string, object, number, string?][] = [
      [
        'server name',
        { serverName: 'backend.test', trust: { secret: 'ca' } },
        200,
        '{"sni":"backend.test","client":null}',
      ],
      ['host of the request', { trust: { secret: 'ca' } }, 200, '{"sni":"backend.test","client":null}'],
      ['wrong name', { serverName: 'other.test', trust: { secret: 'ca' } }, 503],
      ['wrong trust', { serverName: 'backend.test', trust: 'system' }, 503],
      ['no CA', { serverName: 'backend.test', trust: { secret: 'none' } }, 503],
      ['broken', { serverName: 'backend.test', trust: 'system', broken: 'the CA is not there' }, 503],
      ['insecure', { serverName: 'other.test', trust: 'insecure' }, 200],
      [
        'URI name',
        {
          serverName: 'x.test',
          subjectAltNames: [{ kind: 'uri', value: 'spiffe://a/b' }],
          trust: { secret: 'ca' },
        },
        200,
      ],
      [
        'wrong URI name',
        {
          serverName: 'backend.test',
          subjectAltNames: [{ kind: 'uri', value: 'spiffe://a/c' }],
          trust: { secret: 'ca' },
        },
        503,
      ],
      [
        'DNS name',
        {
          serverName: 'x.test',
          subjectAltNames: [{ kind: 'dns', value: 'backend.test' }],
          trust: { secret: 'ca' },
        },
        200,
      ],
      [
        'client certificate',
        { serverName: 'backend.test', trust: { secret: 'ca' }, clientCertificate: 'own' },
        200,
        '{"sni":"backend.test","client":"gateway"}',
      ],
    ]
    const { apply, ask } = await startPlane(t, {})
    for (const [what, tls, status, body] of cases) {
      await apply({
        secrets,
        routes: [routeOf(forwardTo('c'))],
        clusters: [clusterOf('c', [port], { tls: tls as never })],
      })
      const answer = await ask('/', { headers: { host: 'backend.test' } })
      assert.equal(answer.status, status, `${what}: ${answer.body}`)
      if (body !== undefined) assert.equal(answer.body, body, what)
    }
  })

  for (const protocol of ['h2', 'http/1.1'] as const) {
    test(
      `a backend that offers ${protocol} is spoken to so, when it is asked for what the client speaks`,
      { skip },
      async (t) => {
        const folder = await folderOf(t)
        const ca = await newAuthority(folder)
        const files = await ca.sign('backend')
        const material = { cert: readFileSync(files.certificate), key: readFileSync(files.key) }
        const server =
          protocol === 'h2'
            ? createSecureServer(material, (request, response) => response.end(request.httpVersion))
            : createHttpsServer(material, (request, response) => response.end(request.httpVersion))
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        t.after(() => server.close())
        const { port: backend } = server.address() as AddressInfo
        const { port, ask } = await startPlane(t, {
          routes: [routeOf(forwardTo('c'))],
          clusters: [
            clusterOf('c', [backend], { protocol: 'auto', tls: { trust: 'insecure', serverName: 'x' } }),
          ],
        })
        const session = await http2Client(t, `http://127.0.0.1:${port}`)
        const asked = Array.from({ length: 3 }, () => askHttp2(session, { ':path': '/', ':authority': 'a' }))
        const version = protocol === 'h2' ? '2.0' : '1.1'
        assert.deepEqual(
          (await Promise.all(asked)).map(({ body }) => body),
          [version, version, version],
        )
        if (protocol === 'http/1.1') assert.equal((await ask('/')).body, '1.1')
      },
    )
  }

  test('HTTP/2 without TLS, many streams on one connection', async (t) => {
    let sessions = 0
    const server = createHttp2Server().listen(0, '127.0.0.1')
    server.on('session', () => sessions++)
    server.on('stream', (stream, headers) => {
      stream.respond({ ':status': 200 })
      stream.end(`${headers[':method']} ${headers[':path']} ${headers[':authority']}`)
    })
    await once(server, 'listening')
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const { ask, plane } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [port], { protocol: 'h2' })],
    })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => ask(`/${i}`, { headers: { host: 'h' } })),
    )
    assert.deepEqual(
      answers.map(({ body }) => body),
      Array.from({ length: 20 }, (_, i) => `GET /${i} h`),
    )
    assert.equal(sessions, 1)
    assert.equal(plane.clusters()[0]?.endpoints[0]?.requests, 20)
    assert.equal(plane.clusters()[0]?.endpoints[0]?.activeRequests, 0)
  })

  test('a backend that speaks no HTTP/2 is 503', async (t) => {
    const backend = await echoBackend(t)
    const { ask } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port], { protocol: 'h2', connectTimeoutMs: 500 })],
    })
    assert.equal((await ask('/')).status, 503)
  })
})

describe('gRPC', () => {
  const call = async (client: grpc.Client, message: string, metadata = new grpc.Metadata()) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ answer: string; trailers: grpc.Metadata }>()
    let trailers = new grpc.Metadata()
    const unary = client.makeUnaryRequest(
      '/test.Echo/Say',
      (bytes: Buffer) => bytes,
      (bytes) => bytes.toString(),
      Buffer.from(message) as never,
      metadata,
      (error, answer) =>
        error
          ? reject(error)
          : setImmediate(() => resolve({ answer: answer as unknown as string, trailers })),
    )
    unary.on('status', (status) => (trailers = status.metadata))
    return promise
  }

  async function grpcServer(t: TestContext): Promise<number> {
    const server = new grpc.Server()
    const definition = {
      Say: {
        path: '/test.Echo/Say',
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: Buffer) => value,
        requestDeserialize: (value: Buffer) => value,
        responseSerialize: (value: Buffer) => value,
        responseDeserialize: (value: Buffer) => value,
      },
    }
    server.addService(definition, {
      Say: (unary: grpc.ServerUnaryCall<Buffer, Buffer>, answer: grpc.sendUnaryData<Buffer>) => {
        const trailers = new grpc.Metadata()
        trailers.set('x-trailer', 'yes')
        if (unary.request.toString() === 'fail')
          answer({ code: grpc.status.ABORTED, details: 'as asked' }, null, trailers)
        else answer(null, Buffer.from(`${unary.request.toString()} ${unary.getHost()}`), trailers)
      },
    })
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      ),
    )
    t.after(() => server.forceShutdown())
    return port
  }

  test('answers, trailers and errors pass; no route is UNIMPLEMENTED, no endpoint UNAVAILABLE', async (t) => {
    const backend = await grpcServer(t)
    const { port } = await startPlane(t, {
      virtualHosts: [
        {
          name: 'a',
          domains: ['a.test'],
          routes: [
            routeOf(forwardTo('c'), {
              match: { path: { kind: 'exact', value: '/test.Echo/Say' }, grpc: true },
            }),
          ],
        },
        { name: 'b', domains: ['b.test'], routes: [] },
        { name: 'c', domains: ['c.test'], routes: [routeOf(forwardTo('empty'))] },
      ],
      clusters: [clusterOf('c', [backend], { protocol: 'h2' }), clusterOf('empty', [])],
    })
    const clientOf = (authority: string) => {
      const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), {
        'grpc.default_authority': authority,
      })
      t.after(() => client.close())
      return client
    }
    const client = clientOf('a.test')
    const { answer, trailers } = await call(client, 'hello')
    assert.equal(answer, 'hello a.test')
    assert.deepEqual(trailers.get('x-trailer'), ['yes'])
    await assert.rejects(call(client, 'fail'), { code: grpc.status.ABORTED, details: 'as asked' })
    await assert.rejects(call(clientOf('b.test'), 'x'), { code: grpc.status.UNIMPLEMENTED })
    await assert.rejects(call(clientOf('c.test'), 'x'), { code: grpc.status.UNAVAILABLE })
  })
})

describe('WebSocket and other upgrades', () => {
  const upgrade = (protocol: string) =>
    `GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Key: x\r\n\r\n`

  test('bytes flow both ways once the backend agrees', async (t) => {
    const heads: string[] = []
    const backend = await rawBackend(t, (socket) => {
      socket.once('data', (chunk: Buffer) => {
        heads.push(chunk.toString('latin1'))
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: y\r\n\r\nfirst',
        )
        socket.on('data', (bytes: Buffer) => socket.write(bytes.toString().toUpperCase()))
      })
    })
    const { port, log } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    const client = connect(port, '127.0.0.1')
    client.write(`${upgrade('websocket')}early`)
    let text = ''
    client.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    const until = async (end: string) => {
      while (!text.endsWith(end)) await once(client, 'data')
    }
    await until('firstEARLY')
    client.write('hello')
    await until('HELLO')
    assert.match(text, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
    assert.match(text, /Sec-WebSocket-Accept: y\r\n/)
    assert.match(heads[0] ?? '', /\r\nupgrade: websocket\r\n/i)
    assert.doesNotMatch(heads[0] ?? '', /transfer-encoding|content-length/i)
    client.end()
    await once(client, 'close')
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(log[0]?.status, 101)
  })

  test('behind a request whose answer is due nothing is upgraded, and the answers keep their order', async (t) => {
    const backend = await echoBackend(t)
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const client = connect(port, '127.0.0.1')
    client.write(`GET /first HTTP/1.1\r\nHost: a\r\n\r\n${upgrade('websocket')}`)
    const text = await hear(client, 300)
    assert.equal(text.match(/HTTP\/1\.1 200 /g)?.length, 2)
    assert.ok(text.indexOf('"/first"') < text.indexOf('"/ws"'))
  })

  test('a backend that does not agree answers as it likes', async (t) => {
    const backend = await echoBackend(t, 'no', (_, response) => response.writeHead(403).end('no'))
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const client = connect(port, '127.0.0.1')
    client.write(upgrade('websocket'))
    const text = await hear(client, 500)
    assert.match(text, /^HTTP\/1\.1 403 /)
    assert.match(text, /\r\n2\r\nno\r\n0\r\n\r\n$|\r\n\r\nno$/)
  })

  test('a protocol that the route does not take is dropped from the request', async (t) => {
    const backend = await echoBackend(t)
    const { port } = await startPlane(t, {
      routes: [routeOf(forwardTo('c', { upgrades: ['custom'] }))],
      clusters: [clusterOf('c', [backend.port])],
    })
    const client = connect(port, '127.0.0.1')
    client.write(upgrade('websocket'))
    assert.match(await hear(client, 200), /^HTTP\/1\.1 200 /)
    assert.equal(backend.seen[0]?.headers['upgrade'], undefined)
  })

  test('a tunnel lives on when its route goes', async (t) => {
    const backend = await rawBackend(t, (socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
        socket.on('data', (bytes: Buffer) => socket.write(bytes))
      })
    })
    const { port, apply } = await startPlane(t, {
      routes: [routeOf(forwardTo('c'))],
      clusters: [clusterOf('c', [backend])],
    })
    const client = connect(port, '127.0.0.1')
    client.write(upgrade('websocket'))
    await once(client, 'data')
    await apply({ routes: [] })
    client.write('still here')
    const [chunk] = (await once(client, 'data')) as [Buffer]
    assert.equal(chunk.toString(), 'still here')
    client.destroy()
  })
})
