import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { KubeObject } from '../../kube/index.ts'
import { healthOf } from './health.ts'
import { podReasons } from './pod-reasons.ts'

type Fields = Readonly<Record<string, unknown>>

const object = (
  kind: string,
  status: Fields | undefined,
  spec: Fields = {},
  metadata: Fields = {},
): KubeObject =>
  ({
    apiVersion: 'x',
    kind,
    metadata: { name: 'a', generation: 2, ...metadata },
    spec,
    ...(status && { status }),
  }) as KubeObject
const condition = (type: string, status: string, reason = '', message = '') => ({
  type,
  status,
  reason,
  message,
})
const full = {
  observedGeneration: 2,
  replicas: 2,
  updatedReplicas: 2,
  readyReplicas: 2,
  availableReplicas: 2,
}
const available = [condition('Available', 'True'), condition('Progressing', 'True')]

describe('health, by kind', () => {
  const cases: readonly [name: string, object: KubeObject, status: string, message: string | RegExp][] = [
    [
      'anything that is being deleted',
      object('ConfigMap', undefined, {}, { deletionTimestamp: 'x' }),
      'Terminating',
      /deleted/,
    ],
    [
      'a controller that is behind',
      object('Deployment', { ...full, observedGeneration: 1 }),
      'InProgress',
      /has not seen the last change/,
    ],
    [
      'a Deployment without status',
      object('Deployment', undefined, { replicas: 2 }),
      'InProgress',
      '0 of 2 pods are updated',
    ],
    [
      'a Deployment that is complete',
      object('Deployment', { ...full, conditions: available }, { replicas: 2 }),
      'Current',
      '',
    ],
    [
      'one with old pods',
      object('Deployment', { ...full, replicas: 3, conditions: available }, { replicas: 2 }),
      'InProgress',
      '1 old pods are being stopped',
    ],
    [
      'one that is not available yet',
      object('Deployment', { ...full, availableReplicas: 1, conditions: available }, { replicas: 2 }),
      'InProgress',
      '1 of 2 updated pods are available',
    ],
    [
      'one whose deadline has passed',
      object('Deployment', {
        ...full,
        conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'too late')],
      }),
      'Failed',
      'too late',
    ],
    [
      'one of no pods',
      object('Deployment', { observedGeneration: 2, conditions: available }, { replicas: 0 }),
      'Current',
      '',
    ],
    [
      'a StatefulSet that rolls',
      object(
        'StatefulSet',
        { ...full, currentRevision: 'a', updateRevision: 'b', updatedReplicas: 1 },
        { replicas: 2 },
      ),
      'InProgress',
      '1 of 2 pods are updated',
    ],
    [
      'a StatefulSet with a partition',
      object(
        'StatefulSet',
        { ...full, updatedReplicas: 1, currentRevision: 'a', updateRevision: 'b' },
        { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      ),
      'Current',
      '',
    ],
    [
      'a StatefulSet on deletion',
      object('StatefulSet', undefined, { updateStrategy: { type: 'OnDelete' } }),
      'Current',
      '',
    ],
    [
      'a DaemonSet',
      object('DaemonSet', {
        observedGeneration: 2,
        desiredNumberScheduled: 3,
        currentNumberScheduled: 3,
        updatedNumberScheduled: 3,
        numberAvailable: 2,
        numberReady: 2,
      }),
      'InProgress',
      '2 of 3 pods are available',
    ],
    [
      'a DaemonSet that is complete',
      object('DaemonSet', {
        observedGeneration: 2,
        desiredNumberScheduled: 1,
        currentNumberScheduled: 1,
        updatedNumberScheduled: 1,
        numberAvailable: 1,
        numberReady: 1,
      }),
      'Current',
      '',
    ],
    [
      'a ReplicaSet',
      object('ReplicaSet', { ...full, readyReplicas: 1 }, { replicas: 2 }),
      'InProgress',
      '1 of 2 pods are ready',
    ],
    [
      'a Pod that is ready',
      object('Pod', { phase: 'Running', conditions: [condition('Ready', 'True')] }),
      'Current',
      '',
    ],
    ['a Pod that failed', object('Pod', { phase: 'Failed', message: 'evicted' }), 'Failed', 'evicted'],
    [
      'a Job that failed',
      object('Job', { conditions: [condition('Failed', 'True', 'BackoffLimitExceeded', 'too often')] }),
      'Failed',
      'too often',
    ],
    ['a Job that has begun', object('Job', { startTime: 'x' }), 'Current', ''],
    ['a Job that has not', object('Job', {}), 'InProgress', 'it has not begun'],
    ['a Service', object('Service', { loadBalancer: {} }, { type: 'ClusterIP' }), 'Current', ''],
    [
      'a LoadBalancer without address',
      object('Service', { loadBalancer: {} }, { type: 'LoadBalancer' }),
      'InProgress',
      /no address/,
    ],
    [
      'a LoadBalancer with one',
      object('Service', { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } }, { type: 'LoadBalancer' }),
      'Current',
      '',
    ],
    ['a claim', object('PersistentVolumeClaim', { phase: 'Pending' }), 'InProgress', 'it is Pending'],
    [
      'a budget that is counted',
      object('PodDisruptionBudget', { observedGeneration: 2, disruptionsAllowed: 0 }),
      'Current',
      '',
    ],
    [
      'a definition with a taken name',
      object('CustomResourceDefinition', { conditions: [condition('NamesAccepted', 'False', '', 'taken')] }),
      'Failed',
      'taken',
    ],
    [
      'a definition that is established',
      object('CustomResourceDefinition', { conditions: [condition('Established', 'True')] }),
      'Current',
      '',
    ],
    [
      'a custom resource that is stalled',
      object('Gateway', { conditions: [condition('Stalled', 'True', 'x', 'stuck')] }),
      'Failed',
      'stuck',
    ],
    [
      'a custom resource that reconciles',
      object('Gateway', { conditions: [condition('Reconciling', 'True', 'x', 'busy')] }),
      'InProgress',
      'busy',
    ],
    [
      'a custom resource that is not ready',
      object('Gateway', { conditions: [condition('Ready', 'Unknown', 'x', 'wait')] }),
      'InProgress',
      'wait',
    ],
    ['a custom resource that says nothing', object('Gateway', undefined), 'Current', ''],
  ]
  for (const [name, own, status, message] of cases)
    test(`${name} is ${status}`, () => {
      const health = healthOf(own)
      assert.equal(health.status, status)
      if (typeof message === 'string') assert.equal(health.message, message)
      else assert.match(health.message, message)
    })

  test('pods that say the same are counted, and those on their way say nothing', () => {
    const waiting = (reason: string) =>
      object('Pod', { containerStatuses: [{ name: 'web', state: { waiting: { reason } } }] })
    const ended = object('Pod', {
      containerStatuses: [{ name: 'web', state: { terminated: { exitCode: 3, reason: 'Error' } } }],
    })
    const stuck = object('Pod', {
      conditions: [condition('PodScheduled', 'False', 'Unschedulable', 'no node has room')],
    })
    assert.deepEqual(
      podReasons([
        waiting('ErrImagePull'),
        waiting('ErrImagePull'),
        waiting('ContainerCreating'),
        ended,
        stuck,
      ]),
      [
        'container web of 2 pods: ErrImagePull',
        'container web: Error with 3',
        'scheduling: no node has room',
      ],
    )
  })
})
