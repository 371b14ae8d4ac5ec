/** What comes after the first apply, on a real control plane: adopt, eject, roll back, look, delete. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import type { KubeObject } from '../../src/kube/index.ts'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { runKubectl, skipWithoutKubectl } from '../support/cluster/kubectl.ts'
import { liveObjects, operatorCli, readObjects } from '../support/cluster/operator-cli.ts'

const skip = (await skipWithoutControlPlane()) || (await skipWithoutKubectl())

suite('the life of an installation', { skip, timeout: 600_000 }, () => {
  let cluster: ControlPlane
  const operator = operatorCli(() => cluster)
  before(async () => {
    cluster = await startControlPlane()
  })
  after(() => cluster?.stop())

  const deployment = (namespace: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace,
    name: 'web',
  })
  const podUids = async (namespace: string) =>
    (await cluster.client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace }))
      .map((pod) => pod.metadata.uid ?? '')
      .toSorted((a, b) => (a < b ? -1 : 1))
  const managersOf = (object: KubeObject | undefined) =>
    (object?.metadata.managedFields ?? [])
      .filter(({ subresource }) => !subresource)
      .map(({ manager, operation }) => `${manager} ${operation}`)

  test('ejected, kubectl goes on with no conflict and no difference; adopted, no pod notices', async () => {
    const namespace = await cluster.newNamespace()
    const file = await operator.nginx('{}')
    await operator.ok('apply', file, '-n', namespace, '--wait')
    const pods = await podUids(namespace)
    const out = cluster.folder.join('ejected.yaml')
    await operator.ok('eject', 'web', '-n', namespace, '-o', out)
    const manifests = await readFile(out, 'utf8')
    const objects = readObjects(manifests)
    assert.equal(objects.length, 7)
    assert.doesNotMatch(manifests, /applyset/)
    for (const live of await liveObjects(cluster, objects)) {
      assert.deepEqual(Object.keys(live.metadata.labels ?? {}).toSorted(), [
        'app.kubernetes.io/instance',
        'app.kubernetes.io/name',
      ])
      assert.deepEqual(managersOf(live), ['kubectl Apply'])
    }
    assert.equal(
      await cluster.client.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'slipway-web' }),
      undefined,
    )
    for (const manager of ['kubectl', 'somebody-else']) {
      const flags = ['--server-side', `--field-manager=${manager}`, '-f']
      // Ends with 1 if there is a difference, which makes it fail here.
      assert.equal(await runKubectl(cluster, ['diff', ...flags], manifests), '')
      await runKubectl(cluster, ['apply', ...flags], manifests)
    }
    const adopted = await operator.ok('adopt', file, '-n', namespace, '--wait')
    assert.match(adopted.stderr, /Deployment test-\d+\/web adopted/)
    assert.deepEqual(await podUids(namespace), pods)
    assert.deepEqual(managersOf(await cluster.client.get(deployment(namespace))), [
      'somebody-else Apply',
      'slipway Apply',
    ])
    assert.equal((await operator.run('diff', file, '-n', namespace)).status, 0)
  })

  test('what kubectl has applied on the client is adopted, and a field that is dropped then goes', async () => {
    const namespace = await cluster.newNamespace()
    const rendered = (await operator.ok('render', await operator.nginx('{}'), '-n', namespace)).stdout
    await runKubectl(cluster, ['apply', '-f'], rendered)
    const refused = await operator.run('apply', await operator.nginx('{}'), '-n', namespace)
    assert.equal(refused.status, 1)
    assert.match(
      refused.stderr,
      /Deployment test-\d+\/web exists already and was not made by this installation/,
    )
    assert.match(refused.stderr, /managed by kubectl-client-side-apply/)
    const changed = await operator.run('adopt', await operator.nginx('{replicas: 5}'), '-n', namespace)
    assert.equal(changed.status, 1)
    assert.match(changed.stderr, /adopting would change what is there\n(?:.*\n)*.*spec\.replicas: 2 -> 5/)
    await operator.ok('adopt', await operator.nginx('{}'), '-n', namespace)
    const overlay = `  overlays:
  - target: {kind: PodDisruptionBudget}
    patch: {spec: {unhealthyPodEvictionPolicy: null}}`
    await operator.ok('apply', await operator.installation(overlay), '-n', namespace)
    const budget = await cluster.client.get({
      ...deployment(namespace),
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
    })
    assert.equal(
      (budget!['spec'] as { unhealthyPodEvictionPolicy?: string }).unhealthyPodEvictionPolicy,
      undefined,
    )
  })

  test('a rollout that cannot work says why, status shows it, and rollback brings the last one back', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace, '--wait')
    const before = await cluster.client.get(deployment(namespace))
    const broken = await operator.nginx('{image: "registry.test/missing:1"}')
    const failed = await operator.run('apply', broken, '-n', namespace, '--wait', '--timeout', '3')
    assert.equal(failed.status, 1)
    assert.match(
      failed.stderr,
      /Deployment test-\d+\/web is not ready within 3 s: .*container nginx: ImagePullBackOff/,
    )
    const status = await operator.run('status', 'web', '-n', namespace)
    assert.equal(status.status, 1)
    assert.match(status.stdout, /^web in test-\d+: nginx 1\.0\.0, revision 2, not ready\n/)
    assert.match(
      status.stdout,
      /─ Deployment web not ready: .*\n.*─ container nginx: ImagePullBackOff: Back-off pulling/,
    )
    await operator.ok('rollback', 'web', '-n', namespace, '--wait', '--timeout', '30')
    const after = await cluster.client.get(deployment(namespace))
    assert.deepEqual(after!['spec'], before!['spec'])
    const well = await operator.ok('status', 'web', '-n', namespace)
    assert.match(well.stdout, /revision 3, ready\n/)
    assert.match(
      (await operator.ok('status', '-n', namespace)).stdout,
      /^web in test-\d+: nginx 1\.0\.0, revision 3\n$/,
    )
    const none = await operator.run('rollback', 'web', '-n', namespace, '--to', '9')
    assert.match(none.stderr, /there is no revision 9\n.*hint: there is 1, 2, 3/)
  })

  test('a deadline that has passed fails the wait at once', async () => {
    const namespace = await cluster.newNamespace()
    const overlay = `  values: {image: "registry.test/crashing:1"}
  overlays:
  - target: {kind: Deployment}
    patch: {spec: {progressDeadlineSeconds: 2, minReadySeconds: 1}}`
    const failed = await operator.run(
      'apply',
      await operator.installation(overlay),
      '-n',
      namespace,
      '--wait',
      '--timeout',
      '60',
    )
    assert.equal(failed.status, 1)
    assert.match(
      failed.stderr,
      /cannot become ready: .*has timed out progressing.*container nginx of 2 pods: CrashLoopBackOff.*ended with 1/,
    )
  })

  test('history is cut down to its limit', async () => {
    const namespace = await cluster.newNamespace()
    for (const replicas of [1, 2, 3, 4])
      await operator.ok(
        'apply',
        await operator.installation(`  values: {replicas: ${replicas}}\n  historyLimit: 2`),
        '-n',
        namespace,
      )
    const revisions = await cluster.client.list(
      { apiVersion: 'apps/v1', kind: 'ControllerRevision' },
      { namespace, labelSelector: 'slipway.dev/installation=web' },
    )
    assert.deepEqual(
      revisions.map((one) => Number(one['revision'])).toSorted((a, b) => a - b),
      [3, 4],
    )
  })

  test('deleted from what the cluster knows; orphaned, all stays', async () => {
    const namespace = await cluster.newNamespace()
    const file = await operator.nginx('{}')
    await operator.ok('apply', file, '-n', namespace)
    await operator.ok('delete', 'web', '-n', namespace, '--orphan')
    assert.ok(await cluster.client.get(deployment(namespace)))
    await operator.ok('adopt', file, '-n', namespace)
    await operator.ok('delete', 'web', '-n', namespace)
    const left = await cluster.client.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'web' })
    assert.equal(left, undefined)
    const again = await operator.run('delete', 'web', '-n', namespace)
    assert.match(again.stderr, /there is no installation web in test-\d+/)
  })

  test('kubectl knows the set for one of another tool and keeps its hands off', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
    const other = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n'
    const flags = ['-n', namespace, '--server-side', '--prune', '--applyset=configmap/slipway-web', '-f']
    await assert.rejects(runKubectl(cluster, ['apply', ...flags], other), /managed by tooling "?slipway/)
    assert.ok(await cluster.client.get(deployment(namespace)))
  })
})
