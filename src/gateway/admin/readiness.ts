import type { GatewayState } from '../run/gateway.ts'

export interface Readiness {
  readonly isReady: boolean
  /** why it is not */
  readonly reasons: readonly string[]
}

/** Ready: a configuration is applied, every listener of it is bound, and the gateway is not about to end. */
export function readinessOf({
  reports,
  isDraining,
}: Pick<GatewayState, 'reports' | 'isDraining'>): Readiness {
  const reasons = reports
    .filter(({ bound }) => !bound)
    .map(({ listener, problem }) => `${listener} is not bound${problem === undefined ? '' : `: ${problem}`}`)
  if (isDraining) reasons.unshift('the gateway is ending')
  return { isReady: reasons.length === 0, reasons }
}
