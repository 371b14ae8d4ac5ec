/** Overlays compared with what the API server makes of the same change: ours offline, its own by apply and JSON patch. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import fc from 'fast-check'
import {
  ApiFailure,
  idOf,
  loadKubeSchema,
  type KubeObject,
  type KubeSchema,
  type Shape,
} from '../../src/kube/index.ts'
import { mergePatch } from '../../src/operator/overlay/merge.ts'
import { applyJsonPatch } from '../../src/operator/overlay/json-patch.ts'
import { changesBetween } from '../../src/operator/plan/field-changes.ts'
import { anyPatch } from '../support/cluster/any-overlay.ts'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { operatorCli, readObjects } from '../support/cluster/operator-cli.ts'

const skip = await skipWithoutControlPlane()

suite('overlays and the server', { skip, timeout: 900_000 }, () => {
  let cluster: ControlPlane
  let schema: KubeSchema
  let namespace: string
  let objects: readonly KubeObject[]
  const operator = operatorCli(() => cluster)
  before(async () => {
    cluster = await startControlPlane({ kubelet: { isOn: () => false } })
    schema = await loadKubeSchema()
    namespace = await cluster.newNamespace()
    const file = await operator.nginx('{networkPolicy: true, autoscaling: {maxReplicas: 4}}')
    objects = readObjects((await operator.ok('render', file, '-n', namespace)).stdout)
    for (const object of objects) await cluster.client.apply(object, { fieldManager: 'base' })
  })
  after(() => cluster?.stop())

  const shapeOf = (object: KubeObject): Shape => schema.find(object)!.shape

  /** What the server says of it, or that it does not take it. */
  const orRefused = (answer: Promise<KubeObject>): Promise<KubeObject | undefined> =>
    answer.catch((error: unknown) => {
      if (error instanceof ApiFailure && error.isLasting) return undefined
      throw error
    })
  const dryApply = (object: KubeObject, fieldManager: string) =>
    orRefused(cluster.client.apply(object, { fieldManager, force: true, dryRun: true }))

  /** Both refuse, or both have the same. How many of the changes both take is counted: all refused would prove nothing. */
  async function agree(
    ours: KubeObject | undefined,
    theirs: KubeObject | undefined,
    what: unknown,
  ): Promise<boolean> {
    assert.equal(
      ours === undefined,
      theirs === undefined,
      `one takes it and the other does not: ${JSON.stringify(what)}`,
    )
    if (!ours || !theirs) return false
    assert.deepEqual(changesBetween(ours, theirs, shapeOf(ours)), [], JSON.stringify(what))
    return true
  }

  const runs = 200

  test('a merge is what the server makes of the same fields applied by another manager', async (t) => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: objects.length - 1 }).chain((index) =>
          fc.record({
            object: fc.constant(objects[index]!),
            patch: anyPatch(objects[index]!, shapeOf(objects[index]!), { removes: false }),
          }),
        ),
        async ({ object, patch }) => {
          const merged = mergePatch(object, patch, shapeOf(object)) as KubeObject
          const { apiVersion, kind, metadata } = object
          const own = patch['metadata'] as object | undefined
          const partial = { ...patch, apiVersion, kind, metadata: { ...own, name: metadata.name, namespace } }
          const [ours, theirs] = await Promise.all([dryApply(merged, 'base'), dryApply(partial, 'overlay')])
          if (await agree(ours, theirs, { kind, patch })) taken++
        },
      ),
      { numRuns: runs },
    )
    t.diagnostic(`${taken} of ${runs} changes are valid for the server`)
    assert.ok(taken > runs / 8)
  })

  test('what a merge removes is gone when the base is applied again without it', async (t) => {
    let taken = 0
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: objects.length - 1 }).chain((index) =>
          fc.record({
            object: fc.constant(objects[index]!),
            patch: anyPatch(objects[index]!, shapeOf(objects[index]!), { removes: true }),
          }),
        ),
        async ({ object, patch }) => {
          const merged = mergePatch(object, patch, shapeOf(object)) as KubeObject
          if (merged.metadata?.name !== object.metadata.name || merged.metadata.namespace !== namespace)
            return
          const fresh = { ...merged, metadata: { ...merged.metadata, name: 'fresh' } }
          // The server fills in the same defaults for a new object as for one whose field was dropped.
          const [ours, theirs] = await Promise.all([dryApply(fresh, 'base'), dryApply(merged, 'base')])
          if (!ours || !theirs) return
          const renamed = { ...ours, metadata: { ...ours.metadata, name: object.metadata.name } }
          const differing = changesBetween(renamed, theirs, shapeOf(object)).filter(
            (change) =>
              !/clusterIP|deployment\.kubernetes\.io|ipFamil|[nN]odePort|"spec\.replicas"/.test(
                JSON.stringify(change),
              ),
          )
          assert.deepEqual(differing, [], JSON.stringify(patch))
          taken++
        },
      ),
      { numRuns: runs },
    )
    t.diagnostic(`${taken} of ${runs} changes are valid for the server`)
    assert.ok(taken > runs / 8)
  })

  test('a JSON patch is what the server makes of it', async (t) => {
    let taken = 0
    const operation = fc.oneof(
      fc.record({
        op: fc.constant('replace'),
        path: fc.constantFrom(
          '/spec/replicas',

          '/spec/template/spec/containers/0/image',
          '/spec/template/spec/containers/1/image',
          '/spec/revisionHistoryLimit',
        ),
        value: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant('nginx')),
      }),
      fc.record({
        op: fc.constant('add'),
        path: fc.constantFrom(
          '/metadata/annotations/a',
          '/metadata/labels/x~1y',
          '/spec/template/spec/containers/0/args',
          '/spec/template/spec/containers/0/ports/-',
          '/spec/template/spec/volumes/1',
          '/spec/template/spec/volumes/9',
        ),
        value: fc.constantFrom<unknown>(
          'v',
          ['a'],
          { name: 'n', containerPort: 99, protocol: 'TCP' },
          { name: 'extra', emptyDir: {} },
        ),
      }),
      fc.record({
        op: fc.constant('remove'),
        path: fc.constantFrom(
          '/spec/strategy',
          '/spec/template/spec/containers/0/livenessProbe',
          '/spec/template/spec/containers/0/lifecycle',
          '/spec/nothing',
          '/spec/template/spec/volumes/2',
        ),
      }),
      fc.record({
        op: fc.constant('test'),
        path: fc.constantFrom('/spec/template/spec/containers/0/name', '/kind'),
        value: fc.constantFrom('nginx', 'Deployment'),
      }),
      fc.record({
        op: fc.constantFrom('copy', 'move'),
        from: fc.constantFrom('/spec/template/spec/containers/0/readinessProbe', '/metadata/labels'),
        path: fc.constantFrom('/spec/template/spec/containers/0/startupProbe', '/metadata/annotations'),
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 3 }), async (patch) => {
        const live = (await cluster.client.get(idOf(objects.find(({ kind }) => kind === 'Deployment')!)))!
        const { managedFields: _fields, ...metadata } = live.metadata
        const base = { ...live, metadata } as KubeObject
        let changed: KubeObject | undefined
        let refusal = ''
        try {
          changed = applyJsonPatch(base, patch) as KubeObject
        } catch (error) {
          refusal = String(error)
        }
        const theirs = await orRefused(
          cluster.client.patch(idOf(live), patch as never, { fieldManager: 'base', dryRun: true }),
        )
        if (!changed) {
          // The server passes over some things that are not there, which RFC 6902 makes an error, and so do we.
          if (theirs) assert.match(refusal, /there is no /, `the server takes ${JSON.stringify(patch)}`)
          return
        }
        if (!theirs) return
        // Put whole, so that the server fills in what it would fill in for its own result.
        const ours = await orRefused(cluster.client.replace(changed, { fieldManager: 'base', dryRun: true }))
        assert.ok(ours, `the server does not take what we make of ${JSON.stringify(patch)}`)
        assert.deepEqual(changesBetween(ours, theirs, shapeOf(live)), [], JSON.stringify(patch))
        taken++
      }),
      { numRuns: runs },
    )
    t.diagnostic(`${taken} of ${runs} patches are valid for the server`)
    assert.ok(taken > runs / 8)
  })
})
