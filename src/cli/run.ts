/** One run as a process: wires destinations, registries, caches and a reporter together, and turns Ctrl-C into an abort. */
import { homedir } from 'node:os'
import { newTally, type Tally } from '../base/index.ts'
import {
  bake,
  newAttestor,
  newDelegator,
  newAddSources,
  newLayerBuilder,
  newSigner,
  newPacker,
  parseEpoch,
  newBaseResolver,
  type AttestOptions,
  type BakeResult,
  type Emit,
  type NoClobber,
  type ResolvedImage,
  type ResolvedPlan,
  type SignOptions,
} from '../build/index.ts'
import { createHashPool } from '../layer/index.ts'
import { hostPlatform, parseReference } from '../oci/index.ts'
import { cacheFolder, memoryLayerLog, openBlobCache, openLayerLog, type MemoFiles } from '../store/index.ts'
import { describeOutput, openDestinations } from './destinations.ts'
import { abortOnSignals } from './interruption.ts'
import type { Output } from './output.ts'
import { registryPool } from './registry-pool.ts'
import type { UsedLock } from './lock-file.ts'
import { openReporter } from './report/open-reporter.ts'
import { version } from './version.ts'

export interface RunOptions {
  /** every place images of the run go to */
  readonly outputs: readonly Output[]
  /** where an image goes, some of `outputs`; default: to all of them */
  readonly outputsOf?: (image: ResolvedImage) => readonly Output[]
  readonly progress: string
  readonly skipArtifacts?: boolean | undefined
  /** hash everything again */
  readonly noCache?: boolean | undefined
  /** builds of earlier runs; absent: every build is evaluated */
  readonly memos?: MemoFiles | undefined
  readonly noClobber?: NoClobber | undefined
  /** registry hosts for which TLS is no must */
  readonly insecure?: readonly string[] | undefined
  readonly lock?: UsedLock | undefined
  /** documents about each image; absent: none about any */
  readonly attest?: ((image: ResolvedImage) => AttestOptions | undefined) | undefined
  /** have pushed images signed; absent: they are not */
  readonly sign?: SignOptions | undefined
}

export interface RunResult extends BakeResult {
  readonly tally: Tally
  readonly destinations: readonly string[]
  /** documents about images in registries: those that were sent, and all */
  readonly documents: { readonly sent: number; readonly all: number }
}

/** Bytes of compressed layers that are kept between runs. */
const packedCap = 4 * 2 ** 30

/** @throws Failure, or the reason of the abort */
export async function runBake(plan: ResolvedPlan, options: RunOptions): Promise<RunResult> {
  const controller = new AbortController()
  const { signal } = controller
  const interruptions = abortOnSignals(controller)
  const tally = newTally()
  const reporter = openReporter(options.progress, process.env)
  const documents = { sent: 0, all: 0 }
  const emit: Emit = (event) => {
    reporter.emit(event)
    if (event.kind === 'referrer') {
      documents.all++
      if (event.state === 'pushed') documents.sent++
    }
    if (event.kind === 'publishing')
      interruptions.publish((message) => reporter.emit({ kind: 'warning', message }))
  }
  const cache = cacheFolder(process.env, homedir())
  const registries = registryPool({ tally, emit, signal, insecure: options.insecure })
  for (const host of pushHosts(plan, options)) registries.prepare(host)
  const addSources = newAddSources({ cache, signal })
  const pool = createHashPool()
  const packed = openBlobCache(`${cache}/packed-1`, { cap: packedCap })
  const openLog = (name: string) => (options.noCache ? memoryLayerLog() : openLayerLog(`${cache}/${name}`))
  try {
    const sourceDateEpoch = parseEpoch(process.env['SOURCE_DATE_EPOCH'])
    const { attest, sign } = options
    const signer = sign && (await newSigner({ ...sign, env: process.env, emit, signal }))
    const destinations = await openDestinations(options.outputs, {
      tally,
      emit,
      signal,
      registry: registries.open,
    })
    const { outputs, outputsOf } = options
    const result = await bake(plan, {
      destinations,
      ...(outputsOf && {
        destinationsOf: (image) => outputsOf(image).map((output) => destinations[outputs.indexOf(output)]!),
      }),
      layers: newLayerBuilder({ log: openLog('layers-1.log'), pool, tally, signal }),
      packer: newPacker({ openLog: () => openLog('packed-1.log'), cache: packed, tally, emit, signal }),
      memos: options.memos,
      resolveBase: newBaseResolver({
        registry: registries.pull,
        cache,
        ...options.lock,
        warn: (message, hint) => emit({ kind: 'warning', message, hint }),
      }),
      cache,
      addSources,
      delegateStage: newDelegator({ cache, env: process.env, emit, signal, noCache: options.noCache }),
      emit,
      tally,
      controller,
      noClobber: options.noClobber,
      buildPlatform: hostPlatform(),
      skipArtifacts: options.skipArtifacts ?? false,
      sourceDateEpoch,
      attest:
        attest &&
        (await newAttestor({
          asked: attest,
          plan,
          cache,
          env: process.env,
          emit,
          version,
          signal,
          sourceDateEpoch,
        })),
      signer,
    })
    return { ...result, tally, documents, destinations: options.outputs.map(describeOutput) }
  } finally {
    addSources.close()
    reporter.close()
    interruptions.release()
    await Promise.all([pool.close(), registries.close(), packed.trim()])
  }
}

/** Registries that this run will write to. */
function pushHosts(plan: ResolvedPlan, { outputs }: RunOptions): Set<string> {
  const isPushed = outputs.some(({ kind }) => kind === 'registry')
  const tags = isPushed ? plan.images.flatMap((image) => image.tags) : []
  return new Set(tags.map((tag) => parseReference(tag).registry))
}
