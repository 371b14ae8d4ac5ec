/**
 * What a process keeps between its runs: clients of registries, what is known of layers and bases, hashing threads, and
 * the registry it serves. A process that watches is quick because of it.
 */
import { homedir } from 'node:os'
import { newTally, type Tally } from '../base/index.ts'
import {
  bake,
  newAttestor,
  newDelegator,
  newAddSources,
  newLayerBuilder,
  newLayerStreams,
  newSigner,
  newPacker,
  parseEpoch,
  newBaseResolver,
  type BakeOptions,
  type Emit,
  type ResolvedPlan,
} from '../build/index.ts'
import { createHashPool } from '../layer/index.ts'
import { hostPlatform } from '../oci/index.ts'
import { cacheFolder, prunedAt, cachePath, openMemoFiles } from '../store/index.ts'
import { describeOutput, openDestinations } from './destinations.ts'
import { memoryFavouring } from './favour-memory.ts'
import { registryPool } from './registry-pool.ts'
import { openRunCache } from './run-cache.ts'
import type { RunOptions, RunResult } from './run.ts'
import type { Serving } from './serving.ts'
import { buildVersion, version } from './version.ts'

export interface SessionOptions {
  /** ends everything when it aborts */
  readonly controller: AbortController
  /** hash everything again */
  readonly noCache?: boolean | undefined
  /** registry hosts for which TLS is no must */
  readonly insecure?: readonly string[] | undefined
  /** told of everything, also of what happens between runs */
  readonly emit: Emit
}

export interface RunWith {
  /** of this run; its abort leaves the session as it is */
  readonly controller: AbortController
  /** told what each build looked at */
  readonly onInputs?: BakeOptions['onInputs']
}

export interface Session {
  /** One run; one at a time. @throws Failure, or the reason of the abort */
  readonly run: (plan: ResolvedPlan, options: RunOptions, how: RunWith) => Promise<RunResult>
  /** has the logins of registries looked up while other things go on */
  readonly prepare: (hosts: Iterable<string>) => void
  /** the registry that is served, once a run has an output for it */
  readonly serving: () => Serving | undefined
  readonly close: () => Promise<void>
}

export function openSession({ controller, noCache, insecure, emit }: SessionOptions): Session {
  const { signal } = controller
  const { env } = process
  const cache = cacheFolder(env, homedir())
  const tally = newTally()
  const registries = registryPool({ tally, emit, signal, insecure })
  const addSources = newAddSources({ cache, signal })
  const pool = createHashPool()
  const memory = openRunCache(cache, { noCache })
  const warn = (message: string, hint: string) => emit({ kind: 'warning', message, hint })
  let bases: { readonly lock: RunOptions['lock']; readonly resolve: BakeOptions['resolveBase'] } | undefined
  const favourMemory = memoryFavouring()
  let serving: Promise<Serving> | undefined
  let isServing: Serving | undefined

  /** A name is looked up once, however many runs use it. */
  const resolverFor = (lock: RunOptions['lock']): BakeOptions['resolveBase'] => {
    if (bases && bases.lock === lock) return bases.resolve
    const resolve = newBaseResolver({ registry: registries.pull, cache, ...lock, warn })
    bases = { lock, resolve }
    return resolve
  }
  return {
    async run(plan, options, how) {
      Object.assign(tally, newTally())
      await memory.use({ signal: how.controller.signal })
      const documents = { sent: 0, all: 0 }
      const counted: Emit = (event) => {
        favourMemory(event)
        if (event.kind === 'referrer') documents.all++
        if (event.kind === 'referrer' && event.state === 'pushed') documents.sent++
        emit(event)
      }
      const common = { emit: counted, signal: how.controller.signal }
      const { attest, sign, outputs, outputsOf } = options
      const sourceDateEpoch = parseEpoch(env['SOURCE_DATE_EPOCH'])
      const signer = sign && (await newSigner({ ...sign, env, ...common }))
      const destinations = await openDestinations(outputs, {
        ...common,
        tally,
        registry: registries.open,
        pushed: noCache ? undefined : openMemoFiles(cachePath(cache, 'pushed')),
        async serve(output) {
          serving ??= import('./serving.ts').then(({ openServing }) => openServing(output, { tally, emit }))
          isServing = await serving
          return isServing.destinations
        },
      })
      const destinationsOf: BakeOptions['destinationsOf'] =
        outputsOf && ((image) => outputsOf(image).map((output) => destinations[outputs.indexOf(output)]!))
      const result = await bake(plan, {
        ...how,
        emit: counted,
        destinations,
        destinationsOf,
        layers: newLayerBuilder({
          log: memory.layers(),
          notes: memory.recipes,
          emit: counted,
          pool,
          tally,
          // Nothing goes out for an image that --no-clobber may yet refuse.
          streams: options.noClobber
            ? undefined
            : newLayerStreams({
                slots: memory.slots,
                destinationsOf: destinationsOf ?? (() => destinations),
                tally,
                emit: counted,
              }),
          signal: common.signal,
        }),
        packer: newPacker({ openLog: memory.compressed, cache: memory.packed, tally, ...common }),
        memos: options.memos,
        history: {
          store: memory.history,
          program: buildVersion,
          explain: options.explain
            ? {
                recipeOf: memory.recipes.read,
                isUncached: noCache ?? false,
                prunedAt: prunedAt(cache),
              }
            : undefined,
        },
        resolveBase: resolverFor(options.lock),
        cache,
        addSources,
        delegateStage: newDelegator({ cache, env, ...common, noCache }),
        tally,
        noClobber: options.noClobber,
        buildPlatform: hostPlatform(),
        skipArtifacts: options.skipArtifacts ?? false,
        sourceDateEpoch,
        attest:
          attest &&
          (await newAttestor({ asked: attest, plan, cache, env, ...common, version, sourceDateEpoch })),
        signer,
      })
      return { ...result, tally: copyOf(tally), documents, destinations: outputs.map(describeOutput) }
    },
    prepare(hosts) {
      for (const host of hosts) registries.prepare(host)
    },
    serving: () => isServing,
    async close() {
      addSources.close()
      await serving?.then((each) => each.close()).catch(() => undefined)
      await Promise.all([pool.close(), registries.close()])
      await memory.close()
    },
  }
}

function copyOf(tally: Tally): Tally {
  return { ...tally, requests: { ...tally.requests } }
}
