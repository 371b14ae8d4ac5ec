/** What comes on top of images that are in a registry already: a variant more, a second hub. */
import { names, type Bench } from '../bench.ts'
import { startBenchRegistry } from '../bench-registry.ts'
import { startSlipway } from '../peers/slipway.ts'

export async function hubsCase({ options, results, workload }: Bench): Promise<void> {
  await using registry = await startBenchRegistry()
  await using slipway = await startSlipway({ workload: await workload(), registry })
  for (let round = 0; round < options.rounds; round++) {
    await registry.empty()
    await slipway.forget()
    await slipway.bakeWith('--variant', 'default')
    results.add(names.variant, slipway.name, await slipway.bake())
    results.add(names.hub, slipway.name, await slipway.bakeWith('--hub', `${registry.host}/second`))
  }
}
