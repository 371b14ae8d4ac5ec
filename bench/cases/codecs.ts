/** Compressed layers into a registry, as a remote one gets them. */
import { names, type Bench } from '../bench.ts'
import { startBenchRegistry } from '../bench-registry.ts'
import { startSlipway } from '../peers/slipway.ts'

export async function codecsCase(bench: Bench): Promise<void> {
  const { options, results } = bench
  const workload = await bench.workload()
  await using registry = await startBenchRegistry()
  await using slipway = await startSlipway({ workload, registry })
  for (let round = 0; round < Math.min(options.rounds, 3); round++) {
    for (const codec of ['gzip', 'zstd']) {
      const bake = () => slipway.bakeWith('--compression', codec)
      await registry.empty()
      await slipway.forget()
      results.add(`${names.new}, ${codec}`, slipway.name, await bake())
      results.add(`${names.nothing}, ${codec}`, slipway.name, await bake())
      await workload.changes.large()
      results.add(`${names.large}, ${codec}`, slipway.name, await bake())
    }
  }
}
