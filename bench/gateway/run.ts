/**
 * `node bench/gateway/run.ts [--seconds N] [--rounds N] [--routes N,...]`: the embedded data plane beside other proxies. See
 * README.md here. Writes bench/results/gateway.json and gateway-table.md unless it was cut short by a flag.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from '../../test/support/free-port.ts'
import { answersHttp, hasProgram, programEnvironment } from '../../test/support/program.ts'
import { cpuSeconds, load } from './load.ts'
import { backendCommand, lastPath, proxies, type Proxy } from './proxies.ts'
import { formatGatewayTable, median, percentile, type ProxySample, type PlaneSample } from './table.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, rounds: { type: 'string' }, routes: { type: 'string' } },
})
const seconds = Number(values.seconds ?? 8)
const rounds = Number(values.rounds ?? 3)
const counts = (values.routes ?? '1,100,10000').split(',').map(Number)
const isWhole = values.seconds === undefined && values.rounds === undefined && values.routes === undefined
const connections = 64
const [proxyCore, loadCore] = [0, 1]

for (const program of ['wrk', 'taskset', 'nginx']) {
  if (!hasProgram(program)) throw new Error(`${program} is not installed: apt-get install ${program}`)
}
const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
const running = new Set<ChildProcess>()
const leftOut = proxies
  .filter(({ missing }) => missing !== undefined)
  .map(({ name, missing }) => `${name}: ${missing}`)
const present = proxies.filter(({ missing }) => missing === undefined)

const backend = await freePort()
await start(await backendCommand(join(folder, 'backend'), backend), { core: loadCore, port: backend })
const samples: ProxySample[] = []
const plane: PlaneSample[] = []
const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, load ${loadavg()[0]?.toFixed(1)}`
try {
  for (let round = 0; round < rounds; round++) {
    for (const routes of counts) for (const proxy of present) samples.push(await measure(proxy, routes))
  }
  for (const routes of counts) plane.push(await measurePlane(routes))
} finally {
  for (const child of running) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
}
const versions = Object.fromEntries(
  await Promise.all(present.map(async ({ name, version }) => [name, await version()] as const)),
)
const text = formatGatewayTable({ machine, versions, samples, plane, leftOut })
console.log(`\n${text}`)
if (isWhole) {
  const results = resolve(import.meta.dirname, '../results')
  await mkdir(results, { recursive: true })
  await writeFile(
    join(results, 'gateway.json'),
    `${JSON.stringify({ machine, versions, leftOut, samples, plane }, undefined, 1)}\n`,
  )
  await writeFile(join(results, 'gateway-table.md'), text)
}

async function measure(proxy: Proxy, routes: number): Promise<ProxySample> {
  const port = await freePort()
  const command = await proxy.prepare({ folder: join(folder, proxy.name), port, backend, routes })
  const child = await start(command, { core: proxyCore, port })
  const url = `http://127.0.0.1:${port}${lastPath(routes)}`
  await warmUp(child.pid ?? 0, url)
  const before = await cpuSeconds(child.pid ?? 0)
  const { requests, perSecond, p50, p99, errors } = await load({ url, seconds, connections, core: loadCore })
  const cpu = (await cpuSeconds(child.pid ?? 0)) - before
  await stop(child)
  const sample = { proxy: proxy.name, routes, perCpuSecond: requests / cpu, perSecond, p50, p99, errors }
  console.log(
    `${proxy.name}, ${routes} routes: ${Math.round(sample.perCpuSecond)} requests per CPU-second, p99 ${p99.toFixed(1)} ms, ${errors} errors`,
  )
  return sample
}

/** Until the proxy has worked for some seconds: a compiler at work is not what is measured. */
async function warmUp(pid: number, url: string): Promise<void> {
  for (let i = 0; i < 10 && (await cpuSeconds(pid)) < 2; i++) {
    await load({ url, seconds: 2, connections, core: loadCore })
  }
}

async function measurePlane(routes: number): Promise<PlaneSample> {
  const port = await freePort()
  const own = proxies.find(({ name }) => name === 'slipway') as Proxy
  const child = await start(await own.prepare({ folder, port, backend, routes }), { core: proxyCore, port })
  const ask = conversation(child)
  const heap = Number(await ask('memory'))
  const took = (await ask('changes 200')) as number[]
  await ask('every 50')
  const { errors, requests } = await load({
    url: `http://127.0.0.1:${port}${lastPath(routes)}`,
    seconds,
    connections,
    core: loadCore,
  })
  await stop(child)
  const sample = {
    routes,
    heap,
    changeP50: median(took),
    changeP99: percentile(took, 0.99),
    errors,
    requests,
  }
  console.log(
    `slipway, ${routes} routes: change to effect p99 ${sample.changeP99.toFixed(1)} ms, ${errors} errors of ${requests} while it changes`,
  )
  return sample
}

/** Starts a program on a core; ready when its port answers. */
async function start(
  command: readonly string[],
  { core, port }: { core: number; port: number },
): Promise<ChildProcess> {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    env: programEnvironment,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  running.add(child)
  const deadline = Date.now() + 60_000
  while (!(await answersHttp(`http://127.0.0.1:${port}/`))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${command.join(' ')} does not answer`)
    await delay(50)
  }
  return child
}

async function stop(child: ChildProcess): Promise<void> {
  running.delete(child)
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  clearTimeout(timer)
}

function conversation(child: ChildProcess): (line: string) => Promise<unknown> {
  const lines = createInterface({ input: child.stdout! })
  return async (line) => {
    child.stdin!.write(`${line}\n`)
    const [answer] = (await once(lines, 'line')) as [string]
    return JSON.parse(answer)
  }
}
