/**
 * The demo plan into a registry by every builder: all starts empty, then nothing, a small file, a large program and
 * its time change. Builders take turns round by round, and the limits are measured beside what is held against them.
 */
import { hasBuildkitd } from '../../test/support/buildkitd.ts'
import { buildx, crane, findGoPrograms } from '../../test/support/go-programs.ts'
import { hasProgram } from '../../test/support/program.ts'
import { limit, names, slipway, type Bench } from '../bench.ts'
import { startBenchRegistry, type BenchRegistry } from '../bench-registry.ts'
import { floorOf, nodeStart } from '../floor.ts'
import type { PeerName } from '../options.ts'
import { startBuildah } from '../peers/buildah.ts'
import { startBake, startBuildkit } from '../peers/buildkit.ts'
import { startCrane } from '../peers/crane.ts'
import { startCraneStyle } from '../peers/crane-style.ts'
import { startDockerBuild } from '../peers/docker-build.ts'
import type { Peer, PeerOptions } from '../peers/peer.ts'
import { startSlipway } from '../peers/slipway.ts'
import type { Workload } from '../workload.ts'

/** A case that is done in less is done five times a round. */
const quickSeconds = 2

interface Subject {
  readonly peer: Peer
  readonly registry: BenchRegistry
}

export async function demoCase(bench: Bench): Promise<void> {
  const { options, results } = bench
  const workload = await bench.workload()
  await using stack = new AsyncDisposableStack()
  const start = async <T extends Peer>(make: (options: PeerOptions) => Promise<T>) => {
    const registry = stack.use(await startBenchRegistry())
    return { registry, peer: stack.use(await make({ workload, registry })) }
  }
  const own = await start(startSlipway)
  const rivals: Subject[] = []
  for (const name of options.peers) {
    const why = await missing(name)
    if (why === undefined) rivals.push(await start(starters[name]))
    else bench.leaveOut(name, why)
  }
  const failed = new Set<Subject>()
  for (let round = 0; round < options.rounds; round++) {
    await oneRound(bench, workload, own)
    results.add(names.rehash, own.peer.name, await own.peer.bakeWith('--no-cache'))
    for (const rival of rivals) {
      if (failed.has(rival) || round >= (rival.peer.mostRounds ?? Infinity)) continue
      // A rival that fails is no reason to lose what was measured so far.
      await oneRound(bench, workload, rival).catch((error: unknown) => {
        failed.add(rival)
        bench.leaveOut(rival.peer.name, `it failed in round ${round + 1}: ${String(error)}`)
      })
    }
  }
}

const starters: Readonly<Record<PeerName, (options: PeerOptions) => Promise<Peer>>> = {
  buildkit: startBuildkit,
  bake: startBake,
  docker: startDockerBuild,
  buildah: startBuildah,
  crane: startCrane,
  'crane-style': startCraneStyle,
}

/** Why a peer cannot run here. */
async function missing(name: PeerName): Promise<string | undefined> {
  const isRoot = process.getuid?.() === 0
  const setup = 'is not here: npm run test:setup brings it'
  const needs: Readonly<Record<PeerName, () => Promise<boolean>>> = {
    buildkit: hasBuildkitd,
    bake: async () => (await hasBuildkitd()) && (await findGoPrograms(buildx)) !== undefined,
    docker: async () => isRoot && hasProgram('dockerd') && hasProgram('docker'),
    buildah: async () => isRoot && hasProgram('buildah'),
    crane: async () => (await findGoPrograms(crane)) !== undefined && hasProgram('tar'),
    'crane-style': async () => hasProgram('go'),
  }
  if (await needs[name]()) return undefined
  return name === 'crane-style' ? 'is built with Go, which is not here' : setup
}

async function oneRound({ results }: Bench, workload: Workload, subject: Subject): Promise<void> {
  const { peer, registry } = subject
  const isOwn = peer.name === slipway
  const repeat = async (name: string, work: () => Promise<unknown>, beside?: () => Promise<void>) => {
    for (let turn = 0; turn < 5; turn++) {
      await work()
      await peer.prepare()
      const sample = await peer.bake()
      results.add(name, peer.name, sample)
      if (isOwn) await beside?.()
      if (sample.seconds > quickSeconds) return
    }
  }
  await registry.empty()
  await peer.forget()
  await peer.prepare()
  results.add(names.new, peer.name, await peer.bake())
  await repeat(
    names.nothing,
    async () => undefined,
    async () => results.add(names.nodeStart, limit, await nodeStart()),
  )
  await repeat(names.small, workload.changes.small)
  await repeat(names.large, workload.changes.large, async () => {
    const floor = await floorOf(workload.large, registry.host)
    results.add(names.sha256sum, limit, { seconds: floor.program })
    results.add(names.nodeHash, limit, { seconds: floor.node })
  })
  await repeat(names.relink, workload.changes.relink)
}
