import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Failure } from '../../base/index.ts'
import { loadKubeSchema, type KubeObject } from '../../kube/index.ts'
import { loadInstallations } from '../installation/load-installations.ts'
import { applyOverlays } from './apply-overlays.ts'

const schema = await loadKubeSchema()
const deployment: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: {
      spec: {
        containers: [
          {
            name: 'web',
            image: 'nginx:1',
            args: ['-a'],
            ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
          },
          { name: 'log', image: 'log:1' },
        ],
        nodeSelector: { disk: 'ssd' },
      },
    },
  },
}
const objects: readonly KubeObject[] = [
  deployment,
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: {} },
]

function overlaid(overlay: object): readonly KubeObject[] {
  const text = JSON.stringify({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Installation',
    metadata: { name: 'web' },
    spec: { package: { name: 'nginx', version: '1.0.0' }, overlays: [overlay] },
  })
  return applyOverlays(objects, loadInstallations(text, 'web.yaml', [])[0]!.overlays, schema)
}

const target = { kind: 'Deployment', name: 'web' }
const podPatch = (spec: object) => ({ target, patch: { spec: { template: { spec } } } })
const podOf = ([object]: readonly KubeObject[]) =>
  (object as unknown as { spec: { template: { spec: Record<string, unknown> } } }).spec.template.spec

