/** The running gateway: files, objects, snapshot, data plane, status; and again whenever files change. */
import { Failure, type Waiting } from '../../base/index.ts'
import type { ListenerReport, Snapshot } from '../model/index.ts'
import { readConfigFiles, type ConfigFiles } from '../objects/config-files.ts'
import { watchConfig } from '../objects/config-watch.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import type { KubeObject } from '../objects/object.ts'
import { newObjectStore, type LoadedObjects } from '../objects/object-store.ts'
import type { DataPlane } from '../proxy/data-plane.ts'
import { compile, finalStatuses, type FinalStatus } from '../translate/compile.ts'
import type { TranslateOptions } from '../translate/translation.ts'
import { compareDiagnostics, diagnosticKey } from './diagnostic-order.ts'
import type { GatewayEvent } from './events.ts'
import { newNamedFiles } from './named-files.ts'
import { hasSameFiles, readSettledFiles } from './settled-files.ts'
import { withTransitionTimes } from './transition-times.ts'

export interface GatewayOptions extends Waiting {
  /** paths as `-c` takes them */
  readonly config: readonly string[]
  /** what `-` stands for */
  readonly standardInput?: string | undefined
  /** of objects that name none */
  readonly namespace: string
  /** unknown fields are errors, and with an error nothing is started */
  readonly strict: boolean
  readonly translate: Omit<TranslateOptions, 'readFile'>
  readonly plane: DataPlane
  /** when objects were first seen; see AgesFile */
  readonly ages: Map<string, number>
  /** told after each configuration that has effect */
  readonly onAges?: () => Promise<void>
  readonly emit: (event: GatewayEvent) => void
}

/** What the gateway does at this moment. */
export interface GatewayState {
  readonly snapshot: Snapshot
  readonly reports: readonly ListenerReport[]
  readonly statuses: readonly FinalStatus[]
  readonly diagnostics: readonly Diagnostic[]
  readonly objects: readonly KubeObject[]
  /** milliseconds since 1970 at which this configuration had effect */
  readonly appliedAt: number
  readonly reloads: number
  readonly isDraining: boolean
}

export interface Gateway {
  readonly state: () => GatewayState
  readonly plane: DataPlane
  /** Looks at the files now; resolves when what they hold has effect. */
  readonly reload: () => Promise<void>
  /** Follows changes of files from now on. */
  readonly watch: () => Promise<void>
  /** Fails readiness, then lets what runs end. Milliseconds. */
  readonly drain: (graceMs: number, limitMs: number) => Promise<void>
}

/** milliseconds between two tries to bind what could not be bound */
const rebindMs = 1000

/** Reads the files and serves them. @throws Failure GATEWAY_CONFIG when a path cannot be read */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, standardInput, namespace, strict, plane, ages, emit, signal } = options
  const store = newObjectStore({ namespace, strict, ages, now: Date.now })
  const named = newNamedFiles()
  named.remember()
  let files: ConfigFiles | undefined
  let state: GatewayState | undefined
  let served: ReturnType<typeof compile> | undefined
  let failure: Diagnostic | undefined
  let isDraining = false

  const load = async (): Promise<void> => {
    const start = performance.now()
    const next = await readSettledFiles({
      read: () => readConfigFiles(config, { standardInput }),
      before: files,
      ...(signal && { signal }),
    })
    const isAsServed = await named.isAsServed({ ...(signal && { signal }) })
    failure = undefined
    if (files && hasSameFiles(next, files) && isAsServed) return
    const loaded = await store.load(next)
    named.forget()
    const { objects } = loaded
    const compiled = compile({ objects, options: { ...options.translate, readFile: named.read } })
    named.remember()
    const diagnostics = [...loaded.diagnostics, ...compiled.diagnostics].toSorted(compareDiagnostics)
    if (strict && !state) refuseErrors(diagnostics, emit)
    const reports = await plane.apply(compiled.snapshot)
    const before = state
    files = next
    served = compiled
    state = nextState({ loaded, compiled, reports, diagnostics, before })
    tell(state, before, { emit, durationMs: performance.now() - start })
    await options.onAges?.()
  }
  /** Tries again to bind what could not be bound, as ports become free. */
  const rebind = async (): Promise<void> => {
    if (!state || state.reports.every(({ bound }) => bound)) return
    const before = state
    const reports = await plane.apply(before.snapshot)
    if (JSON.stringify(reports) === JSON.stringify(before.reports)) return
    state = { ...before, reports, statuses: statusesOf(served!, reports, before) }
    tellListeners(reports, before.reports, emit)
  }
  let running: Promise<void> = Promise.resolve()
  const enqueue = async (work: () => Promise<void>): Promise<void> => {
    const next = running.then(work)
    running = next.catch(() => undefined)
    return next
  }
  const reload = async (): Promise<void> => enqueue(load)
  const tellFailure = (error: unknown): void => {
    failure = reloadFailure(error)
    emit({ kind: 'diagnostic', diagnostic: failure })
  }
  await reload()
  let watcher: ReturnType<typeof watchConfig> | undefined
  const binder = setInterval(() => void enqueue(rebind).catch(tellFailure), rebindMs)
  binder.unref()
  return {
    plane,
    state: () => ({
      ...state!,
      isDraining,
      ...(failure && { diagnostics: [failure, ...state!.diagnostics] }),
    }),
    reload,
    async watch() {
      watcher = watchConfig({
        config,
        further: named.paths,
        onChange: () => void reload().catch(tellFailure),
      })
      await watcher.ready
      emit({ kind: 'watching' })
    },
    async drain(graceMs, limitMs) {
      isDraining = true
      watcher?.close()
      clearInterval(binder)
      emit({ kind: 'draining', limitMs })
      await running
      await new Promise((resolve) => setTimeout(resolve, graceMs))
      await plane.drain(limitMs)
    },
  }
}

