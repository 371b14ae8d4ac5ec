import type { Cluster, Listener, RouteConfiguration, Secret } from '../model/index.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import type { KubeObject, ObjectSet } from '../objects/object.ts'
import type { ObjectStatus } from './status.ts'
import type { Topology } from './topology.ts'

/** What every translator is given. */
export interface TranslateInput {
  readonly objects: ObjectSet
  readonly options: TranslateOptions
}

export interface TranslateOptions {
  /** address that Gateways without one of their own bind; such as `127.0.0.1` */
  readonly address: string
  /**
   * Addresses for Gateways that would collide on `address`, taken in the order of their age; such as
   * `['127.0.1.1', ...]`. Default none: the younger one is reported.
   */
  readonly addressPool: readonly string[]
  /** labels of this proxy, for the selector of an Istio Gateway; default `istio: ingressgateway` */
  readonly labels: Readonly<Record<string, string>>
  /** default: nothing stands in front */
  readonly topology?: Topology
  /** ports of Ingresses, which name none; default 80 and 443 */
  readonly ingressPorts?: { readonly http: number; readonly https: number }
  /** DNS domain of short service names; default `cluster.local` */
  readonly domain: string
  /** reads a file that an Istio Gateway or DestinationRule names (`serverCertificate: /etc/certs/tls.crt`) */
  readonly readFile: (path: string) => string | undefined
}

/** What a translator makes: resources, what the objects' status becomes, and what people should know. Pure. */
export interface Translation {
  /** one filter chain each is enough: `compile` joins listeners of one name */
  readonly listeners: readonly Listener[]
  readonly routeConfigurations: readonly RouteConfiguration[]
  /** the same cluster may come from several translators: equal by name */
  readonly clusters: readonly Cluster[]
  readonly secrets: readonly Secret[]
  readonly statuses: readonly ObjectStatus[]
  readonly diagnostics: readonly Diagnostic[]
  /** by name of a cluster, whoever it comes from: what is laid over it (Istio DestinationRule) */
  readonly policies?: ReadonlyMap<string, Partial<Cluster>>
  /** objects that filter chains come from, by the name of the chain: where a collision is reported */
  readonly origins?: ReadonlyMap<string, KubeObject>
}

export type Translator = (input: TranslateInput) => Translation
