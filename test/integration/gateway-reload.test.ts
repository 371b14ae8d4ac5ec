/** Routes are edited while requests come in: none of them fails, and each edit has effect. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { after, before, suite, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { newAuthority, skipWithoutOpenssl } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'
import { startGatewayProcess, type RunningGateway } from '../support/running-gateway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

suite('reload', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  let server: Server
  let backend = 0
  before(async () => {
    folder = await temporaryFolder()
    server = createServer((incoming, response) => response.end(String(incoming.headers['x-version'] ?? '')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    backend = (server.address() as AddressInfo).port
  })
  after(async () => {
    server.close()
    server.closeAllConnections()
    await folder.remove()
  })

  const gateway = (port: number) => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: slipway, listeners: [{name: http, port: ${port}, protocol: HTTP}]}
---
apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {type: ExternalName, externalName: 127.0.0.1, ports: [{port: ${backend}}]}
`
  const route = (version: number | string) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: all}
spec:
  parentRefs: [{name: web}]
  rules:
    - filters:
        - type: RequestHeaderModifier
          requestHeaderModifier: {set: [{name: x-version, value: "${version}"}]}
      backendRefs: [{name: backend, port: ${backend}}]
`
  const ask = async (port: number, agent: Agent | false = false): Promise<string> => {
    const sent = request({ host: '127.0.0.1', port, path: '/', ...(agent && { agent }) }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    let body = ''
    for await (const chunk of response) body += String(chunk)
    return response.statusCode === 200 ? body : `status ${response.statusCode} ${body}`
  }
  const start = async (files: Record<string, (port: number) => string>) => {
    const port = await freePort()
    const config = folder.join(`config-${port}`)
    await mkdir(config)
    for (const [name, text] of Object.entries(files)) await writeFile(`${config}/${name}`, text(port))
    const running = await startGatewayProcess(['-c', config], { home: folder.join('home') })
    return { port, config, running }
  }
  /** Waits until requests are answered with a version; milliseconds it took. */
  const shows = async (port: number, version: string): Promise<number> => {
    const begun = performance.now()
    while ((await ask(port)) !== version) {
      if (performance.now() - begun > 10_000)
        throw new Error(`version ${version} has no effect: ${await ask(port)}`)
      await delay(1)
    }
    return performance.now() - begun
  }

  test('a route is changed every 50 ms under load: no request fails, and no version comes back', async (context) => {
    const { port, config, running } = await start({ 'gateway.yaml': gateway, 'route.yaml': () => route(0) })
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    let isOver = false
    const answers: string[] = []
    const load = Array.from({ length: 8 }, async (_, index) => {
      // Half of them open a connection for each request.
      while (!isOver)
        answers.push(await ask(port, index % 2 === 0 && agent).catch((error: Error) => error.message))
    })
    const last = 80
    for (let version = 1; version <= last; version++) {
      if (version % 2 === 0) await writeFile(`${config}/route.yaml`, route(version))
      else {
        await writeFile(`${config}/.route.yaml.tmp`, route(version))
        await rename(`${config}/.route.yaml.tmp`, `${config}/route.yaml`)
      }
      await delay(50)
    }
    await shows(port, String(last))
    isOver = true
    await Promise.all(load)
    agent.destroy()
    const failed = answers.filter((answer) => !/^\d+$/.test(answer))
    assert.deepEqual(failed, [])
    const versions = new Set(answers)
    context.diagnostic(`${answers.length} requests saw ${versions.size} of ${last} versions`)
    assert.ok(versions.size > 10, `only ${versions.size} versions were seen`)
    await running.stop()
  })

  test('each edit has effect, however it is made', async (context) => {
    const { port, config, running } = await start({ 'gateway.yaml': gateway, 'route.yaml': () => route(0) })
    const times: number[] = []
    for (let version = 1; version <= 20; version++) {
      await writeFile(`${config}/route.yaml`, route(version))
      times.push(await shows(port, String(version)))
    }
    const sorted = times.toSorted((a, b) => a - b)
    context.diagnostic(
      `change to effect: median ${sorted[10]!.toFixed(0)} ms, worst ${sorted.at(-1)!.toFixed(0)} ms`,
    )
    await running.stop()
  })

  test('a file cut in the middle and an object that is wrong change nothing; what follows does', async () => {
    const { port, config, running } = await start({
      'gateway.yaml': gateway,
      'route.yaml': () => route('one'),
    })
    const file = `${config}/route.yaml`
    await writeFile(file, route('two').slice(0, route('two').indexOf('value: ')))
    await told(running, 'what the file held before stays in effect')
    assert.equal(await ask(port), 'one')
    await writeFile(
      file,
      route('two').replace('PathPrefix', 'x').replace('name: x-version', 'name: "not a header"'),
    )
    await told(running, 'its last good version stays in effect')
    assert.equal(await ask(port), 'one')
    await writeFile(file, route('three'))
    await shows(port, 'three')
    const { diagnostics } = await running.ask<{ diagnostics: { severity: string }[] }>('/status')
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    )
    await running.stop()
  })

  test('a file that is emptied and written again a moment later drops no request', async () => {
    const { port, config, running } = await start({
      'gateway.yaml': gateway,
      'route.yaml': () => route('one'),
    })
    let isOver = false
    const answers: string[] = []
    const load = (async () => {
      while (!isOver) answers.push(await ask(port))
    })()
    await writeFile(`${config}/route.yaml`, '')
    await delay(30)
    await writeFile(`${config}/route.yaml`, route('two'))
    await shows(port, 'two')
    isOver = true
    await load
    assert.deepEqual([...new Set(answers)], ['one', 'two'])
    await running.stop()
  })

  test('a folder that is gone is told, what it held is served, and it is read again when it is back', async () => {
    const { port, config, running } = await start({
      'all.yaml': (own) => `${gateway(own)}---\n${route('one')}`,
    })
    await rename(config, `${config}-away`)
    await told(running, 'what was served before goes on')
    assert.equal(await ask(port), 'one')
    const { diagnostics } = await running.ask<{ diagnostics: { rule: string }[] }>('/status')
    assert.ok(diagnostics.some(({ rule }) => rule === 'reload-failed'))
    await writeFile(`${config}-away/all.yaml`, `${gateway(port)}---\n${route('two')}`)
    await rename(`${config}-away`, config)
    await shows(port, 'two')
    await running.stop()
  })

  test('a mounted ConfigMap is swapped', async () => {
    const port = await freePort()
    const config = folder.join(`mount-${port}`)
    for (const version of ['one', 'two']) {
      await mkdir(`${config}/..${version}`, { recursive: true })
      await writeFile(`${config}/..${version}/all.yaml`, `${gateway(port)}---\n${route(version)}`)
    }
    await symlink('..one', `${config}/..data`)
    await symlink('..data/all.yaml', `${config}/all.yaml`)
    const running = await startGatewayProcess(['-c', config], { home: folder.join('home') })
    assert.equal(await ask(port), 'one')
    await symlink('..two', `${config}/..next`)
    await rename(`${config}/..next`, `${config}/..data`)
    await shows(port, 'two')
    await running.stop()
  })

  test(
    'a certificate that an Istio Gateway names by its path is replaced',
    { skip: skipWithoutOpenssl() },
    async () => {
      const port = await freePort()
      const certificates = folder.join('certificates')
      await mkdir(certificates)
      const authority = await newAuthority(certificates)
      const files = { certificate: folder.join('tls.crt'), key: folder.join('tls.key') }
      const install = async (name: string) => {
        const signed = await authority.sign(name)
        // one after the other, with a pause in which the two do not fit
        await copyFile(signed.key, files.key)
        await delay(30)
        await copyFile(signed.certificate, files.certificate)
      }
      await install('one')
      const config = folder.join('tls.yaml')
      await writeFile(
        config,
        `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: tls}
spec:
  selector: {istio: ingressgateway}
  servers:
    - port: {number: ${port}, name: https, protocol: HTTPS}
      hosts: ['*']
      tls: {mode: SIMPLE, serverCertificate: ${files.certificate}, privateKey: ${files.key}}
`,
      )
      const running = await startGatewayProcess(['-c', config], { home: folder.join('home') })
      const subject = async (): Promise<string | undefined> => {
        const socket = connect({
          host: '127.0.0.1',
          port,
          servername: 'localhost',
          rejectUnauthorized: false,
        })
        await once(socket, 'secureConnect')
        const { CN } = socket.getPeerCertificate().subject
        socket.destroy()
        return String(CN)
      }
      assert.equal(await subject(), 'one')
      let isInstalled = false
      const installed = install('two').then(() => (isInstalled = true))
      const begun = performance.now()
      for (let name; name !== 'two'; name = await subject()) {
        assert.ok(!isInstalled || performance.now() - begun < 10_000, 'the new certificate is not served')
        await delay(5)
      }
      await installed
      await running.stop()
    },
  )

  test('ages of objects outlive the process: the older of two routes wins after a restart too', async () => {
    const port = await freePort()
    const config = folder.join(`ages-${port}`)
    await mkdir(config)
    const named = (name: string) => route(name).replace('name: all', `name: ${name}`)
    await writeFile(`${config}/gateway.yaml`, gateway(port))
    await writeFile(`${config}/z.yaml`, named('zzz'))
    const options = { home: folder.join('home') }
    const first = await startGatewayProcess(['-c', config], options)
    await delay(10)
    await writeFile(`${config}/a.yaml`, named('aaa'))
    await first.next('applied')
    assert.equal(await ask(port), 'zzz')
    await first.stop()
    const second = await startGatewayProcess(['-c', config], options)
    assert.equal(await ask(port), 'zzz')
    await second.stop()
  })
})

async function told(running: RunningGateway, text: string): Promise<void> {
  for (;;) {
    const event = await running.next('diagnostic')
    if ((event['diagnostic'] as { message: string }).message.includes(text)) return
  }
}
