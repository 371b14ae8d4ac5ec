/** What the benchmark asks of a builder: the whole workload into a registry, as often as it is told. */
import type { BenchRegistry } from '../bench-registry.ts'
import type { Sample } from '../sample.ts'
import type { Workload } from '../workload.ts'

export interface Peer extends AsyncDisposable {
  /** name, version and what it does less, for the table of results */
  readonly name: string
  /** so slow that more rounds than these would be a waste; default: as many as asked for */
  readonly mostRounds?: number
  /** takes over what has changed in the workload; not measured */
  readonly prepare: () => Promise<void>
  /** builds all images and pushes them */
  readonly bake: () => Promise<Sample>
  /** forgets everything it has kept of earlier builds */
  readonly forget: () => Promise<void>
}

export interface PeerOptions {
  readonly workload: Workload
  /** its own; the destination of all it builds */
  readonly registry: BenchRegistry
}
