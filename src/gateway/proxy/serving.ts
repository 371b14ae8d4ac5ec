/** A snapshot as it is served. Immutable; a request keeps the one it began with. */
import type { HttpConnectionManager } from '../model/index.ts'
import type { AccessLogEntry } from './data-plane.ts'
import type { DataPlaneEvent } from './events.ts'
import type { Limits } from './limits.ts'
import type { RouteTable } from './match/route-table.ts'

/** What serves the requests of a chain. */
export interface HttpChain {
  readonly name: string
  readonly manager: HttpConnectionManager
  readonly routes: RouteTable
}

/** What exchanges are given from outside. */
export interface ServingEnvironment {
  readonly limits: Limits
  /** in [0, 1) */
  readonly random: () => number
  readonly emit: (event: DataPlaneEvent) => void
  readonly onAccess: ((entry: AccessLogEntry) => void) | undefined
}
