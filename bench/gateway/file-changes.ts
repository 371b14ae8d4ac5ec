/**
 * From a file that is written to the first answer by it, through a gateway that runs as its users run it:
 * `node bench/gateway/file-changes.ts [changes]`. All routes are in one file, and one of them changes.
 */
import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { Agent, request, type IncomingMessage } from 'node:http'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../test/support/free-port.ts'
import { startProgram } from '../../test/support/program.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'

const changes = Number(process.argv[2] ?? 100)
const program = resolve(import.meta.dirname, '../../bin/slipway.js')

function config(port: number, routes: number, version: number): string {
  const texts = Array.from(
    { length: routes },
    (_, index) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r${index}}
spec:
  parentRefs: [{name: web}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /r${index}}}]
      filters: [{type: RequestRedirect, requestRedirect: {hostname: v${index === routes - 1 ? version : 0}.test}}]
`,
  )
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: slipway, listeners: [{name: http, port: ${port}, protocol: HTTP}]}
${texts.join('')}`
}

async function measure(routes: number): Promise<number[]> {
  await using folder = await temporaryFolder()
  const [port, admin] = [await freePort(), await freePort()]
  const file = folder.join('all.yaml')
  await writeFile(file, config(port, routes, 0))
  const flags = ['--admin', `127.0.0.1:${admin}`, '--state', folder.join('ages.json'), '--progress', 'quiet']
  await using gateway = await startProgram(
    process.execPath,
    [program, 'gateway', 'run', '-c', file, ...flags],
    {
      isReady: async () => (await fetch(`http://127.0.0.1:${admin}/ready`)).ok,
      timeoutMs: 120_000,
    },
  )
  const agent = new Agent({ keepAlive: true })
  const location = async (): Promise<string | undefined> => {
    const sent = request({ host: '127.0.0.1', port, path: `/r${routes - 1}`, agent }).end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    response.resume()
    await once(response, 'end')
    return response.headers.location
  }
  const times: number[] = []
  for (let version = 1; version <= changes; version++) {
    const text = config(port, routes, version)
    await writeFile(folder.join('.next'), text)
    const begun = performance.now()
    await rename(folder.join('.next'), file)
    while (!(await location())?.includes(`//v${version}.test`)) await delay(0.5)
    times.push(performance.now() - begun)
  }
  agent.destroy()
  await gateway.stop()
  return times.toSorted((a, b) => a - b)
}

const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)
line(['routes', 'median', 'p99', 'worst'])
line(['---', '---', '---', '---'])
for (const routes of [1, 100, 1000, 10_000]) {
  const times = await measure(routes)
  const at = (share: number) =>
    `${times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(0)} ms`
  line([String(routes), at(0.5), at(0.99), at(1)])
}
