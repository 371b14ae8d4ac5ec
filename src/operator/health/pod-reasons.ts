/** Why the pods of a workload are not ready: what their containers say, once for all pods that say the same. */
import { asMap, valueAt, type KubeObject } from '../../kube/index.ts'

/** `container nginx of 2 pods: ImagePullBackOff: Back-off pulling image "nginx:0"`; none when nothing is wrong. */
export function podReasons(pods: readonly KubeObject[]): string[] {
  const counted = new Map<string, { readonly where: string; readonly why: string; pods: number }>()
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined) continue
    for (const { where, why } of reasonsOf(pod)) {
      const known = counted.get(`${where} ${why}`)
      if (known) known.pods++
      else counted.set(`${where} ${why}`, { where, why, pods: 1 })
    }
  }
  return [...counted.values()].map(
    ({ where, why, pods: count }) => `${where}${count > 1 ? ` of ${count} pods` : ''}: ${why}`,
  )
}

function reasonsOf(pod: KubeObject): { where: string; why: string }[] {
  const containers = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ]
  const reasons = containers.flatMap((container) => {
    const why = containerReason(container)
    return why === undefined ? [] : [{ where: `container ${String(valueAt(container, 'name'))}`, why }]
  })
  if (reasons.length > 0) return reasons
  const unschedulable = listAt(pod, 'status', 'conditions')
    .map(asMap)
    .find((condition) => condition?.['type'] === 'PodScheduled' && condition['status'] === 'False')
  return unschedulable
    ? [{ where: 'scheduling', why: textAt(unschedulable, 'message') || 'no node takes it' }]
    : []
}

/** States a container passes through on its way are no reasons. */
const passing = new Set(['ContainerCreating', 'PodInitializing'])

function containerReason(container: unknown): string | undefined {
  const waiting = asMap(valueAt(container, 'state', 'waiting'))
  const reason = waiting?.['reason']
  if (typeof reason === 'string' && !passing.has(reason)) {
    const last = asMap(valueAt(container, 'lastState', 'terminated'))
    const ended = last ? ` (it ended with ${String(last['exitCode'])})` : ''
    const message = waiting?.['message']
    return `${reason}${typeof message === 'string' && message !== '' ? `: ${message}` : ''}${ended}`
  }
  const ended = asMap(valueAt(container, 'state', 'terminated'))
  if (ended && ended['exitCode'] !== 0)
    return `${textAt(ended, 'reason') || 'it ended'} with ${String(ended['exitCode'])}`
  return undefined
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = valueAt(value, ...path)
  return Array.isArray(list) ? list : []
}

function textAt(value: unknown, field: string): string {
  const text = valueAt(value, field)
  return typeof text === 'string' ? text : ''
}
