import type { Cluster, Listener, RouteConfiguration, Secret } from '../../model/index.ts'
import type { Diagnostic } from '../../objects/diagnostic.ts'
import type { KubeObject } from '../../objects/object.ts'
import type { ObjectStatus } from '../status.ts'
import type { Translation } from '../translation.ts'

/** Collects what a translation is made of; resources of one name are kept once. */
export class Output {
  readonly #clusters = new Map<string, Cluster>()
  readonly #secrets = new Map<string, Secret>()
  readonly #diagnostics = new Map<string, Diagnostic>()
  readonly #origins = new Map<string, KubeObject>()
  readonly listeners: Listener[] = []
  readonly routeConfigurations: RouteConfiguration[] = []
  readonly statuses: ObjectStatus[] = []

  /** Returns the cluster's name. */
  cluster(name: string, make: () => Cluster): string {
    if (!this.#clusters.has(name)) this.#clusters.set(name, make())
    return name
  }

  /** Whether a cluster that is known has no endpoints. */
  isEmpty(cluster: string): boolean {
    return this.#clusters.get(cluster)?.endpoints.length === 0
  }

  /** Whether a cluster that is known is spoken to by TLS. */
  hasTls(cluster: string): boolean {
    return this.#clusters.get(cluster)?.tls !== undefined
  }

  /** Returns the secret's name. One Secret may give a pair and an authority. */
  secret(secret: Secret): string {
    this.#secrets.set(secret.name, { ...this.#secrets.get(secret.name), ...secret })
    return secret.name
  }

  /** Whether a certificate with its key is known by this name, and so was found good. */
  hasPair(name: string): boolean {
    return this.#secrets.get(name)?.privateKey !== undefined
  }

  /** The object that a filter chain is there for. */
  origin(chain: string, object: KubeObject): void {
    this.#origins.set(chain, object)
  }

  /** Reports about an object, at the nearest place to `path`; the same words at the same place are told once. */
  report(
    object: KubeObject,
    path: readonly (string | number)[],
    what: Pick<Diagnostic, 'severity' | 'rule' | 'message' | 'hint'>,
  ): void {
    const { namespace, name } = object.metadata
    const at = object.placeOf(path)
    const diagnostic = {
      ...what,
      at,
      object: `${object.kind} ${namespace === '' ? '' : `${namespace}/`}${name}`,
    }
    this.#diagnostics.set(
      `${diagnostic.object} ${at.file}:${at.line}:${at.column} ${what.message}`,
      diagnostic,
    )
  }

  done(): Translation {
    return {
      listeners: this.listeners,
      routeConfigurations: this.routeConfigurations,
      clusters: [...this.#clusters.values()],
      secrets: [...this.#secrets.values()],
      statuses: this.statuses,
      diagnostics: [...this.#diagnostics.values()],
      origins: this.#origins,
    }
  }
}
