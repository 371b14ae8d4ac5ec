/** A cluster while it is served: its endpoints, their balancing, its limits. Lives on over reloads that keep its name. */
import type { ConnectionOptions } from 'node:tls'
import { isDeepStrictEqual } from 'node:util'
import type { Cluster, Endpoint, Secret } from '../../model/index.ts'
import { newBalancer, type Balancer } from '../balance/balancer.ts'
import type { ClusterState } from '../data-plane.ts'
import type { UpstreamReceiver, UpstreamRequest, UpstreamStream } from '../upstream/upstream.ts'
import { Usage } from '../upstream/usage.ts'
import { availableEndpoints } from './available.ts'
import type { ClusterEnvironment } from './environment.ts'
import { DynamicHosts } from './dynamic-hosts.ts'
import { keyOf, LiveEndpoint } from './endpoint.ts'
import { watchHealth } from './health-check.ts'
import { NameWatch } from './name-watch.ts'
import { Outliers } from './outliers.ts'
import { newPool, poolName, type PoolSettings } from './pools.ts'
import { upstreamTls, type CompiledTls } from './upstream-tls.ts'

export class LiveCluster {
  readonly name: string
  readonly usage = new Usage()
  config: Cluster
  endpoints: readonly LiveEndpoint[] = []
  /** why no connection can be made at all */
  broken: string | undefined
  readonly #environment: ClusterEnvironment
  #secrets: readonly (Secret | undefined)[] = []
  #tls: CompiledTls | undefined
  #balancer: Balancer<LiveEndpoint>
  #available: readonly LiveEndpoint[] | undefined
  #names: NameWatch | undefined
  #hosts: DynamicHosts | undefined
  #outliers: Outliers
  #stopHealth: (() => void) | undefined

  constructor(config: Cluster, secrets: ReadonlyMap<string, Secret>, environment: ClusterEnvironment) {
    this.name = config.name
    this.config = config
    this.#environment = environment
    this.#balancer = newBalancer(config.loadBalancer?.policy ?? 'least-request', environment.random)
    this.#outliers = new Outliers(config.outlierDetection)
    this.#start(config, secrets)
  }

  /** Takes a new version; connections to endpoints that stay as they are live on. */
  update(config: Cluster, secrets: ReadonlyMap<string, Secret>): void {
    const isSame =
      isDeepStrictEqual(this.config, config) && isDeepStrictEqual(this.#secrets, secretsOf(config, secrets))
    if (isSame) return
    const before = this.config
    this.#balancer = newBalancer(config.loadBalancer?.policy ?? 'least-request', this.#environment.random)
    this.#outliers = new Outliers(config.outlierDetection)
    const keepsConnections =
      isDeepStrictEqual(connectionPart(before), connectionPart(config)) &&
      isDeepStrictEqual(this.#secrets, secretsOf(config, secrets))
    this.config = config
    this.#start(config, secrets, keepsConnections)
  }

  #start(config: Cluster, secrets: ReadonlyMap<string, Secret>, keepsConnections = true): void {
    this.usage.limits = config.limits ?? {}
    this.#secrets = secretsOf(config, secrets)
    if (!keepsConnections || this.#tls === undefined) this.#tls = upstreamTls(config.tls, secrets)
    this.broken = this.#tls.broken
    if (!keepsConnections) {
      for (const endpoint of this.endpoints) {
        endpoint.retire()
        endpoint.pools.clear()
      }
    }
    const isNamed = config.discovery === 'strict-dns' || config.discovery === 'logical-dns'
    if (isNamed) {
      this.#names ??= this.#newNameWatch()
      this.#names.watch(config.endpoints)
    } else {
      this.#names?.stop()
      this.#names = undefined
      this.#hosts = undefined
      this.#setEndpoints(config.discovery === 'static' ? config.endpoints : [])
    }
  }

  /** for connections of its own; nothing: plain text */
  get tls(): ConnectionOptions | undefined {
    return this.#tls?.options
  }

  #newNameWatch(): NameWatch {
    return new NameWatch(this.#environment.resolve, (endpoints) => this.#setEndpoints(endpoints))
  }

  /** resolves when names have been looked up for the first time, whatever came of it */
  get isReady(): Promise<void> {
    return this.#names?.isReady ?? Promise.resolve()
  }

  /** For `dynamic-dns`: the host of a request becomes endpoints, if it fits the wildcard and can be resolved. */
  async resolveHost(host: string): Promise<void> {
    this.#hosts ??= new DynamicHosts({
      names: (this.#names ??= this.#newNameWatch()),
      wildcard: this.config.endpoints[0],
      port: this.config.tls ? 443 : 80,
      isFound: (name) => this.endpoints.some(({ config }) => config.hostname === name),
    })
    await this.#hosts.resolve(host)
  }

  /** Nothing when no endpoint can be chosen. */
  choose({ hash, avoid, host }: Wish = {}): LiveEndpoint | undefined {
    this.#available ??= availableEndpoints(
      this.endpoints,
      this.config.outlierDetection?.minHealthPercent ?? 0,
    )
    let available = this.#available
    if (this.config.discovery === 'dynamic-dns') {
      available = available.filter(({ config }) => (config.hostname ?? config.address) === host)
    }
    if (avoid !== undefined && avoid.size > 0) {
      const fresh = available.filter((endpoint) => !avoid.has(endpoint))
      if (fresh.length > 0) return this.#balancer.pick(fresh, hash)
    }
    return available.length === 0 ? undefined : this.#balancer.pick(available, hash)
  }