interface Applied {
  readonly loaded: LoadedObjects
  readonly compiled: ReturnType<typeof compile>
  readonly reports: readonly ListenerReport[]
  readonly diagnostics: readonly Diagnostic[]
  readonly before: GatewayState | undefined
}

/** @throws Failure GATEWAY_CONFIG when there is an error */
function refuseErrors(diagnostics: readonly Diagnostic[], emit: GatewayOptions['emit']): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  if (errors === 0) return
  for (const diagnostic of diagnostics) emit({ kind: 'diagnostic', diagnostic })
  throw new Failure(
    'GATEWAY_CONFIG',
    `nothing is served, as --strict allows no errors and there are ${errors}`,
    {
      hint: 'put them right, or leave out --strict to serve the rest',
    },
  )
}

function nextState({ loaded, compiled, reports, diagnostics, before }: Applied): GatewayState {
  return {
    snapshot: compiled.snapshot,
    reports,
    statuses: statusesOf(compiled, reports, before),
    diagnostics,
    objects: loaded.all,
    appliedAt: Date.now(),
    reloads: (before?.reloads ?? -1) + 1,
    isDraining: false,
  }
}

function statusesOf(
  compiled: ReturnType<typeof compile>,
  reports: readonly ListenerReport[],
  before: GatewayState | undefined,
): FinalStatus[] {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const known = new Map(before?.statuses.map((status) => [statusKey(status), status.status]))
  return finalStatuses(compiled, reports).map((status) => ({
    ...status,
    status: withTransitionTimes(status.status, known.get(statusKey(status)), now),
  }))
}

function tell(
  state: GatewayState,
  before: GatewayState | undefined,
  { emit, durationMs }: { readonly emit: GatewayOptions['emit']; readonly durationMs: number },
): void {
  const [now, old] = [state, before].map(
    (each) => new Map(each?.diagnostics.map((diagnostic) => [diagnosticKey(diagnostic), diagnostic])),
  ) as [Map<string, Diagnostic>, Map<string, Diagnostic>]
  for (const [key, diagnostic] of old) if (!now.has(key)) emit({ kind: 'resolved', diagnostic })
  for (const [key, diagnostic] of now) if (!old.has(key)) emit({ kind: 'diagnostic', diagnostic })
  tellListeners(state.reports, before?.reports ?? [], emit)
  emit({
    kind: 'applied',
    version: state.snapshot.version,
    objects: state.objects.length,
    listeners: state.snapshot.listeners.length,
    routes: countRoutes(state.snapshot),
    errors: state.diagnostics.filter(({ severity }) => severity === 'error').length,
    warnings: state.diagnostics.filter(({ severity }) => severity === 'warning').length,
    durationMs,
    isFirst: before === undefined,
  })
}

function tellListeners(
  reports: readonly ListenerReport[],
  before: readonly ListenerReport[],
  emit: GatewayOptions['emit'],
): void {
  const reported = new Map(before.map((report) => [report.listener, report]))
  for (const { listener, bound, problem } of reports) {
    const known = reported.get(listener)
    if (known?.bound === bound && known.problem === problem) continue
    emit({ kind: 'listener', listener, bound, ...(problem !== undefined && { problem }) })
  }
}

/** Files that cannot be read at all, such as a folder that is gone. */
function reloadFailure(error: unknown): Diagnostic {
  const message = error instanceof Error ? error.message : String(error)
  return {
    severity: 'error',
    rule: 'reload-failed',
    message: `${message}; what was served before goes on`,
    at: { file: '-c', line: 1, column: 1 },
  }
}

function countRoutes({ routeConfigurations }: Snapshot): number {
  return routeConfigurations
    .flatMap(({ virtualHosts }) => virtualHosts)
    .reduce((sum, { routes }) => sum + routes.length, 0)
}

function statusKey({ kind, group, namespace, name }: FinalStatus): string {
  return `${kind}.${group}/${namespace}/${name}`
}
