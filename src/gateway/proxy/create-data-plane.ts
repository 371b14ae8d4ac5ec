/** The embedded data plane: serves snapshots with Node.js alone. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Listener, ListenerReport, Snapshot } from '../model/index.ts'
import { LiveCluster } from './cluster/cluster.ts'
import type { ClusterEnvironment } from './cluster/environment.ts'
import type { Resolve } from './cluster/name-watch.ts'
import { newResolve } from './cluster/resolve.ts'
import type { AccessLogEntry, DataPlane } from './data-plane.ts'
import type { Downstream, DownstreamObserver } from './downstream/downstream.ts'
import { newEngines } from './downstream/new-engines.ts'
import { Terminators } from './downstream/terminators.ts'
import { LiveListener, type ListenerEnvironment } from './downstream/live-listener.ts'
import { compileServing, type Serving } from './compile-serving.ts'
import type { DataPlaneEvent } from './events.ts'
import { Exchange, mayUpgrade } from './exchange/exchange.ts'
import { LiveUdpListener } from './l4/live-udp-listener.ts'
import { newTcpEngine } from './l4/tcp-engine.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { ServingEnvironment } from './serving.ts'

export interface DataPlaneOptions {
  /** called at the end of every request */
  readonly onAccess?: (entry: AccessLogEntry) => void
  readonly onEvent?: (event: DataPlaneEvent) => void
  readonly limits?: Partial<Limits>
  /** looks up names; default: hosts file, DNS, the system */
  readonly resolve?: Resolve
  /** in [0, 1); default Math.random */
  readonly random?: () => number
}

type AnyListener = LiveListener | LiveUdpListener

/** milliseconds that `apply` waits for names of new clusters */
const namesTimeoutMs = 2000

/** Nothing is bound before the first `apply`. */
export function createDataPlane(options: DataPlaneOptions = {}): DataPlane {
  return new EmbeddedDataPlane(options)
}

class EmbeddedDataPlane implements DataPlane {
  readonly #clusters = new Map<string, LiveCluster>()
  readonly #listeners = new Map<string, AnyListener>()
  /** no longer bound, with connections that may still be busy */
  readonly #retired = new Set<AnyListener>()
  readonly #clusterEnvironment: ClusterEnvironment
  readonly #listenerEnvironment: ListenerEnvironment
  readonly #servingEnvironment: ServingEnvironment
  readonly #terminators: Terminators
  /** applications one after another */
  #queue: Promise<unknown> = Promise.resolve()