describe('overlays', () => {
  test('items of keyed lists are found by their keys, others come last', () => {
    const { containers } = podOf(
      overlaid(
        podPatch({
          containers: [
            { name: 'web', image: 'nginx:2', ports: [{ containerPort: 80, name: 'web' }] },
            { name: 'new', image: 'x' },
          ],
        }),
      ),
    ) as { containers: { name: string; image: string; ports?: unknown }[] }
    assert.deepEqual(
      containers.map(({ name, image }) => `${name} ${image}`),
      ['web nginx:2', 'log log:1', 'new x'],
    )
    assert.deepEqual(containers[0]!.ports, [{ name: 'web', containerPort: 80, protocol: 'TCP' }])
  })

  test('atomic lists and maps are replaced', () => {
    assert.deepEqual(podOf(overlaid(podPatch({ nodeSelector: { gpu: 'yes' } })))['nodeSelector'], {
      gpu: 'yes',
    })
    const { containers } = podOf(overlaid(podPatch({ containers: [{ name: 'web', args: ['-b'] }] }))) as {
      containers: { args?: string[] }[]
    }
    assert.deepEqual(containers[0]!.args, ['-b'])
  })

  test('fields, items, lists and whole objects can be removed', () => {
    assert.equal(podOf(overlaid(podPatch({ nodeSelector: null })))['nodeSelector'], undefined)
    const without = podOf(overlaid(podPatch({ containers: [{ name: 'log', $patch: 'delete' }] }))) as {
      containers: unknown[]
    }
    assert.equal(without.containers.length, 1)
    const replaced = podOf(
      overlaid(podPatch({ containers: [{ $patch: 'replace' }, { name: 'only', image: 'x' }] })),
    )
    assert.deepEqual(replaced['containers'], [{ name: 'only', image: 'x' }])
    assert.deepEqual(overlaid({ target: { kind: 'Service' }, patch: { $patch: 'delete' } }), [deployment])
  })

  test('JSON patches and whole objects', () => {
    const [patched] = overlaid({
      target,
      type: 'json',
      patch: [
        { op: 'replace', path: '/spec/replicas', value: 5 },
        { op: 'add', path: '/metadata/labels/x~1y', value: 'z' },
      ],
    })
    assert.equal((patched!['spec'] as { replicas: number }).replicas, 5)
    assert.deepEqual(patched!.metadata.labels, { app: 'web', 'x/y': 'z' })
    const [replaced] = overlaid({ target, type: 'replace', patch: { spec: { paused: true } } })
    assert.deepEqual(replaced, {
      spec: { paused: true },
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: deployment.metadata,
    })
  })

  test('operations change neither the overlay nor what else holds the same value', () => {
    const labels = { app: 'web' }
    const shared = {
      ...deployment,
      metadata: { ...deployment.metadata, labels },
      spec: { selector: { matchLabels: labels } },
    }
    const text = JSON.stringify({
      apiVersion: 'slipway.dev/v1alpha1',
      kind: 'Installation',
      metadata: { name: 'web' },
      spec: {
        package: { name: 'nginx', version: '1.0.0' },
        overlays: [
          {
            target: { kind: 'Deployment' },
            type: 'json',
            patch: [
              { op: 'remove', path: '/metadata/labels/app' },
              { op: 'add', path: '/metadata/annotations', value: {} },
              { op: 'add', path: '/metadata/annotations/a', value: 'b' },
            ],
          },
        ],
      },
    })
    const { overlays } = loadInstallations(text, 'web.yaml', [])[0]!
    for (const [changed] of [
      applyOverlays([shared], overlays, schema),
      applyOverlays([shared], overlays, schema),
    ]) {
      assert.deepEqual(changed!.metadata, {
        name: 'web',
        namespace: 'shop',
        labels: {},
        annotations: { a: 'b' },
      })
      assert.deepEqual(changed!['spec'], { selector: { matchLabels: { app: 'web' } } })
    }
    assert.equal(JSON.stringify(overlays[0]!.patch).includes('"value":{}'), true)
  })

  const refused: readonly [name: string, overlay: object, message: RegExp, hint?: RegExp][] = [
    [
      'a kind that is not there',
      { target: { kind: 'Deploymnet' }, patch: {} },
      /overlays\[0\] matches nothing: there is no Deploymnet$/,
      /did you mean "Deployment"/,
    ],
    [
      'a name that is not there',
      { target: { kind: 'Deployment', name: 'api' }, patch: {} },
      /there is no Deployment api$/,
      /there is Deployment shop\/web/,
    ],
    [
      'labels that nothing has',
      { target: { kind: 'Deployment', labels: { a: 'b' } }, patch: {} },
      /there is no Deployment with the labels a=b/,
    ],
    [
      'a field that is not there',
      podPatch({ hostNetwork: null }),
      /there is no \.spec\.template\.spec\.hostNetwork to remove/,
    ],
    [
      'an item that is not there',
      podPatch({ containers: [{ name: 'nope', $patch: 'delete' }] }),
      /there is no \.spec\.template\.spec\.containers\[name=nope\] to delete/,
    ],
    [
      'an item without its key',
      podPatch({ containers: [{ image: 'x' }] }),
      /does not have all of its keys/,
      /they are name/,
    ],
    [
      'a path that is not there',
      { target, type: 'json', patch: [{ op: 'remove', path: '/spec/nope' }] },
      /there is no \/spec\/nope/,
    ],
    [
      'a test that fails',
      { target, type: 'json', patch: [{ op: 'test', path: '/spec/replicas', value: 9 }] },
      /\/spec\/replicas is not 9/,
    ],
    ['an empty patch', { target, patch: {} }, /the patch is empty/],
    [
      'an operation that is none',
      { target, type: 'json', patch: [{ op: 'set', path: '/spec' }] },
      /"set" is not an operation/,
    ],
    [
      'the name',
      { target, patch: { metadata: { name: 'mine' } } },
      /\.metadata\.name cannot be changed by an overlay/,
    ],
    [
      'the namespace by JSON patch',
      { target, type: 'json', patch: [{ op: 'replace', path: '/metadata/namespace', value: 'kube-system' }] },
      /\.metadata\.namespace cannot be changed/,
    ],
    ['the kind', { target, patch: { kind: 'ClusterRoleBinding' } }, /\.kind cannot be changed/],
    [
      'all metadata',
      { target, type: 'json', patch: [{ op: 'replace', path: '/metadata', value: {} }] },
      /\.metadata cannot be changed/,
    ],
    [
      'the whole object',
      { target, type: 'json', patch: [{ op: 'replace', path: '', value: {} }] },
      /the object cannot be changed/,
    ],
    [
      'who it belongs to',
      { target, patch: { metadata: { ownerReferences: [] } } },
      /\.metadata\.ownerReferences cannot be changed/,
    ],
    [
      'its finalizers',
      { target, patch: { metadata: { finalizers: ['x/y'] } } },
      /\.metadata\.finalizers cannot be changed/,
    ],
    [
      'its set',
      { target, patch: { metadata: { labels: { 'applyset.kubernetes.io/part-of': 'x' } } } },
      /part-of cannot be changed/,
    ],
    [
      'its set by move',
      {
        target,
        type: 'json',
        patch: [
          {
            op: 'move',
            from: '/metadata/labels/app',
            path: '/metadata/labels/applyset.kubernetes.io~1part-of',
          },
        ],
      },
      /part-of cannot be changed/,
    ],
    ['its status', { target, patch: { status: {} } }, /\.status cannot be changed/],
    [
      'what it was replaced to be',
      { target, type: 'replace', patch: { metadata: { name: 'other' } } },
      /\.metadata\.name cannot be changed/,
    ],
  ]
  for (const [name, overlay, message, hint] of refused)
    test(`${name}: refused with the overlay's number and its place`, () => {
      assert.throws(
        () => overlaid(overlay),
        (error: Failure) => {
          assert.equal(error.code, 'OVERLAY_INVALID')
          assert.match(error.message, message)
          assert.match(error.message, /^overlays\[0\]/)
          assert.equal(error.at?.file, 'web.yaml')
          if (hint) assert.match(error.hint ?? '', hint)
          return true
        },
      )
    })
})
