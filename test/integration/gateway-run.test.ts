/** The gateway as a process, in front of real servers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, request, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../support/free-port.ts'
import { startProgram } from '../support/program.ts'
import { startGatewayProcess } from '../support/running-gateway.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const example = resolve(import.meta.dirname, '../../examples/local-gateway')

interface Answer {
  readonly status: number
  readonly body: string
}

async function get(port: number, path: string, host = 'echo.local'): Promise<Answer> {
  const sent = request({ host: '127.0.0.1', port, path, headers: { host }, agent: false }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode!, body }
}

async function serve(listener: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

/** A Gateway on a port with one route for all to a port of this machine. */
function simpleConfig(port: number, backend: number): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec:
  gatewayClassName: slipway
  listeners: [{name: http, port: ${port}, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: all}
spec:
  parentRefs: [{name: web}]
  rules: [{backendRefs: [{name: backend, port: ${backend}}]}]
---
apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {type: ExternalName, externalName: 127.0.0.1, ports: [{port: ${backend}}]}
`
}

suite('slipway gateway run', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())
  let count = 0
  const write = async (text: string): Promise<string> => {
    const path = folder.join(`config-${count++}.yaml`)
    await writeFile(path, text)
    return path
  }
  const options = () => ({ home: folder.join('home') })

  test('the example: Istio and Gateway API objects in front of its echo service', async () => {
    const [istio, gatewayApi, echo] = [await freePort(), await freePort(), await freePort()]
    const files = await Promise.all(
      ['config/istio.yaml', 'config/gateway-api.yaml'].map(async (name) =>
        (await readFile(resolve(example, name), 'utf8'))
          .replaceAll('8080', String(istio))
          .replaceAll('8081', String(gatewayApi))
          .replaceAll('7001', String(echo)),
      ),
    )
    const config = await write(files.join('---\n'))
    await using server = await startProgram(
      process.execPath,
      [resolve(example, 'echo/server.mjs'), String(echo)],
      {
        isReady: async () => (await fetch(`http://127.0.0.1:${echo}/`)).ok,
      },
    )
    await using gateway = await startGatewayProcess(['-c', config], options())
    for (const port of [istio, gatewayApi]) {
      const { status, body } = await get(port, '/v2/hello?x=1')
      assert.equal(status, 200, body)
      const answer = JSON.parse(body) as { path: string; headers: Record<string, string> }
      assert.deepEqual(
        [answer.path, answer.headers['x-version'], answer.headers['host']],
        ['/hello?x=1', 'v2', 'echo.local'],
      )
      assert.equal((await get(port, '/', 'other.local')).status, 404)
    }
    assert.equal((await fetch(`${gateway.admin}/ready`)).status, 200)
    assert.equal((await gateway.stop()).status, 0)
    assert.notEqual(server.pid, 0)
  })

  test('SIGTERM: readiness fails first, 200 requests in flight are answered, then it ends', async () => {
    const held: (() => void)[] = []
    const { server, port: backend } = await serve((_, response) => {
      held.push(() => response.end('done'))
    })
    const port = await freePort()
    await using gateway = await startGatewayProcess(
      ['-c', await write(simpleConfig(port, backend)), '--grace', '1'],
      options(),
    )
    const answers = Array.from({ length: 200 }, () => get(port, '/'))
    while (held.length < 200) await delay(5)
    gateway.running.interrupt('SIGTERM')
    await gateway.next('draining')
    const ready = await fetch(`${gateway.admin}/ready`)
    assert.deepEqual([ready.status, await ready.text()], [503, 'the gateway is ending\n'])
    for (const answer of held) answer()
    const all = await Promise.all(answers)
    assert.deepEqual([...new Set(all.map(({ status, body }) => `${status} ${body}`))], ['200 done'])
    assert.equal((await gateway.running.ended).status, 0)
    server.close()
  })

  test('a second signal ends it at once', async () => {
    const { server, port: backend } = await serve(() => {})
    const port = await freePort()
    await using gateway = await startGatewayProcess(
      ['-c', await write(simpleConfig(port, backend))],
      options(),
    )
    const cut = get(port, '/').catch((error: NodeJS.ErrnoException) => error.code)
    while (
      (await gateway.ask<{ endpoints: { activeRequests: number }[] }[]>('/clusters'))[0]?.endpoints[0]
        ?.activeRequests !== 1
    )
      await delay(5)
    gateway.running.child.kill('SIGTERM')
    await gateway.next('draining')
    gateway.running.child.kill('SIGTERM')
    assert.equal((await gateway.running.ended).status, 130)
    assert.equal(await cut, 'ECONNRESET')
    server.close()
    server.closeAllConnections()
  })

  test('a port in use is told, the rest is served, and status says so', async () => {
    const { server, port: taken } = await serve((_, response) => response.end('mine'))
    const free = await freePort()
    const config = simpleConfig(free, taken).replace(
      'listeners: [',
      `listeners: [{name: taken, port: ${taken}, protocol: HTTP, hostname: a.b}, `,
    )
    await using gateway = await startGatewayProcess(['-c', await write(config)], options())
    assert.deepEqual(await get(free, '/'), { status: 200, body: 'mine' })
    const ready = await fetch(`${gateway.admin}/ready`)
    assert.equal(ready.status, 503)
    assert.match(await ready.text(), new RegExp(`127.0.0.1:${taken}/tcp is not bound: .*in use`))
    const { statuses } = await gateway.ask<{
      statuses: { kind: string; status: { listeners: ListenerStatus[] } }[]
    }>('/status')
    const listeners = statuses.find(({ kind }) => kind === 'Gateway')!.status.listeners
    assert.deepEqual(
      listeners.map(({ name, conditions }) => [
        name,
        conditions.find(({ type }) => type === 'Programmed')?.status,
      ]),
      [
        ['taken', 'False'],
        ['http', 'True'],
      ],
    )
    const told = await slipway(['gateway', 'status', '--admin', new URL(gateway.admin).host], options())
    assert.equal(told.status, 1)
    assert.match(told.stdout, /^not ready: /)
    // The port is free again: it is taken without anybody asking.
    server.close()
    server.closeAllConnections()
    while ((await fetch(`${gateway.admin}/ready`)).status !== 200) await delay(50)
  })

  test('a gateway that can bind nothing fails', async () => {
    const { server, port } = await serve(() => {})
    const result = await slipway(
      ['gateway', 'run', '--admin', 'off', '-c', await write(simpleConfig(port, 1))],
      options(),
    )
    assert.equal(result.status, 1)
    assert.match(result.stderr, new RegExp(`error: no listener can be bound: .*${port}.*in use`))
    server.close()
  })

  test('broken objects leave the rest alone; with --strict nothing starts', async () => {
    const { server, port: backend } = await serve((_, response) => response.end('ok'))
    const port = await freePort()
    const broken = `${simpleConfig(port, backend)}---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: bad}\nspec: {parentRefs: [{name: web}], rules: [{matches: [{path: {value: no-slash}}]}]}\n`
    const config = await write(broken)
    await using gateway = await startGatewayProcess(['-c', config], options())
    assert.equal((await get(port, '/')).body, 'ok')
    const { diagnostics } = await gateway.ask<{
      diagnostics: { severity: string; place: string; message: string }[]
    }>('/status')
    assert.deepEqual(
      diagnostics
        .filter(({ severity }) => severity === 'error')
        .map(({ place, message }) => [place, message]),
      [
        [
          `${config}:23:69`,
          'spec.rules[0].matches[0].path.value "no-slash" does not begin with "/"; it has no effect',
        ],
      ],
    )
    await gateway.stop()
    const strict = await slipway(['gateway', 'run', '--strict', '--admin', 'off', '-c', config], options())
    assert.equal(strict.status, 2)
    assert.match(strict.stderr, /--strict allows no errors and there are 1/)
    server.close()
  })

  test('access logs, as text and as JSON', async () => {
    const { server, port: backend } = await serve((_, response) => response.end('hello'))
    for (const format of ['text', 'json']) {
      const port = await freePort()
      const gateway = await startGatewayProcess(
        ['-c', await write(simpleConfig(port, backend)), '--access-log', format],
        options(),
      )
      await get(port, '/a"b?c=d', 'x.test')
      const { stdout } = await gateway.stop()
      if (format === 'text')
        assert.match(
          stdout,
          /^\[20\S+Z\] "GET \/a\\"b\?c=d HTTP\/1.1" 200 - 0 5 \S+ms 127\.0\.0\.1\S* "-" "\S+" "x.test" "127.0.0.1:\d+" "HTTPRoute default\/all rule 0/,
        )
      else {
        const entry = JSON.parse(stdout) as Record<string, unknown>
        assert.deepEqual(
          [entry['method'], entry['path'], entry['status'], entry['bytesSent'], entry['host']],
          ['GET', '/a"b?c=d', 200, 5, 'x.test'],
        )
      }
    }
    server.close()
  })

  test('what is wrong with the command line is said', async () => {
    const cases: readonly [string[], number, RegExp][] = [
      [['run'], 2, /there is nothing to serve/],
      [['run', '-c', folder.join('none')], 2, /cannot read .*none: it does not exist/],
      [['run', '-c', 'x', '--access-log', 'xml'], 2, /"xml" is not a format of --access-log/],
      [['run', '-c', 'x', '--address', 'localhost'], 2, /"localhost" is not an IP address to listen on/],
      [['run', '-c', 'x', '--drain', 'soon'], 2, /--drain "soon" is not a number of seconds/],
      [['status', '--admin', '127.0.0.1:1'], 1, /no gateway answers at 127.0.0.1:1/],
      [['get', 'httproot', '--admin', '127.0.0.1:1'], 2, /did you mean "httproute"/],
    ]
    for (const [args, status, message] of cases) {
      const result = await slipway(['gateway', ...args], options())
      assert.equal(result.status, status, result.stderr)
      assert.match(result.stderr, message)
    }
  })

  test('the admin server refuses foreign host names and changes', async () => {
    const { server, port: backend } = await serve((_, response) => response.end())
    await using gateway = await startGatewayProcess(
      ['-c', await write(simpleConfig(await freePort(), backend))],
      options(),
    )
    const port = Number(new URL(gateway.admin).port)
    assert.equal((await get(port, '/status', 'evil.example')).status, 403)
    assert.equal((await fetch(`${gateway.admin}/status`, { method: 'POST' })).status, 405)
    assert.equal((await fetch(`${gateway.admin}/nothing`)).status, 404)
    server.close()
  })
})

interface ListenerStatus {
  readonly name: string
  readonly conditions: readonly { readonly type: string; readonly status: string }[]
}
