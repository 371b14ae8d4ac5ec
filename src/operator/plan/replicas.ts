/**
 * The count of pods handed to an autoscaler. A field that its only owner stops to apply falls back to its default, which
 * for replicas is one pod: so it is applied as it is until somebody else has it as well.
 */
import { asMap, valueAt, type KubeObject } from '../../kube/index.ts'
import { isOurEntry } from './ownership.ts'

/** The object with the replicas that are there, where leaving them out would scale down what an autoscaler is to scale. */
export function withReplicasKept(
  object: KubeObject,
  live: KubeObject,
  wanted: readonly KubeObject[],
): KubeObject {
  const spec = asMap(object['spec'])
  const replicas = valueAt(live, 'spec', 'replicas')
  if (!spec || 'replicas' in spec || typeof replicas !== 'number') return object
  const isScaled = wanted.some((other) => scales(other, object))
  return isScaled && isOursAlone(live) ? { ...object, spec: { ...spec, replicas } } : object
}

function scales(autoscaler: KubeObject, { kind, metadata }: KubeObject): boolean {
  return (
    autoscaler.kind === 'HorizontalPodAutoscaler' &&
    autoscaler.metadata.namespace === metadata.namespace &&
    valueAt(autoscaler, 'spec', 'scaleTargetRef', 'kind') === kind &&
    valueAt(autoscaler, 'spec', 'scaleTargetRef', 'name') === metadata.name
  )
}

function isOursAlone({ metadata }: KubeObject): boolean {
  const owners = (metadata.managedFields ?? []).filter(
    ({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:replicas'] !== undefined,
  )
  return owners.length > 0 && owners.every(isOurEntry)
}
