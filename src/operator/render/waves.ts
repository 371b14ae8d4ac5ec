/** The order in which objects are applied: what others stand on comes first. Deletion goes the other way. */
import type { Kind, KubeObject } from '../../kube/index.ts'

const waves: readonly (readonly string[])[] = [
  ['Namespace', 'CustomResourceDefinition', 'PriorityClass', 'StorageClass', 'RuntimeClass', 'IngressClass'],
  [
    'ServiceAccount',
    'Role',
    'ClusterRole',
    'RoleBinding',
    'ClusterRoleBinding',
    'ResourceQuota',
    'LimitRange',
    'Secret',
    'ConfigMap',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'NetworkPolicy',
  ],
  ['Service', 'DaemonSet', 'Deployment', 'StatefulSet', 'ReplicaSet', 'Pod', 'Job', 'CronJob'],
  [
    'PodDisruptionBudget',
    'HorizontalPodAutoscaler',
    'Ingress',
    'APIService',
    'MutatingWebhookConfiguration',
    'ValidatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
  ],
]

const order = waves.flat()

/** 0 to 3; kinds of custom resources come with the workloads. */
export function waveOf({ kind }: Kind): number {
  const wave = waves.findIndex((kinds) => kinds.includes(kind))
  return wave < 0 ? 2 : wave
}

/** Wave, kind, namespace, name: the same order whatever the order of the package. */
export function compareObjects(a: KubeObject, b: KubeObject): number {
  return (
    waveOf(a) - waveOf(b) ||
    rank(a) - rank(b) ||
    compareTexts(a.kind, b.kind) ||
    compareTexts(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareTexts(a.metadata.name, b.metadata.name) ||
    compareTexts(a.apiVersion, b.apiVersion)
  )
}

function rank({ kind }: KubeObject): number {
  const index = order.indexOf(kind)
  return index < 0 ? order.length : index
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
