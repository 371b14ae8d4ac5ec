import type { Resolve } from './name-watch.ts'
import type { DataPlaneEvent } from '../events.ts'

/** What clusters are given from outside. */
export interface ClusterEnvironment {
  /** in [0, 1) */
  readonly random: () => number
  readonly resolve: Resolve
  readonly emit: (event: DataPlaneEvent) => void
}
