import { compile, finalStatuses } from '../../src/gateway/translate/compile.ts'
import type { Compiled, FinalStatus } from '../../src/gateway/translate/compile.ts'
import type { ListenerReport } from '../../src/gateway/model/index.ts'
import type { ObjectSet } from '../../src/gateway/objects/object.ts'
import type { Condition } from '../../src/gateway/translate/status.ts'
import type { TranslateOptions } from '../../src/gateway/translate/translation.ts'

export const translateOptions: TranslateOptions = {
  address: '127.0.0.1',
  addressPool: [],
  labels: { istio: 'ingressgateway' },
  domain: 'cluster.local',
  readFile: () => undefined,
}

export function translated(objects: ObjectSet, options: Partial<TranslateOptions> = {}): Compiled {
  return compile({ objects, options: { ...translateOptions, ...options } })
}

/** The final status of `HTTPRoute default/web`, with every listener bound unless a report says otherwise. */
export function statusOf<Status>(
  compiled: Compiled,
  kind: string,
  key: string,
  reports: readonly ListenerReport[] = [],
): Status {
  const found = finalStatuses(compiled, reports).find(
    (status: FinalStatus) => status.kind === kind && `${status.namespace}/${status.name}` === key,
  )
  if (found === undefined) throw new Error(`no status of ${kind} ${key}`)
  return found.status as Status
}

/** `Accepted=False/NoMatchingParent` */
export function shortCondition({ type, status, reason }: Condition): string {
  return `${type}=${status}/${reason}`
}
