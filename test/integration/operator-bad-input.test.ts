/** What goes wrong between a file and a cluster, on a real control plane: each a clear message, nothing lost. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import type { KubeObject } from '../../src/kube/index.ts'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { liveObjects, operatorCli } from '../support/cluster/operator-cli.ts'

const skip = await skipWithoutControlPlane()

suite('bad input', { skip, timeout: 600_000 }, () => {
  let cluster: ControlPlane
  const operator = operatorCli(() => cluster)
  before(async () => {
    cluster = await startControlPlane()
  })
  after(() => cluster?.stop())

  const id = (kind: string, namespace: string, apiVersion = 'v1') => ({
    apiVersion,
    kind,
    namespace,
    name: 'web',
  })
  const realWrites = async () =>
    (await cluster.writes()).filter(({ isDryRun, user }) => !isDryRun && user === 'admin')

  test('values that do not fit are told with their place, and nothing is written', async () => {
    const namespace = await cluster.newNamespace()
    await cluster.writes()
    const file = await operator.installation('  values:\n    replica: 3\n    service: {type: External}')
    const result = await operator.run('apply', file, '-n', namespace)
    assert.equal(result.status, 2)
    assert.match(result.stderr, /unknown key "replica" in .*\n.*:7:5\n.*\n.*\n.*did you mean "replicas"/)
    assert.match(
      result.stderr,
      /service\.type must be "ClusterIP" or "NodePort" or "LoadBalancer", not "External"/,
    )
    assert.deepEqual(await realWrites(), [])
  })

  test('an overlay that matches nothing, or would steal a name, is told with its place, and nothing is written', async () => {
    const namespace = await cluster.newNamespace()
    await cluster.writes()
    const overlays = (target: string, patch: string) =>
      operator.installation(`  overlays:\n  - target: ${target}\n    patch: ${patch}`)
    const cases: readonly [file: string, message: RegExp][] = [
      [
        await overlays('{kind: Deployment, name: api}', '{spec: {paused: true}}'),
        /overlays\[0\] matches nothing: there is no Deployment api\n.*:7:13\n(?:.*\n){2}.*there is Deployment test-\d+\/web/,
      ],
      [
        await overlays('{kind: RoleBinding}', '{metadata: {namespace: kube-system}}'),
        /\.metadata\.namespace cannot be changed by an overlay/,
      ],
      [
        await overlays('{kind: Deployment}', '{spec: {replicsa: 3}}'),
        /whose spec\.replicsa is not a field of this kind\n.*did you mean "replicas"/,
      ],
    ]
    for (const [file, message] of cases) {
      const result = await operator.run('apply', file, '-n', namespace)
      assert.equal(result.status, 2)
      assert.match(result.stderr, message)
    }
    assert.deepEqual(await realWrites(), [])
  })

  test('an object that exists and is not ours is left alone until it is adopted', async () => {
    const namespace = await cluster.newNamespace()
    const own = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'web', namespace },
      data: { mine: 'yes' },
    }
    await cluster.client.apply(own, { fieldManager: 'somebody' })
    await cluster.writes()
    const refused = await operator.run('apply', await operator.nginx('{}'), '-n', namespace)
    assert.equal(refused.status, 1)
    assert.match(
      refused.stderr,
      /ConfigMap test-\d+\/web exists already and was not made by this installation .*managed by somebody/,
    )
    assert.match(refused.stderr, /adopt: \[\{kind: ConfigMap, name: web\}\]/)
    assert.deepEqual(await realWrites(), [])
    const file = await operator.installation('  adopt: [{kind: ConfigMap, name: web}]')
    await operator.ok('apply', file, '-n', namespace)
    const adopted = await cluster.client.get(id('ConfigMap', namespace))
    assert.deepEqual(Object.keys(adopted!['data'] as object).toSorted(), [
      'default.conf',
      'mine',
      'nginx.conf',
    ])
  })

  test('an object of another installation stays there', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
    const other = await operator.file(`apiVersion: slipway.dev/v1alpha1
kind: Installation
metadata: {name: other}
spec:
  package: {name: nginx, version: 1.0.0}
  adopt: [{kind: ConfigMap}]
`)
    const account = await cluster.client.get({ ...id('ConfigMap', namespace), name: 'slipway-web' })
    const setId = account!.metadata.labels!['applyset.kubernetes.io/id']!
    const labelled = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'other', namespace, labels: { 'applyset.kubernetes.io/part-of': setId } },
    }
    await cluster.client.apply(labelled, { fieldManager: 'somebody' })
    const refused = await operator.run('apply', other, '-n', namespace)
    assert.equal(refused.status, 1)
    assert.match(
      refused.stderr,
      /ConfigMap test-\d+\/other exists already and is part of another installation/,
    )
  })

  test('a name that another package has is refused', async () => {
    const namespace = await cluster.newNamespace()
    const taken = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'slipway-web', namespace },
      data: { something: 'else' },
    }
    await cluster.client.apply(taken, { fieldManager: 'somebody' })
    const refused = await operator.run('apply', await operator.nginx('{}'), '-n', namespace)
    assert.equal(refused.status, 1)
    assert.match(
      refused.stderr,
      /ConfigMap test-\d+\/slipway-web is there already and is not of an installation/,
    )
  })

  test('a field of another manager is not taken, unless the file says so', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
    const scaled: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace },
      spec: { replicas: 4 },
    }
    await cluster.client.apply(scaled, { fieldManager: 'scaler', force: true })
    const refused = await operator.run('apply', await operator.nginx('{replicas: 3}'), '-n', namespace)
    assert.equal(refused.status, 1)
    assert.match(
      refused.stderr,
      /cannot apply Deployment test-\d+\/web: \.spec\.replicas \(manager scaler\) belongs to somebody else/,
    )
    const wrong =
      '  values: {replicas: 3}\n  takeOver: [{kind: Deployment, name: web, fields: [spec.template]}]'
    assert.equal((await operator.run('apply', await operator.installation(wrong), '-n', namespace)).status, 1)
    const right =
      '  values: {replicas: 3}\n  takeOver: [{kind: Deployment, name: web, fields: [spec.replicas]}]'
    const preview = await operator.run('diff', await operator.installation(right), '-n', namespace)
    assert.match(
      preview.stdout,
      /Deployment test-\d+\/web \(fields of other managers are taken\)\n {4}~ spec\.replicas: 4 -> 3/,
    )
    await operator.ok('apply', await operator.installation(right), '-n', namespace)
    const [live] = await liveObjects(cluster, [scaled])
    assert.equal((live!['spec'] as { replicas: number }).replicas, 3)
  })

  test('a change that cannot be made in place is told, and made with recreate: old pods are gone first', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace, '--wait')
    const before = await cluster.client.get(id('Deployment', namespace, 'apps/v1'))
    const labels = `{app.kubernetes.io/name: nginx, app.kubernetes.io/instance: web, track: blue}`
    const overlay = `  overlays:
  - target: {kind: Deployment}
    patch: {spec: {selector: {matchLabels: ${labels}}, template: {metadata: {labels: {track: blue}}}}}`
    const refused = await operator.run('apply', await operator.installation(overlay), '-n', namespace)
    assert.equal(refused.status, 1)
    assert.match(
      refused.stderr,
      /cannot apply Deployment test-\d+\/web: .*spec\.selector.*field is immutable/,
    )
    assert.match(refused.stderr, /recreate: \[\{kind: Deployment, name: web\}\]/)
    const file = await operator.installation(`${overlay}\n  recreate: [{kind: Deployment, name: web}]`)
    const preview = await operator.run('diff', file, '-n', namespace)
    assert.match(preview.stdout, /± Deployment test-\d+\/web \(deleted and made anew\)/)
    const applied = await operator.ok('apply', file, '-n', namespace, '--wait')
    assert.match(applied.stderr, /Deployment test-\d+\/web made anew/)
    const after = await cluster.client.get(id('Deployment', namespace, 'apps/v1'))
    assert.notEqual(after!.metadata.uid, before!.metadata.uid)
  })

  test('a namespace that is not there, or is being deleted, is named', async () => {
    const missing = await operator.run('apply', await operator.nginx('{}'), '-n', 'nowhere')
    assert.equal(missing.status, 1)
    assert.match(missing.stderr, /namespaces "nowhere" not found/)
    const namespace = await cluster.newNamespace()
    const holder = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'holder', namespace, finalizers: ['test.slipway.dev/hold'] },
    }
    await cluster.client.apply(holder, { fieldManager: 'test' })
    await cluster.client.delete({
      apiVersion: 'v1',
      kind: 'Namespace',
      namespace: undefined,
      name: namespace,
    })
    const terminating = await operator.run('apply', await operator.nginx('{}'), '-n', namespace)
    assert.equal(terminating.status, 1)
    assert.match(terminating.stderr, /its namespace is being deleted/)
    await cluster.client.patch(
      { ...id('ConfigMap', namespace), name: 'holder' },
      [{ op: 'remove', path: '/metadata/finalizers' }],
      {
        fieldManager: 'test',
      },
    )
  })

  test('what is being deleted is waited for, and made anew', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
    const service = id('ConfigMap', namespace)
    await cluster.client.apply(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'web', namespace, finalizers: ['test.slipway.dev/hold'] },
      },
      { fieldManager: 'test' },
    )
    const old = await cluster.client.get(service)
    await cluster.client.delete(service)
    const applying = operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
    setTimeout(() => {
      void cluster.client.patch(service, [{ op: 'remove', path: '/metadata/finalizers' }], {
        fieldManager: 'test',
      })
    }, 1500)
    await applying
    const live = await cluster.client.get(service)
    assert.notEqual(live!.metadata.uid, old!.metadata.uid)
    assert.equal(live!.metadata.deletionTimestamp, undefined)
  })

  test('a cluster that does not answer, or does not know us, is named', async () => {
    const nobody = operatorCli(() => cluster, { server: 'https://127.0.0.1:1' })
    const lost = await nobody.run('diff', await operator.nginx('{}'))
    assert.equal(lost.status, 2)
    assert.match(
      lost.stderr,
      /https:\/\/127\.0\.0\.1:1 does not answer \(nothing listens there\)\n.*hint: it is the server of context "test"/,
    )
    const stranger = await operatorCli(() => cluster, { user: 'stranger' }).run('status')
    assert.equal(stranger.status, 1)
    assert.match(stranger.stderr, /the API server does not know who we are/)
  })

  test('plugins, files with tokens, and whom to trust are as the kubeconfig has them', async () => {
    const own = JSON.parse(await readFile(await cluster.kubeconfig(), 'utf8'))
    const status = async (user: object, of: object = {}) => {
      const path = cluster.folder.join('kubeconfig-changed')
      const [{ cluster: base }] = own.clusters
      const config = {
        ...own,
        users: [{ name: 'admin', user }],
        clusters: [{ name: 'test', cluster: { ...base, ...of } }],
      }
      await writeFile(path, JSON.stringify(config))
      return operator.run('status', '--kubeconfig', path)
    }
    const answer = '{"status":{"token":"admin-token"}}'
    const apiVersion = 'client.authentication.k8s.io/v1'
    await writeFile(cluster.folder.join('token'), 'admin-token\n')
    for (const user of [
      { exec: { apiVersion, command: 'echo', args: [answer] } },
      { tokenFile: 'token' },
      { token: 'admin-token' },
    ]) {
      const result = await status(user)
      assert.equal(result.stdout, 'nothing is installed\n', result.stderr)
    }
    const token = { token: 'admin-token' }
    const nobody = await status(token, { 'certificate-authority': undefined })
    assert.match(
      nobody.stderr,
      /https:\/\/127\.0\.0\.1:\d+ is not trusted \(.*certificate.*\)\n.*hint: context "test" of .* says whom to trust/,
    )
    const unverified = { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true }
    assert.equal((await status(token, unverified)).status, 0)
    const named = await status(token, { 'tls-server-name': 'another.test' })
    assert.match(named.stderr, /is not trusted \(.*another\.test/)
    assert.equal((await status(token, { 'tls-server-name': 'localhost' })).status, 0)
  })
})
