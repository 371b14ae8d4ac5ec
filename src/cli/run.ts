/** One run as a process: wires destinations, registries, caches and a reporter together, and turns Ctrl-C into an abort. */
import { homedir } from 'node:os'
import { newTally, type Tally } from '../base/index.ts'
import {
  bake,
  newDelegator,
  newAddSources,
  newLayerBuilder,
  parseEpoch,
  newBaseResolver,
  type BakeResult,
  type Emit,
  type NoClobber,
  type ResolvedPlan,
} from '../build/index.ts'
import { createHashPool } from '../layer/index.ts'
import { hostPlatform } from '../oci/index.ts'
import { cacheFolder, memoryLayerLog, openLayerLog } from '../store/index.ts'
import { describeOutput, openDestinations } from './destinations.ts'
import { abortOnSignals } from './interruption.ts'
import type { Output } from './output.ts'
import { registryPool } from './registry-pool.ts'
import type { UsedLock } from './lock-file.ts'
import { openReporter } from './report/open-reporter.ts'

export interface RunOptions {
  readonly outputs: readonly Output[]
  readonly progress: string
  readonly skipArtifacts?: boolean | undefined
  /** hash everything again */
  readonly noCache?: boolean | undefined
  readonly noClobber?: NoClobber | undefined
  /** registry hosts for which TLS is no must */
  readonly insecure?: readonly string[] | undefined
  readonly lock?: UsedLock | undefined
}

export interface RunResult extends BakeResult {
  readonly tally: Tally
  readonly destinations: readonly string[]
}

/** @throws Failure, or the reason of the abort */
export async function runBake(plan: ResolvedPlan, options: RunOptions): Promise<RunResult> {
  const controller = new AbortController()
  const { signal } = controller
  const interruptions = abortOnSignals(controller)
  const tally = newTally()
  const reporter = openReporter(options.progress, process.env)
  const emit: Emit = (event) => {
    reporter.emit(event)
    if (event.kind === 'publishing')
      interruptions.publish((message) => reporter.emit({ kind: 'warning', message }))
  }
  const cache = cacheFolder(process.env, homedir())
  const registries = registryPool({ tally, emit, signal, insecure: options.insecure })
  const addSources = newAddSources({ cache, signal })
  const pool = createHashPool()
  try {
    const destinations = await openDestinations(options.outputs, {
      tally,
      emit,
      signal,
      registry: registries.open,
    })
    const result = await bake(plan, {
      destinations,
      layers: newLayerBuilder({
        log: options.noCache ? memoryLayerLog() : openLayerLog(`${cache}/layers-1.log`),
        pool,
        tally,
        signal,
      }),
      resolveBase: newBaseResolver({
        registry: registries.pull,
        cache,
        ...options.lock,
        warn: (message, hint) => emit({ kind: 'warning', message, hint }),
      }),
      addSources,
      delegateStage: newDelegator({ cache, env: process.env, emit, signal, noCache: options.noCache }),
      emit,
      tally,
      controller,
      noClobber: options.noClobber,
      buildPlatform: hostPlatform(),
      skipArtifacts: options.skipArtifacts ?? false,
      sourceDateEpoch: parseEpoch(process.env['SOURCE_DATE_EPOCH']),
    })
    return { ...result, tally, destinations: options.outputs.map(describeOutput) }
  } finally {
    addSources.close()
    reporter.close()
    interruptions.release()
    await Promise.all([pool.close(), registries.close()])
  }
}
