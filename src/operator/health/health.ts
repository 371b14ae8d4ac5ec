/**
 * Whether an object has become what it was applied for: the rules of kstatus (sigs.k8s.io/cli-utils) for the kinds of
 * Kubernetes, and the conditions `Ready`, `Reconciling` and `Stalled` for all others.
 */
import { asMap, valueAt, type KubeObject } from '../../kube/index.ts'

export type HealthStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating'

export interface Health {
  readonly status: HealthStatus
  /** one line, for people; empty when it is as it should be */
  readonly message: string
}

type Rule = (object: KubeObject) => Health

export const current: Health = { status: 'Current', message: '' }

export function inProgress(message: string): Health {
  return { status: 'InProgress', message }
}

function failed(message: string): Health {
  return { status: 'Failed', message }
}

export function healthOf(object: KubeObject): Health {
  if (object.metadata.deletionTimestamp !== undefined)
    return { status: 'Terminating', message: 'it is being deleted' }
  const observed = numberAt(object, 'status', 'observedGeneration')
  if (observed !== undefined && observed < (object.metadata.generation ?? 0))
    return inProgress('its controller has not seen the last change yet')
  const rule = rules.get(object.kind)
  return rule ? rule(object) : byConditions(object)
}

function deployment(object: KubeObject): Health {
  const progressing = conditionOf(object, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failed(progressing.message)
  const failure = conditionOf(object, 'ReplicaFailure')
  if (failure?.status === 'True') return inProgress(failure.message)
  const { wanted, updated, total, ready, available } = replicasOf(object)
  if (updated < wanted) return inProgress(`${updated} of ${wanted} pods are updated`)
  if (total > updated) return inProgress(`${total - updated} old pods are being stopped`)
  if (available < updated) return inProgress(`${available} of ${updated} updated pods are available`)
  if (ready < wanted) return inProgress(`${ready} of ${wanted} pods are ready`)
  if (!progressing && !hasStatus(object)) return inProgress('its controller has not seen it yet')
  if (wanted > 0 && conditionOf(object, 'Available')?.status !== 'True')
    return inProgress('it is not available')
  return current
}

function replicaSet(object: KubeObject): Health {
  const failure = conditionOf(object, 'ReplicaFailure')
  if (failure?.status === 'True') return inProgress(failure.message)
  const { wanted, total, ready, available } = replicasOf(object)
  if (!hasStatus(object)) return inProgress('its controller has not seen it yet')
  if (total !== wanted) return inProgress(`${total} of ${wanted} pods are there`)
  if (available < wanted || ready < wanted) return inProgress(`${ready} of ${wanted} pods are ready`)
  return current
}

function statefulSet(object: KubeObject): Health {
  if (valueAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') return current
  if (!hasStatus(object)) return inProgress('its controller has not seen it yet')
  const { wanted, total, ready } = replicasOf(object)
  if (total < wanted) return inProgress(`${total} of ${wanted} pods are there`)
  if (ready < wanted) return inProgress(`${ready} of ${wanted} pods are ready`)
  if (total > wanted) return inProgress(`${total - wanted} pods too many are being stopped`)
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? 0
  if (partition > 0)
    return updated < wanted - partition
      ? inProgress(`${updated} of ${wanted - partition} pods are updated`)
      : current
  const [now, next] = [
    valueAt(object, 'status', 'currentRevision'),
    valueAt(object, 'status', 'updateRevision'),
  ]
  return now === next ? current : inProgress(`${updated} of ${wanted} pods are updated`)
}

function daemonSet(object: KubeObject): Health {
  if (numberAt(object, 'status', 'observedGeneration') === undefined)
    return inProgress('its controller has not seen it yet')
  const count = (field: string) => numberAt(object, 'status', field) ?? 0
  const wanted = count('desiredNumberScheduled')
  for (const [field, what] of [
    ['currentNumberScheduled', 'are scheduled'],
    ['updatedNumberScheduled', 'are updated'],
    ['numberAvailable', 'are available'],
    ['numberReady', 'are ready'],
  ] as const) {
    const onDelete =
      field === 'updatedNumberScheduled' && valueAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete'
    if (!onDelete && count(field) < wanted) return inProgress(`${count(field)} of ${wanted} pods ${what}`)
  }
  return current
}

function pod(object: KubeObject): Health {
  const phase = valueAt(object, 'status', 'phase')
  if (phase === 'Succeeded') return current
  if (phase === 'Failed') return failed(textAt(object, 'status', 'message') || 'it has failed')
  const ready = conditionOf(object, 'Ready')
  return ready?.status === 'True' ? current : inProgress(ready?.message || 'it is not ready')
}

function job(object: KubeObject): Health {
  const failure = conditionOf(object, 'Failed')
  if (failure?.status === 'True') return failed(failure.message || failure.reason)
  if (conditionOf(object, 'Complete')?.status === 'True') return current
  // As kstatus has it: a job that has begun is as it should be, however long it takes.
  return valueAt(object, 'status', 'startTime') === undefined ? inProgress('it has not begun') : current
}

function service(object: KubeObject): Health {
  if (valueAt(object, 'spec', 'type') !== 'LoadBalancer') return current
  const ingress = valueAt(object, 'status', 'loadBalancer', 'ingress')
  return Array.isArray(ingress) && ingress.length > 0
    ? current
    : inProgress('it has no address of a load balancer yet')
}

function claim(object: KubeObject): Health {
  const phase = textAt(object, 'status', 'phase')
  return phase === 'Bound' ? current : inProgress(`it is ${phase || 'not bound'}`)
}

/** kstatus waits for the allowed disruptions to be counted, not for any to be allowed. */
function disruptionBudget(object: KubeObject): Health {
  return numberAt(object, 'status', 'observedGeneration') === undefined
    ? inProgress('its controller has not seen it yet')
    : current
}

function definition(object: KubeObject): Health {
  const names = conditionOf(object, 'NamesAccepted')
  if (names?.status === 'False') return failed(names.message)
  const established = conditionOf(object, 'Established')
  return established?.status === 'True'
    ? current
    : inProgress(established?.message || 'it is not established')
}

function namespace(object: KubeObject): Health {
  return valueAt(object, 'status', 'phase') === 'Terminating'
    ? { status: 'Terminating', message: 'it is being deleted' }
    : current
}

function byConditions(object: KubeObject): Health {
  const stalled = conditionOf(object, 'Stalled')
  if (stalled?.status === 'True') return failed(stalled.message || stalled.reason)
  const reconciling = conditionOf(object, 'Reconciling')
  if (reconciling?.status === 'True') return inProgress(reconciling.message || reconciling.reason)
  const ready = conditionOf(object, 'Ready')
  if (ready && ready.status !== 'True') return inProgress(ready.message || ready.reason)
  return current
}

/** Nothing follows from their conditions: an autoscaler without metrics still is what it should be. */
const always: Rule = () => current

const rules = new Map<string, Rule>([
  ['Deployment', deployment],
  ['ReplicaSet', replicaSet],
  ['StatefulSet', statefulSet],
  ['DaemonSet', daemonSet],
  ['Pod', pod],
  ['Job', job],
  ['CronJob', always],
  ['Service', service],
  ['PersistentVolumeClaim', claim],
  ['PodDisruptionBudget', disruptionBudget],
  ['CustomResourceDefinition', definition],
  ['Namespace', namespace],
  ['HorizontalPodAutoscaler', always],
  ['ConfigMap', always],
  ['Secret', always],
])

interface Condition {
  readonly status: string
  readonly reason: string
  readonly message: string
}

function conditionOf(object: KubeObject, type: string): Condition | undefined {
  const conditions = valueAt(object, 'status', 'conditions')
  const found = Array.isArray(conditions)
    ? conditions.map(asMap).find((one) => one?.['type'] === type)
    : undefined
  if (!found) return undefined
  const text = (field: string) => (typeof found[field] === 'string' ? found[field] : '')
  return { status: text('status'), reason: text('reason'), message: text('message') }
}

function replicasOf(object: KubeObject) {
  const count = (field: string) => numberAt(object, 'status', field) ?? 0
  return {
    wanted: numberAt(object, 'spec', 'replicas') ?? 1,
    total: count('replicas'),
    updated: count('updatedReplicas'),
    ready: count('readyReplicas'),
    available: count('availableReplicas'),
  }
}

function hasStatus(object: KubeObject): boolean {
  return numberAt(object, 'status', 'observedGeneration') !== undefined
}

function numberAt(object: KubeObject, ...path: readonly string[]): number | undefined {
  const value = valueAt(object, ...path)
  return typeof value === 'number' ? value : undefined
}

function textAt(object: KubeObject, ...path: readonly string[]): string {
  const value = valueAt(object, ...path)
  return typeof value === 'string' ? value : ''
}
