/** Asks endpoints whether they are well (xDS `HealthCheck`). */
import type { HealthCheck } from '../../model/index.ts'
import type { DataPlaneEvent } from '../events.ts'
import type { LiveCluster } from './cluster.ts'

export interface HealthWatch {
  readonly cluster: LiveCluster
  readonly check: HealthCheck
  readonly emit: (event: DataPlaneEvent) => void
  /** called when an endpoint became sick or well */
  readonly changed: () => void
}

/** Starts; the function stops. */
export function watchHealth(_watch: HealthWatch): () => void {
  return () => {}
}
