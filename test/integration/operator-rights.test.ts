/** Rights on a real control plane: the Role that `rbac` prints is enough, and none of it can be left out. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import type { KubeObject } from '../../src/kube/index.ts'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { operatorCli, readObjects } from '../support/cluster/operator-cli.ts'

const skip = await skipWithoutControlPlane()

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

suite('rights', { skip, timeout: 900_000 }, () => {
  let cluster: ControlPlane
  const admin = operatorCli(() => cluster)
  const installer = operatorCli(() => cluster, { user: 'installer' })
  before(async () => {
    cluster = await startControlPlane()
  })
  after(() => cluster?.stop())

  async function grant(namespace: string, rules: readonly Rule[]): Promise<void> {
    const apiVersion = 'rbac.authorization.k8s.io/v1'
    const metadata = { name: 'slipway-installer', namespace }
    const binding = {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'installer' }],
    }
    for (const object of [{ apiVersion, kind: 'Role', metadata, rules }, binding])
      await cluster.client.apply(object as KubeObject, { fieldManager: 'test', force: true })
  }

  async function rulesOf(...args: readonly string[]): Promise<readonly Rule[]> {
    const [role, ...others] = readObjects((await admin.ok('rbac', ...args)).stdout)
    assert.deepEqual(others, [])
    return (role as unknown as { rules: Rule[] }).rules
  }

  /** Install, upgrade so that something is pruned and a revision is let go, then leave by deleting it all. */
  async function wholeLife(namespace: string): Promise<{ status: number | null; stderr: string }> {
    const first = await admin.installation('  values: {networkPolicy: true}\n  historyLimit: 1')
    const second = await admin.installation('  values: {replicas: 3}\n  historyLimit: 1')
    for (const args of [
      ['apply', first],
      ['apply', second],
      ['delete', 'web'],
    ]) {
      const result = await installer.run(...args, '-n', namespace)
      if (result.status !== 0) return result
    }
    return { status: 0, stderr: '' }
  }

  test('the Role of a package is enough for its whole life, and without it nothing works', async () => {
    const namespace = await cluster.newNamespace()
    const before = await wholeLife(namespace)
    assert.equal(before.status, 1)
    assert.match(before.stderr, /User "installer" cannot get resource "configmaps"/)
    await grant(namespace, await rulesOf('nginx@1.0.0', '-n', namespace))
    const result = await wholeLife(namespace)
    assert.equal(result.status, 0, result.stderr)
  })

  test('without any one resource of it, an install fails and says which', async () => {
    const rules = await rulesOf('nginx@1.0.0')
    const singles = rules.flatMap((rule) =>
      rule.resources.map((resource) => ({ ...rule, resources: [resource] })),
    )
    assert.equal(singles.length, 10)
    for (const dropped of singles) {
      const namespace = await cluster.newNamespace()
      await grant(
        namespace,
        singles.filter((rule) => rule !== dropped),
      )
      const file = '{networkPolicy: true, autoscaling: {maxReplicas: 3}}'
      const result = await installer.run('apply', await admin.nginx(file), '-n', namespace)
      assert.equal(result.status, 1, `without ${dropped.resources.join()}`)
      assert.match(
        result.stderr,
        new RegExp(`resource "${dropped.resources.join()}"|${dropped.resources.join()}`),
      )
    }
  })

  test('without any one verb, a life fails', async () => {
    const rules = await rulesOf('nginx@1.0.0')
    const verbs = new Set(rules.flatMap((rule) => rule.verbs))
    for (const verb of verbs) {
      const namespace = await cluster.newNamespace()
      await grant(
        namespace,
        rules.map((rule) => ({ ...rule, verbs: rule.verbs.filter((one) => one !== verb) })),
      )
      const result = await wholeLife(namespace)
      assert.equal(result.status, 1, `without ${verb}`)
      assert.match(result.stderr, new RegExp(`cannot ${verb} resource|forbidden`))
    }
  })

  test('a package that gives more than its installer has ends with the rules that are missing, before anything is written', async () => {
    const namespace = await cluster.newNamespace()
    await grant(namespace, await rulesOf('nginx@1.0.0', '-n', namespace))
    const overlay = `  overlays:
  - target: {kind: Role}
    type: json
    patch: [{op: add, path: /rules/-, value: {apiGroups: [""], resources: [secrets], verbs: ["*"]}}]`
    await cluster.writes()
    const result = await installer.run('apply', await admin.installation(overlay), '-n', namespace)
    assert.equal(result.status, 1)
    assert.match(
      result.stderr,
      /cannot apply Role test-\d+\/web: .*attempting to grant RBAC permissions not currently held/,
    )
    assert.match(result.stderr, /Resources:\["secrets"\]/)
    const written = (await cluster.writes()).filter(
      ({ user, isDryRun, status }) => user === 'installer' && !isDryRun && status < 300,
    )
    assert.deepEqual(written, [])
  })

  test('a file is answered with the rights of what it renders', async () => {
    const rules = await rulesOf(await admin.nginx('{}'))
    const resources = rules.flatMap((rule) => rule.resources)
    assert.ok(!resources.includes('horizontalpodautoscalers'))
    assert.ok(!resources.includes('pods'))
    assert.ok(!rules.some((rule) => rule.verbs.includes('*') || rule.verbs.includes('escalate')))
  })
})
