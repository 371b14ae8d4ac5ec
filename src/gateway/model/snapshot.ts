/**
 * The route model: what translators make and data planes serve. Resources and words are xDS's
 * (envoyproxy.io/docs, v3 API), without its wrappers; plain data that can be printed as JSON.
 * Precedence is resolved here: a data plane takes the first match everywhere.
 */
import type { Cluster } from './cluster.ts'
import type { Listener } from './listener.ts'
import type { RouteConfiguration } from './route.ts'
import type { Secret } from './secret.ts'

/** Everything a data plane serves at one moment. Immutable; names are unique inside each list. */
export interface Snapshot {
  /** SHA-256 of the content, hex; equal content has the same version */
  readonly version: string
  readonly listeners: readonly Listener[]
  readonly routeConfigurations: readonly RouteConfiguration[]
  readonly clusters: readonly Cluster[]
  readonly secrets: readonly Secret[]
}

/** What became of a listener of the snapshot: Programmed means bound, never translated. */
export interface ListenerReport {
  /** `Listener.name` */
  readonly listener: string
  readonly bound: boolean
  /** why it is not bound, such as `port 80 needs the capability CAP_NET_BIND_SERVICE` */
  readonly problem?: string
  /** the system's code, such as `EADDRINUSE` */
  readonly code?: string
}
