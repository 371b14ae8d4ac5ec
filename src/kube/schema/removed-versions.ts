/** Versions of kinds that Kubernetes no longer serves ("Deprecated API Migration Guide"). */
import type { Kind } from '../object.ts'

export interface RemovedVersion {
  /** the first version of Kubernetes that does not serve it */
  readonly since: string
  /** what to write instead; nothing when the kind is gone */
  readonly successor: string | undefined
}

const removed: readonly [kinds: string, apiVersion: string, since: string, successor: string | undefined][] =
  [
    ['DaemonSet Deployment ReplicaSet', 'extensions/v1beta1', '1.16', 'apps/v1'],
    ['DaemonSet Deployment ReplicaSet StatefulSet', 'apps/v1beta1', '1.16', 'apps/v1'],
    ['DaemonSet Deployment ReplicaSet StatefulSet', 'apps/v1beta2', '1.16', 'apps/v1'],
    ['NetworkPolicy', 'extensions/v1beta1', '1.16', 'networking.k8s.io/v1'],
    ['PodSecurityPolicy', 'extensions/v1beta1', '1.16', undefined],
    ['Ingress', 'extensions/v1beta1', '1.22', 'networking.k8s.io/v1'],
    ['Ingress IngressClass', 'networking.k8s.io/v1beta1', '1.22', 'networking.k8s.io/v1'],
    ['CustomResourceDefinition', 'apiextensions.k8s.io/v1beta1', '1.22', 'apiextensions.k8s.io/v1'],
    ['APIService', 'apiregistration.k8s.io/v1beta1', '1.22', 'apiregistration.k8s.io/v1'],
    [
      'MutatingWebhookConfiguration ValidatingWebhookConfiguration',
      'admissionregistration.k8s.io/v1beta1',
      '1.22',
      'admissionregistration.k8s.io/v1',
    ],
    [
      'ClusterRole ClusterRoleBinding Role RoleBinding',
      'rbac.authorization.k8s.io/v1beta1',
      '1.22',
      'rbac.authorization.k8s.io/v1',
    ],
    ['Lease', 'coordination.k8s.io/v1beta1', '1.22', 'coordination.k8s.io/v1'],
    ['PriorityClass', 'scheduling.k8s.io/v1beta1', '1.22', 'scheduling.k8s.io/v1'],
    [
      'CSIDriver CSINode StorageClass VolumeAttachment',
      'storage.k8s.io/v1beta1',
      '1.22',
      'storage.k8s.io/v1',
    ],
    ['CronJob', 'batch/v1beta1', '1.25', 'batch/v1'],
    ['EndpointSlice', 'discovery.k8s.io/v1beta1', '1.25', 'discovery.k8s.io/v1'],
    ['PodDisruptionBudget', 'policy/v1beta1', '1.25', 'policy/v1'],
    ['PodSecurityPolicy', 'policy/v1beta1', '1.25', undefined],
    ['RuntimeClass', 'node.k8s.io/v1beta1', '1.25', 'node.k8s.io/v1'],
    ['HorizontalPodAutoscaler', 'autoscaling/v2beta1', '1.25', 'autoscaling/v2'],
    ['HorizontalPodAutoscaler', 'autoscaling/v2beta2', '1.26', 'autoscaling/v2'],
  ]

export function findRemovedVersion({ apiVersion, kind }: Kind): RemovedVersion | undefined {
  const found = removed.find(([kinds, version]) => version === apiVersion && kinds.split(' ').includes(kind))
  return found && { since: found[2], successor: found[3] }
}
