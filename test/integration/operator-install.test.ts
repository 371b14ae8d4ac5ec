/** The main job on a real control plane: rendered and applied by kubectl, or applied by us, the objects are the same. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { idOf, type KubeObject } from '../../src/kube/index.ts'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { runKubectl, skipWithoutKubectl } from '../support/cluster/kubectl.ts'
import { slipway, type SlipwayResult } from '../support/slipway.ts'
import { parseYamlDocuments } from '../../src/yaml/index.ts'

const skip = (await skipWithoutControlPlane()) || (await skipWithoutKubectl())
const example = resolve(import.meta.dirname, '../../examples/nginx.yaml')

suite('installing without an operator', { skip, timeout: 300_000 }, () => {
  let cluster: ControlPlane
  before(async () => {
    cluster = await startControlPlane()
  })
  after(() => cluster?.stop())

  async function operator(...args: readonly string[]): Promise<SlipwayResult> {
    const kubeconfig = await cluster.kubeconfig()
    return slipway(['operator', ...args], { home: cluster.folder.path, env: { KUBECONFIG: kubeconfig } })
  }

  async function operatorOk(...args: readonly string[]): Promise<SlipwayResult> {
    const result = await operator(...args)
    assert.equal(result.status, 0, `${args.join(' ')}\n${result.stderr}${result.stdout}`)
    return result
  }

  async function objectsOf(rendered: string): Promise<KubeObject[]> {
    const written = parseYamlDocuments(rendered, 'rendered').map(({ value }) => value as KubeObject)
    const live = await Promise.all(written.map((object) => cluster.client.get(idOf(object))))
    return live.map((object, index) => {
      assert.ok(object, `${written[index]!.kind} is not there`)
      return object
    })
  }

  /** Without what the server keeps, names of this test, and the ownership that only apply has. */
  function plain(object: KubeObject, namespace: string): unknown {
    const { metadata, status: _status, ...rest } = object as KubeObject & { status?: unknown }
    const { name, labels, annotations } = metadata
    const shown = { ...rest, name, labels: { ...labels }, annotations: { ...annotations } }
    delete (shown.labels as Record<string, string>)['applyset.kubernetes.io/part-of']
    delete (shown.annotations as Record<string, string>)['deployment.kubernetes.io/revision']
    const text = JSON.stringify(shown).replaceAll(namespace, 'NAMESPACE')
    // Each Service has an address of its own.
    return JSON.parse(text.replaceAll(/10\.96\.\d+\.\d+/g, 'ADDRESS'))
  }

  test('an empty spec: kubectl and apply make the same seven objects, field by field', async () => {
    const [byKubectl, bySlipway] = [await cluster.newNamespace(), await cluster.newNamespace()]
    const rendered = (await operatorOk('render', example, '-n', byKubectl)).stdout
    assert.equal((await operatorOk('render', example, '-n', byKubectl)).stdout, rendered, 'same bytes')
    await runKubectl(cluster, ['apply', '--server-side', '-f'], rendered)

    const applied = await operatorOk('apply', example, '-n', bySlipway, '--wait', '--timeout', '60')
    assert.match(applied.stdout, /web in test-\d+: nginx 1\.0\.0, 7 objects\n$/)
    assert.match(applied.stderr, /Deployment test-\d+\/web ready/)

    const one = await objectsOf(rendered)
    const other = await objectsOf(rendered.replaceAll(byKubectl, bySlipway))
    assert.equal(one.length, 7)
    assert.deepEqual(
      other.map((object) => plain(object, bySlipway)),
      one.map((object) => plain(object, byKubectl)),
    )
  })

  test('applied again nothing is written', async () => {
    const namespace = await cluster.newNamespace()
    await operatorOk('apply', example, '-n', namespace)
    await cluster.writes()
    const again = await operatorOk('apply', example, '-n', namespace)
    assert.match(again.stdout, /nothing to do/)
    const writes = (await cluster.writes()).filter(({ isDryRun }) => !isDryRun)
    assert.deepEqual(writes, [])
    assert.equal((await operator('diff', example, '-n', namespace)).status, 0)
  })

  test('what is asked for comes, and what is no longer asked for goes', async () => {
    const namespace = await cluster.newNamespace()
    const file = cluster.folder.join('optional.yaml')
    const write = (spec: string) =>
      writeFile(file, `apiVersion: slipway.dev/v1alpha1\nkind: Nginx\nmetadata: {name: web}\nspec: ${spec}\n`)
    await write('{networkPolicy: true, autoscaling: {maxReplicas: 4}}')
    const first = await operatorOk('apply', file, '-n', namespace)
    assert.match(first.stdout, /9 objects/)
    await write('{replicas: 3}')
    const preview = await operator('diff', file, '-n', namespace)
    assert.equal(preview.status, 1, preview.stderr)
    assert.match(preview.stdout, /- NetworkPolicy test-\d+\/web\n/)
    assert.match(preview.stdout, /- HorizontalPodAutoscaler test-\d+\/web\n/)
    assert.match(preview.stdout, /~ Deployment test-\d+\/web\n {4}~ spec\.replicas: 1 -> 3\n/)
    const second = await operatorOk('apply', file, '-n', namespace, '--wait')
    assert.match(second.stderr, /NetworkPolicy test-\d+\/web deleted/)
    for (const [apiVersion, kind] of [
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ] as const)
      assert.equal(await cluster.client.get({ apiVersion, kind, namespace, name: 'web' }), undefined)
  })
})
