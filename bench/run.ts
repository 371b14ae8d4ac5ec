/**
 * `npm run bench [-- --quick]`: the demo plan built and pushed by Slipway and, image by image, by BuildKit and
 * buildah, in one run on one machine. Prints a table and writes bench/results/demo.json.
 *
 * Every builder starts with empty caches and an empty `docker-registry` on loopback, and gets the binaries ready-made.
 * `--quick` leaves the rivals out.
 */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { arch, cpus, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { hasBuildkitd } from '../test/support/buildkitd.ts'
import { hasProgram } from '../test/support/program.ts'
import { startDockerRegistry } from '../test/support/docker-registry.ts'
import { temporaryFolder } from '../test/support/temporary-folder.ts'
import { startBuildah } from './peers/buildah.ts'
import { startBuildkit } from './peers/buildkit.ts'
import type { Peer } from './peers/peer.ts'
import { changeOneByte, floorOf, nodeStart } from './floor.ts'
import { peerBuilds } from './peer-builds.ts'
import { median, runSlipway, type SlipwayRun } from './slipway-run.ts'

const root = resolve(import.meta.dirname, '..')
const isQuick = process.argv.includes('--quick')
const rounds = 5

export interface Row {
  readonly name: string
  readonly seconds: number
  readonly note: string
}

const rows: Row[] = []
const add = (name: string, seconds: number, note = ''): void => {
  rows.push({ name, seconds, note })
  console.log(`${name.padEnd(52)} ${seconds.toFixed(2).padStart(8)} s  ${note}`)
}

await using work = await temporaryFolder()
await makeBinaries()
console.log(
  `${cpus().length} x ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${arch()}, node ${process.version}\n`,
)
const { cold } = await benchSlipway()
if (!isQuick) await benchPeers(cold)
await writeResults()

/** Runs the artifact commands of the plan once, so that nobody waits for downloads. */
async function makeBinaries(): Promise<void> {
  await runSlipway(root, { cache: work.join('warm-up'), args: ['--save', work.join('warm-up-layout')] })
  await rm(work.join('warm-up-layout'), { recursive: true })
}

async function benchSlipway(): Promise<{ cold: SlipwayRun }> {
  const binary = join(root, 'examples/demo/out/linux_amd64/biome')
  const original = work.join('biome')
  await copyFile(binary, original)
  const registry = await startDockerRegistry()
  try {
    const push = ['--hub', `${registry.host}/demo`, '--push', '--skip-artifacts']
    const run = (cache: string, extra: readonly string[] = []) =>
      runSlipway(root, { cache: work.join(cache), args: [...push, ...extra] })
    const cold = await run('cache')
    add('slipway, everything new', cold.seconds, describe(cold))

    const again = await repeat(() => run('cache'))
    add('slipway, nothing changed', again.seconds, describe(again))
    const start = await nodeStart()
    add('  limit: node -e 0', start)

    const changed = await repeat(async () => {
      await changeOneByte(binary)
      return run('cache')
    })
    add('slipway, one 97 MB binary changed', changed.seconds, describe(changed))
    const floor = await floorOf(binary, registry.host)
    add('  limit: sha256 of it and one raw upload', floor)

    const touched = await repeat(async () => run('cache', ['--no-cache']))
    add('slipway, everything hashed again, nothing to send', touched.seconds, describe(touched))
    return { cold }
  } finally {
    await copyFile(original, binary)
    await registry.stop()
  }
}

async function benchPeers(cold: SlipwayRun): Promise<void> {
  const starters: [string, boolean, (registry: string) => Promise<Peer>][] = [
    ['buildkit', await hasBuildkitd(), (registry) => startBuildkit({ registry })],
    ['buildah', hasProgram('buildah'), (registry) => startBuildah({ registry, driver: 'overlay' })],
  ]
  for (const [name, isThere, start] of starters) {
    if (!isThere) {
      console.log(`${name} is not here: npm run test:setup brings it`)
      continue
    }
    const registry = await startDockerRegistry()
    try {
      await using peer = await start(registry.host)
      await using stage = await temporaryFolder()
      const builds = await peerBuilds(root, stage.path, registry.host)
      let seconds = 0
      for (const build of builds) seconds += await peer.build(build)
      add(
        `${peer.name}, everything new`,
        seconds,
        `${builds.length} builds, ${(seconds / cold.seconds).toFixed(1)} x slipway`,
      )
    } finally {
      await registry.stop()
    }
  }
}

async function repeat(run: () => Promise<SlipwayRun>): Promise<SlipwayRun> {
  const runs: SlipwayRun[] = []
  for (let round = 0; round < rounds; round++) runs.push(await run())
  return median(runs)
}

function describe({ cpuSeconds, counts, peakMemory }: SlipwayRun): string {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`
  const requests = Object.values(counts.requests).reduce((sum, count) => sum + count, 0)
  return `read ${mb(counts.bytesRead)}, hashed ${mb(counts.bytesHashed)}, sent ${mb(counts.bytesSent)}, ${requests} requests, ${cpuSeconds.toFixed(2)} s CPU, ${mb(peakMemory)} peak`
}

async function writeResults(): Promise<void> {
  const folder = join(root, 'bench/results')
  await mkdir(folder, { recursive: true })
  const machine = { cpu: cpus()[0]?.model, cpus: cpus().length, node: process.version }
  await writeFile(join(folder, 'demo.json'), `${JSON.stringify({ machine, rounds, rows }, undefined, 2)}\n`)
}