  /** The endpoint that a session names, when it is still there and well. */
  ofToken(token: string): LiveEndpoint | undefined {
    return this.endpoints.find((endpoint) => endpoint.token === token && endpoint.isAvailable)
  }

  /** Sends a request to an endpoint; `isHttp2` is what the client spoke, for clusters that follow it. */
  send(
    endpoint: LiveEndpoint,
    request: UpstreamRequest,
    receiver: UpstreamReceiver,
    isHttp2: boolean,
  ): UpstreamStream {
    const settings: PoolSettings = {
      config: this.config,
      tls: this.#tls?.options,
      usage: this.usage,
      isHttp2,
      request,
      onBug: (error) => this.#environment.emit({ kind: 'bug', error }),
    }
    // A connection that names one client is of no use to another.
    if (this.config.proxyProtocol) return newPool(endpoint.config, settings).send(request, receiver)
    const name = poolName(settings)
    let pool = endpoint.pools.get(name)
    if (pool === undefined) {
      pool = newPool(endpoint.config, settings)
      endpoint.pools.set(name, pool)
    }
    return pool.send(request, receiver)
  }

  /** Counts what became of a request. `status` 0: there was no answer. */
  ended(endpoint: LiveEndpoint, status: number): void {
    const isFailure = status === 0 || status >= 500
    if (isFailure) endpoint.failures++
    if (this.#outliers.ended(endpoint, status, this.endpoints)) {
      this.#available = undefined
      const { whyEjected } = endpoint
      this.#environment.emit({
        kind: 'endpoint-ejected',
        cluster: this.name,
        endpoint: endpoint.key,
        why: whyEjected,
      })
      const back = () => {
        if (endpoint.ejectedUntil > Date.now()) return
        endpoint.ejectedUntil = 0
        this.#available = undefined
        this.#environment.emit({ kind: 'endpoint-returned', cluster: this.name, endpoint: endpoint.key })
      }
      setTimeout(back, endpoint.ejectedUntil - Date.now() + 1).unref()
    }
  }

  state(now: number): ClusterState {
    return {
      cluster: this.name,
      endpoints: this.endpoints.map((endpoint) => {
        const { key, config, active, requests, failures, sick, ejectedUntil, whyEjected, isAvailable } =
          endpoint
        const left = Math.max(0, Math.ceil((ejectedUntil - now) / 1000))
        const why = this.broken ?? sick ?? (ejectedUntil > 0 ? `${whyEjected}, back in ${left} s` : undefined)
        return {
          address: key,
          ...(config.label !== undefined && { label: config.label }),
          healthy: isAvailable && this.broken === undefined,
          ...(why !== undefined && { why }),
          activeRequests: active,
          requests,
          failures,
        }
      }),
    }
  }

  /** Nothing is sent any more; requests that run end as they like. */
  retire(): void {
    this.#names?.stop()
    this.#stopHealth?.()
    for (const endpoint of this.endpoints) endpoint.retire()
  }

  destroy(): void {
    this.retire()
    for (const endpoint of this.endpoints) for (const pool of endpoint.pools.values()) pool.destroy()
  }

  #setEndpoints(configs: readonly Endpoint[]): void {
    const before = new Map(this.endpoints.map((endpoint) => [endpoint.key, endpoint]))
    const after = new Map<string, LiveEndpoint>()
    const warmupMs = this.endpoints.length === 0 ? 0 : (this.config.loadBalancer?.warmupSeconds ?? 0) * 1000
    for (const config of configs) {
      const key = keyOf(config)
      if (after.has(key)) continue
      const endpoint = before.get(key) ?? new LiveEndpoint(config, warmupMs)
      endpoint.config = config
      after.set(key, endpoint)
    }
    for (const [key, endpoint] of before) if (!after.has(key)) endpoint.retire()
    this.endpoints = [...after.values()]
    this.#available = undefined
    this.#stopHealth?.()
    const check = this.config.healthCheck
    const changed = () => {
      this.#available = undefined
    }
    this.#stopHealth = check && watchHealth({ cluster: this, check, emit: this.#environment.emit, changed })
  }
}

export interface Wish {
  /** of what the hash policy names */
  readonly hash?: number | undefined
  /** endpoints that are taken only when there are no others */
  readonly avoid?: ReadonlySet<LiveEndpoint> | undefined
  /** of the request, for `dynamic-dns` */
  readonly host?: string
}

/** What connections depend on: when it changes they are opened anew. */
function connectionPart({ tls, protocol, limits, connectTimeoutMs, proxyProtocol }: Cluster) {
  return { tls, protocol, limits, connectTimeoutMs, proxyProtocol }
}

function secretsOf({ tls }: Cluster, secrets: ReadonlyMap<string, Secret>): (Secret | undefined)[] {
  if (tls === undefined) return []
  const trusted = typeof tls.trust === 'object' ? secrets.get(tls.trust.secret) : undefined
  return [trusted, tls.clientCertificate === undefined ? undefined : secrets.get(tls.clientCertificate)]
}
