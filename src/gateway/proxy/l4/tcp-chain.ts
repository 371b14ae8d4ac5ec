/** A TCP chain as it is served: shares of its connections (xDS `TcpProxy`). */
import type { TcpProxy } from '../../model/index.ts'
import { weightedChoice } from '../action/weights.ts'
import type { LiveCluster } from '../cluster/cluster.ts'

export interface TcpChain {
  readonly name: string
  /** milliseconds; 0: none */
  readonly idleTimeoutMs: number
  /** nothing: the share is refused. `random` gives a number in [0, 1) */
  readonly choose: (random: () => number) => LiveCluster | undefined
}

const hourMs = 3_600_000

export function compileTcpChain(
  name: string,
  { targets, idleTimeoutMs = hourMs }: Pick<TcpProxy, 'targets' | 'idleTimeoutMs'>,
  clusterOf: (name: string) => LiveCluster | undefined,
): TcpChain {
  const clusters = targets.map(({ cluster }) => (cluster === undefined ? undefined : clusterOf(cluster)))
  const choice = weightedChoice(targets.map(({ weight }) => weight))
  return { name, idleTimeoutMs, choose: (random) => clusters[choice(random)] }
}
