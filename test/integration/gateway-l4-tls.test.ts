/** TLS that passes by its server name, and TLS that ends here before TCP, with real certificates. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect as connectPlain, type AddressInfo } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { newAuthority, skipWithoutOpenssl, type Authority } from '../support/certificates.ts'
import {
  answerWith,
  exchange,
  hearOut,
  namedBackend,
  startL4,
  tcpChain,
  to,
  type Told,
} from '../support/gateway/l4.ts'
import { clusterOf } from '../support/gateway/snapshots.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

interface TlsBackend {
  readonly port: number
  /** server names that clients asked for */
  readonly asked: (string | false | null)[]
}

/** Answers when the client has ended: its name and what it was told. */
async function tlsBackend(t: TestContext, authority: Authority, name: string): Promise<TlsBackend> {
  const files = await authority.sign(name, { names: [`DNS:${name}`, 'DNS:localhost'] })
  const [cert, key] = await Promise.all([readFile(files.certificate), readFile(files.key)])
  const asked: TlsBackend['asked'] = []
  const server = createServer({ cert, key, allowHalfOpen: true }, (socket) => {
    asked.push((socket as TLSSocket & { servername?: string | false | null }).servername ?? null)
    answerWith(socket, name)
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, asked }
}

async function exchangeTls(port: number, ca: Buffer, servername: string): Promise<Told> {
  const plain = connectPlain({ host: '127.0.0.1', port, allowHalfOpen: true })
  const socket = connect({ socket: plain, ca, servername })
  socket.end('hi')
  return hearOut(socket)
}

const passing = (name: string, serverNames: readonly string[]) =>
  tcpChain({ targets: [to(name)] }, { name, match: { tls: true, serverNames } })

describe('TLS', { skip: skipWithoutOpenssl(), timeout: 30_000 }, () => {
  test('passes by server name: exact, wildcard, none of them', async (t) => {
    await using folder = await temporaryFolder()
    const authority = await newAuthority(folder.path)
    const ca = await readFile(authority.certificate)
    const one = await tlsBackend(t, authority, 'one.example.com')
    const other = await tlsBackend(t, authority, 'a.b.example.com')
    const { port, log, events } = await startL4(t, {
      chains: [passing('one', ['one.example.com']), passing('other', ['*.example.com'])],
      clusters: [clusterOf('one', [one.port]), clusterOf('other', [other.port])],
    })
    assert.deepEqual(await exchangeTls(port, ca, 'one.example.com'), {
      text: 'one.example.com:hi',
      how: 'end',
    })
    assert.deepEqual(await exchangeTls(port, ca, 'a.b.example.com'), {
      text: 'a.b.example.com:hi',
      how: 'end',
    })
    assert.notEqual((await exchangeTls(port, ca, 'example.org')).how, 'end')
    await until('two are logged', () => log.length === 2)
    assert.deepEqual(
      log.map(({ protocol, host }) => `${protocol} ${host}`),
      ['TLS one.example.com', 'TLS a.b.example.com'],
    )
    assert.ok(
      events.some((event) => event.kind === 'connection-refused' && event.why.includes('example.org')),
    )
  })

  test('what is no TLS is refused where only TLS is served', async (t) => {
    await using folder = await temporaryFolder()
    const authority = await newAuthority(folder.path)
    const one = await tlsBackend(t, authority, 'one.example.com')
    const { port } = await startL4(t, {
      chains: [passing('one', [])],
      clusters: [clusterOf('one', [one.port])],
    })
    assert.equal((await exchange(port, 'GET / HTTP/1.1\r\n\r\n')).text, '')
    assert.deepEqual(one.asked, [])
  })

  test('ends here, then plain TCP; or TLS again, with the client`s server name', async (t) => {
    await using folder = await temporaryFolder()
    const authority = await newAuthority(folder.path)
    const ca = await readFile(authority.certificate)
    const own = await authority.sign('own', { names: ['DNS:*.example.com'] })
    const backend = await tlsBackend(t, authority, 'b.example.com')

    const { port } = await startL4(t, {
      chains: [
        tcpChain(
          { targets: [to('plain')] },
          {
            name: 'a',
            match: { tls: true, serverNames: ['a.example.com'] },
            tls: { certificates: ['own'], alpn: [] },
          },
        ),
        tcpChain(
          { targets: [to('again')] },
          {
            name: 'b',
            match: { tls: true, serverNames: ['b.example.com'] },
            tls: { certificates: ['own'], alpn: [] },
          },
        ),
      ],
      clusters: [
        clusterOf('plain', [await namedBackend(t, 'plain')]),
        clusterOf('again', [backend.port], { tls: { trust: { secret: 'ca' } } }),
      ],
      secrets: [
        {
          name: 'own',
          certificateChain: await readFile(own.certificate, 'utf8'),
          privateKey: await readFile(own.key, 'utf8'),
        },
        { name: 'ca', ca: ca.toString() },
      ],
    })
    assert.deepEqual(await exchangeTls(port, ca, 'a.example.com'), { text: 'plain:hi', how: 'end' })
    assert.deepEqual(await exchangeTls(port, ca, 'b.example.com'), { text: 'b.example.com:hi', how: 'end' })
    assert.deepEqual(backend.asked, ['b.example.com'])
  })

  test('a backend whose certificate has another name is not believed', async (t) => {
    await using folder = await temporaryFolder()
    const authority = await newAuthority(folder.path)
    const ca = await readFile(authority.certificate)
    const backend = await tlsBackend(t, authority, 'b.example.com')
    const { port, log } = await startL4(t, {
      chains: [tcpChain({ targets: [to('a')] })],
      clusters: [
        clusterOf('a', [backend.port], { tls: { serverName: 'c.example.com', trust: { secret: 'ca' } } }),
      ],
      secrets: [{ name: 'ca', ca: ca.toString() }],
    })
    assert.equal((await exchange(port, 'hi')).text, '')
    await until('it is logged', () => log.length === 1)
    assert.equal(log[0]?.flags, 'UF')
  })
})