  constructor({
    onAccess,
    onEvent,
    limits: given,
    resolve = newResolve(),
    random = Math.random,
  }: DataPlaneOptions) {
    const limits = { ...defaultLimits, ...given }
    const emit = onEvent ?? (() => {})
    this.#servingEnvironment = { limits, random, emit, onAccess }
    this.#clusterEnvironment = { random, resolve, emit }
    const engines = newEngines(limits, (downstream) => this.#start(downstream), mayUpgrade)
    this.#terminators = new Terminators(limits)
    this.#listenerEnvironment = { limits, engines, tcp: newTcpEngine({ random, onAccess }), emit }
  }

  async apply(snapshot: Snapshot): Promise<readonly ListenerReport[]> {
    const applied = this.#queue.then(() => this.#apply(snapshot))
    this.#queue = applied.catch(() => {})
    return applied
  }

  async drain(limitMs: number): Promise<void> {
    await this.#queue
    for (const listener of this.#listeners.values()) this.#retire(listener)
    const deadline = performance.now() + limitMs
    // Who has just connected may be about to say something; who stays silent is not waited for.
    const patience = performance.now() + Math.min(limitMs, 250)
    const isBusy = () =>
      [...this.#retired].some(
        (listener) =>
          listener.connections.size > 0 ||
          ('arriving' in listener && listener.arriving.size > 0 && performance.now() < patience),
      )
    while (isBusy() && performance.now() < deadline) await delay(Math.min(20, limitMs))
    for (const listener of this.#retired) listener.destroy()
    for (const cluster of this.#clusters.values()) cluster.destroy()
    this.#clusters.clear()
    this.#listenerEnvironment.engines.http1.close()
    this.#listenerEnvironment.engines.http2.close()
  }

  clusters() {
    const now = Date.now()
    return [...this.#clusters.values()].map((cluster) => cluster.state(now))
  }

  async #apply(snapshot: Snapshot): Promise<readonly ListenerReport[]> {
    const gone = await this.#updateClusters(snapshot)
    const round = this.#terminators.round(new Map(snapshot.secrets.map((secret) => [secret.name, secret])))
    const { emit } = this.#servingEnvironment
    const serving = compileServing(snapshot, { clusters: this.#clusters, emit, terminators: round })
    const reports = await this.#updateListeners(snapshot.listeners, serving)
    round.commit()
    for (const cluster of gone) cluster.retire()
    for (const listener of this.#retired) if (listener.connections.size === 0) this.#retired.delete(listener)
    return reports
  }

  /** Clusters that are no longer in the snapshot, still serving what is on its way. */
  async #updateClusters({ clusters, secrets }: Snapshot): Promise<LiveCluster[]> {
    const secretsByName = new Map(secrets.map((secret) => [secret.name, secret]))
    const names = new Set(clusters.map(({ name }) => name))
    const gone = [...this.#clusters.values()].filter(({ name }) => !names.has(name))
    for (const { name } of gone) this.#clusters.delete(name)
    const ready = clusters.map((config) => {
      const known = this.#clusters.get(config.name)
      if (known !== undefined) known.update(config, secretsByName)
      const cluster = known ?? new LiveCluster(config, secretsByName, this.#clusterEnvironment)
      this.#clusters.set(config.name, cluster)
      return cluster.isReady
    })
    await Promise.race([
      Promise.all(ready),
      new Promise((resolve) => setTimeout(resolve, namesTimeoutMs).unref()),
    ])
    return gone
  }

  /** New listeners are bound, then everything is swapped at once, then old ones close. */
  async #updateListeners(configs: readonly Listener[], serving: Serving): Promise<ListenerReport[]> {
    const wanted = new Map(configs.map((config) => [config.name, config]))
    const old = [...this.#listeners.values()].filter(({ config }) => !wanted.has(config.name))
    const fresh: AnyListener[] = []
    const reports: ListenerReport[] = []
    for (const config of configs) {
      const known = this.#listeners.get(config.name)
      if (known === undefined) fresh.push(this.#newListener(config, serving))
      else {
        known.config = config
        if (known instanceof LiveUdpListener) known.served = serving.udpOf(config)
        else known.served = serving.chainsOf(config)
        reports.push({ listener: config.name, bound: true })
      }
    }
    for (const listener of fresh) reports.push(await this.#bind(listener, old))
    for (const listener of old) this.#retire(listener)
    return reports
  }

  /** An address that an old listener still holds, such as all of `0.0.0.0`, can be had only once that is closed. */
  async #bind(listener: AnyListener, old: AnyListener[]): Promise<ListenerReport> {
    let report = await listener.bind()
    const holders = old.filter(({ config }) => config.port === listener.config.port)
    if (report.code === 'EADDRINUSE' && holders.length > 0) {
      for (const holder of holders) this.#retire(holder)
      report = await listener.bind()
    }
    if (report.bound) this.#listeners.set(listener.config.name, listener)
    return report
  }

  #newListener(config: Listener, serving: Serving): AnyListener {
    return config.transport === 'udp'
      ? new LiveUdpListener(config, serving.udpOf(config), this.#servingEnvironment)
      : new LiveListener(config, serving.chainsOf(config), this.#listenerEnvironment)
  }

  #retire(listener: AnyListener): void {
    this.#listeners.delete(listener.config.name)
    this.#retired.add(listener)
    listener.retire()
  }

  #start(downstream: Downstream): DownstreamObserver | undefined {
    const chain = downstream.connection.chain()
    if (chain === undefined) {
      downstream.abort()
      return undefined
    }
    downstream.connection.began()
    const exchange = new Exchange(downstream, chain, this.#servingEnvironment)
    try {
      exchange.run()
    } catch (error) {
      this.#servingEnvironment.emit({ kind: 'bug', error })
      downstream.abort()
    }
    return exchange
  }
}
