/** `diff` shows what `apply` then does: over generated changes of values, overlays, versions, and edits by others. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import fc from 'fast-check'
import {
  formatObject,
  idOf,
  keyOf,
  loadKubeSchema,
  type KubeObject,
  type KubeSchema,
} from '../../src/kube/index.ts'
import {
  applyPlan,
  builtInPackages,
  facades,
  loadInstallations,
  makePlan,
  renderInstallation,
} from '../../src/operator/index.ts'
import { changesBetween, type FieldChange } from '../../src/operator/plan/field-changes.ts'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'

const skip = await skipWithoutControlPlane()

suite('diff and apply', { skip, timeout: 900_000 }, () => {
  let cluster: ControlPlane
  let schema: KubeSchema
  before(async () => {
    // Pods and their controllers would change what is compared.
    cluster = await startControlPlane({ kubelet: { isOn: () => false } })
    schema = await loadKubeSchema()
  })
  after(() => cluster?.stop())

  const values = fc.record(
    {
      replicas: fc.integer({ min: 0, max: 3 }),
      image: fc.constantFrom('nginx:1', 'nginx:2'),
      config: fc.constantFrom('server { listen 8080; }', 'server { listen 8080; return 204; }'),
      service: fc.record({ type: fc.constantFrom('ClusterIP', 'NodePort') }),
      tls: fc.constant({ secretName: 'web-tls' }),
      autoscaling: fc.record({ maxReplicas: fc.integer({ min: 2, max: 5 }) }),
      networkPolicy: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  const overlay = fc.constantFrom<object>(
    {
      target: { kind: 'Deployment' },
      patch: { spec: { template: { spec: { nodeSelector: { disk: 'fast' } } } } },
    },
    {
      target: { kind: 'Deployment' },
      patch: { spec: { template: { spec: { containers: [{ name: 'sidecar', image: 'busybox:1' }] } } } },
    },
    { target: { kind: 'Deployment' }, patch: { spec: { strategy: null } } },
    {
      target: { kind: 'Service' },
      type: 'json',
      patch: [{ op: 'add', path: '/spec/ports/-', value: { name: 'extra', port: 9000, protocol: 'TCP' } }],
    },
    {
      target: { kind: 'ConfigMap' },
      patch: { data: { extra: 'x' }, metadata: { annotations: { note: 'y' } } },
    },
    { target: { kind: 'PodDisruptionBudget' }, patch: { $patch: 'delete' } },
    {
      target: { kind: 'ServiceAccount' },
      type: 'replace',
      patch: { metadata: { annotations: { role: 'z' } } },
    },
  )
  const change = fc.record({
    version: fc.constantFrom('1.0.0', '1.1.0'),
    values,
    overlays: fc.uniqueArray(overlay, { maxLength: 2 }),
    /** by somebody else, in between */
    edit: fc.constantFrom(undefined, 'annotate', 'delete'),
  })

  function read(spec: { version: string; values: object; overlays: readonly object[] }, namespace: string) {
    const { version, values, overlays } = spec
    const rest = { values, overlays }
    const text = JSON.stringify({
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'Installation',
      metadata: { name: 'web', namespace },
      spec: { package: { name: 'nginx', version }, historyLimit: 1, ...rest },
    })
    const installation = loadInstallations(text, 'generated', facades)[0]!
    const rendered = renderInstallation(installation, builtInPackages.find('nginx', version), {
      schema,
      namespace,
    })
    return { installation, rendered }
  }

  async function edit(how: 'annotate' | 'delete', namespace: string): Promise<void> {
    const id = { apiVersion: 'v1', kind: 'Service', namespace, name: 'web' }
    if (how === 'delete') await cluster.client.delete(id)
    else if (await cluster.client.get(id)) {
      const metadata = { name: 'web', namespace, annotations: { human: 'was here' } }
      await cluster.client.apply({ apiVersion: 'v1', kind: 'Service', metadata }, { fieldManager: 'human' })
    }
  }

  const snapshot = async (objects: readonly KubeObject[]) =>
    new Map(
      await Promise.all(
        objects.map(async (object) => [keyOf(object), await cluster.client.get(idOf(object))] as const),
      ),
    )

  const runs = 12
  const steps = 8
  test(`what is planned is what happens, in ${runs} lives of up to ${steps} changes`, async (t) => {
    let applied = 0
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 2, maxLength: steps }), async (changes) => {
        const namespace = await cluster.newNamespace()
        for (const one of changes) {
          if (one.edit) await edit(one.edit, namespace)
          const { installation, rendered } = read(one, namespace)
          const { client } = cluster
          const plan = await makePlan({ client, installation, rendered })
          assert.deepEqual(
            plan.problems.map(({ message }) => message),
            [],
          )
          const all = [
            ...plan.steps.map(({ object }) => object),
            ...plan.removals.map(({ object }) => object),
          ]
          const was = await snapshot(all)
          await applyPlan(plan, {
            client,
            installation,
            rendered,
            emit: () => undefined,
            toolVersion: '0.0.0',
          })
          const is = await snapshot(all)
          for (const { object, action, changes: planned } of plan.steps) {
            const [before, after] = [was.get(keyOf(object)), is.get(keyOf(object))]
            assert.ok(after)
            if (action === 'keep') assert.equal(after.metadata.generation, before!.metadata.generation)
            if (action === 'create') assert.equal(before, undefined)
            else {
              const shape = schema.find(object)!.shape
              const happened = changesBetween(before, after, shape)
              assert.deepEqual(ours(happened), ours(planned), `${action} ${formatObject(object)}`)
            }
          }
          for (const { object } of plan.removals) {
            const left = is.get(keyOf(object))
            assert.ok(left === undefined || left.metadata.deletionTimestamp, formatObject(object))
          }
          const again = await makePlan({ client, installation, rendered })
          assert.deepEqual(
            again.steps.filter(({ action }) => action !== 'keep').map(({ object }) => formatObject(object)),
            [],
          )
          applied++
        }
      }),
      { numRuns: runs },
    )
    t.diagnostic(`${applied} changes were applied`)
    assert.ok(applied >= runs * 2)
  })

  /** The server picks ports of nodes by chance, in a dry run and again when it comes to it; controllers note revisions. */
  function ours(changes: readonly FieldChange[]): unknown {
    const own = changes.filter(({ path }) => !/nodePort|deployment\.kubernetes\.io/.test(path))
    return JSON.parse(JSON.stringify(own, (key, value: unknown) => (key === 'nodePort' ? undefined : value)))
  }
})
