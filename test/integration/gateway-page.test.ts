/** The page of the admin server in a real browser, and the metrics beside it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { chromium, type Browser } from 'playwright-core'
import { freePort } from '../support/free-port.ts'
import { findProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { startGatewayProcess } from '../support/running-gateway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const program = findProgram('chromium')

suite('admin page', { timeout: 200_000, skip: requirePart('chromium', program !== undefined) }, () => {
  let folder: TemporaryFolder
  let browser: Browser
  let server: Server
  before(async () => {
    folder = await temporaryFolder()
    server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    // Chromium's own sandbox needs rights that containers do not have; it opens nothing but our page.
    browser = await chromium.launch({ executablePath: program!, args: ['--no-sandbox'] })
  })
  after(async () => {
    await browser?.close()
    server.close()
    server.closeAllConnections()
    await folder.remove()
  })

  const config = (port: number, path: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: slipway, listeners: [{name: http, port: ${port}, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: all}
spec:
  parentRefs: [{name: web}]
  rules:
    - matches: [{path: {value: ${path}}}]
      backendRefs: [{name: backend, port: ${(server.address() as AddressInfo).port}}]
---
apiVersion: v1
kind: Service
metadata: {name: backend}
spec: {type: ExternalName, externalName: 127.0.0.1, ports: [{port: ${(server.address() as AddressInfo).port}}]}
---
apiVersion: v1
kind: Service
metadata: {name: odd}
spec: {typo: "<b>", ports: [{port: 1}]}
`

  test('shows listeners, routes, backends and problems, in light and dark, with and without scripts', async () => {
    const port = await freePort()
    const file = folder.join('config.yaml')
    await writeFile(file, config(port, '/first'))
    await using gateway = await startGatewayProcess(['-c', file], { home: folder.join('home') })
    await (await fetch(`http://127.0.0.1:${port}/first`)).text()
    for (const colorScheme of ['light', 'dark'] as const)
      for (const javaScriptEnabled of [true, false]) {
        const context = await browser.newContext({ colorScheme, javaScriptEnabled })
        const view = await context.newPage()
        const complaints: string[] = []
        view.on('console', (message) => complaints.push(message.text()))
        view.on('pageerror', (error) => complaints.push(String(error)))
        await view.goto(gateway.admin)
        assert.match(await view.locator('h1').innerText(), /Gateway ready/)
        const text = await view.locator('main').innerText()
        for (const part of [
          `127.0.0.1:${port}/tcp`,
          '/first/*',
          'HTTPRoute default/all rule 0',
          'healthy',
          'Programmed True',
          'spec.typo',
        ])
          assert.ok(text.includes(part), `the page has no ${part}:\n${text}`)
        const row = view.locator('section', { hasText: 'Backends' }).locator('tbody tr').first()
        assert.equal(await row.locator('td').nth(3).innerText(), '1')
        const wide = await view
          .evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')
          .catch(() => false)
        assert.equal(wide, false)
        assert.deepEqual(complaints, [])
        if (process.env['SLIPWAY_SCREENSHOTS'])
          await view.screenshot({
            path: `${process.env['SLIPWAY_SCREENSHOTS']}/gateway-${colorScheme}.png`,
            fullPage: true,
          })
        await context.close()
      }
  })

  test('follows a change by itself', async () => {
    const port = await freePort()
    const file = folder.join('follow.yaml')
    await writeFile(file, config(port, '/first'))
    await using gateway = await startGatewayProcess(['-c', file], { home: folder.join('home') })
    const view = await browser.newPage()
    await view.goto(gateway.admin)
    await writeFile(file, config(port, '/second'))
    await view.getByText('/second/*').waitFor({ timeout: 20_000 })
    await view.close()
  })

  test('metrics in the form of Prometheus', async () => {
    const port = await freePort()
    const file = folder.join('metrics.yaml')
    await writeFile(file, config(port, '/first'))
    await using gateway = await startGatewayProcess(['-c', file], { home: folder.join('home') })
    for (const path of ['/first', '/first', '/none'])
      await (await fetch(`http://127.0.0.1:${port}${path}`)).text()
    const response = await fetch(`${gateway.admin}/metrics`)
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const lines = (await response.text()).split('\n')
    const listener = `listener="127.0.0.1:${port}/tcp"`
    for (const line of [
      `slipway_gateway_requests_total{${listener},route="HTTPRoute default/all rule 0",code="200"} 2`,
      `slipway_gateway_requests_total{${listener},route="-",code="404"} 1`,
      `slipway_gateway_request_duration_seconds_count{${listener},route="HTTPRoute default/all rule 0"} 2`,
      `slipway_gateway_listener_bound{${listener}} 1`,
      'slipway_gateway_ready 1',
      'slipway_gateway_diagnostics{severity="warning"} 1',
      'slipway_gateway_objects{kind="HTTPRoute"} 1',
    ])
      assert.ok(lines.includes(line), `there is no ${line}`)
    assert.ok(
      lines.some(
        (line) => line.startsWith('slipway_gateway_endpoint_requests_total{') && line.endsWith(' 2'),
      ),
    )
    const names = lines.filter((line) => line.startsWith('# TYPE ')).map((line) => line.split(' ')[2])
    assert.equal(new Set(names).size, names.length)
  })
})
