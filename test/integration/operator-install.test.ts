/** The main job on a real control plane: rendered and applied by kubectl, or applied by us, the objects are the same. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { startProgram } from '../support/program.ts'
import { loadKubeSchema } from '../../src/kube/index.ts'
import {
  applyPlan,
  builtInPackages,
  facades,
  loadInstallations,
  makePlan,
  renderInstallation,
} from '../../src/operator/index.ts'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { runKubectl, skipWithoutKubectl } from '../support/cluster/kubectl.ts'
import { liveObjects, operatorCli, plainObject, readObjects } from '../support/cluster/operator-cli.ts'

const skip = (await skipWithoutControlPlane()) || (await skipWithoutKubectl())
const example = resolve(import.meta.dirname, '../../examples/nginx.yaml')

suite('installing without an operator', { skip, timeout: 300_000 }, () => {
  let cluster: ControlPlane
  const operator = operatorCli(() => cluster)
  before(async () => {
    cluster = await startControlPlane()
  })
  after(() => cluster?.stop())

  test('an empty spec: kubectl and apply make the same seven objects, field by field', async () => {
    const [byKubectl, bySlipway] = [await cluster.newNamespace(), await cluster.newNamespace()]
    const rendered = (await operator.ok('render', example, '-n', byKubectl)).stdout
    assert.equal((await operator.ok('render', example, '-n', byKubectl)).stdout, rendered, 'same bytes')
    await runKubectl(cluster, ['apply', '--server-side', '-f'], rendered)

    const applied = await operator.ok('apply', example, '-n', bySlipway, '--wait', '--timeout', '60')
    assert.match(applied.stdout, /web in test-\d+: nginx 1\.0\.0, 7 objects\n$/)
    assert.match(applied.stderr, /Deployment test-\d+\/web ready/)

    const one = await liveObjects(cluster, readObjects(rendered))
    const other = await liveObjects(cluster, readObjects(rendered.replaceAll(byKubectl, bySlipway)))
    assert.equal(one.length, 7)
    assert.deepEqual(
      other.map((object) => plainObject(object, bySlipway)),
      one.map((object) => plainObject(object, byKubectl)),
    )
  })

  test('applied again nothing is written', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', example, '-n', namespace)
    await cluster.writes()
    const again = await operator.ok('apply', example, '-n', namespace)
    assert.match(again.stdout, /nothing to do/)
    const writes = (await cluster.writes()).filter(({ isDryRun }) => !isDryRun)
    assert.deepEqual(writes, [])
    assert.equal((await operator.run('diff', example, '-n', namespace)).status, 0)
  })

  test('what is asked for comes, and what is no longer asked for goes', async () => {
    const namespace = await cluster.newNamespace()
    const first = await operator.ok(
      'apply',
      await operator.nginx('{networkPolicy: true, autoscaling: {maxReplicas: 4}}'),
      '-n',
      namespace,
    )
    assert.match(first.stdout, /9 objects/)
    const file = await operator.nginx('{replicas: 3}')
    const preview = await operator.run('diff', file, '-n', namespace)
    assert.equal(preview.status, 1, preview.stderr)
    assert.match(preview.stdout, /- NetworkPolicy test-\d+\/web\n/)
    assert.match(preview.stdout, /- HorizontalPodAutoscaler test-\d+\/web\n/)
    assert.match(preview.stdout, /~ Deployment test-\d+\/web\n {4}~ spec\.replicas: 1 -> 3\n/)
    const second = await operator.ok('apply', file, '-n', namespace, '--wait')
    assert.match(second.stderr, /NetworkPolicy test-\d+\/web deleted/)
    for (const [apiVersion, kind] of [
      ['networking.k8s.io/v1', 'NetworkPolicy'],
      ['autoscaling/v2', 'HorizontalPodAutoscaler'],
    ] as const)
      assert.equal(await cluster.client.get({ apiVersion, kind, namespace, name: 'web' }), undefined)
  })
  test('handed to an autoscaler, the pods stay as many as they are', async () => {
    const namespace = await cluster.newNamespace()
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' }
    const replicas = async () => {
      const live = await cluster.client.get(deployment)
      return (live!['spec'] as { readonly replicas: number }).replicas
    }
    await operator.ok('apply', await operator.nginx('{replicas: 3}'), '-n', namespace)
    const scaled = await operator.nginx('{autoscaling: {maxReplicas: 9}}')
    await operator.ok('apply', scaled, '-n', namespace)
    assert.equal(await replicas(), 3)
    const { name } = deployment
    const ask = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace },
      spec: { replicas: 7 },
    }
    await cluster.client.apply(ask, { fieldManager: 'autoscaler', force: true })
    await operator.ok('apply', scaled, '-n', namespace)
    assert.equal(await replicas(), 7)
    await cluster.writes()
    await operator.ok('apply', scaled, '-n', namespace)
    assert.deepEqual(
      (await cluster.writes()).filter(({ isDryRun }) => !isDryRun),
      [],
    )
  })

  test('what others have set stays, and nothing is written because of it', async () => {
    const namespace = await cluster.newNamespace()
    await operator.ok('apply', example, '-n', namespace)
    const metadata = { name: 'web', namespace }
    const [injector, human, controller] = [
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { template: { spec: { containers: [{ name: 'sidecar', image: 'proxy:1' }] } } },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { ...metadata, annotations: { note: 'mine' } },
        data: { extra: 'x' },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { ...metadata, labels: { team: 'shop' } },
        spec: { loadBalancerClass: 'x' },
      },
    ] as const
    await cluster.client.apply(injector, { fieldManager: 'injector' })
    await cluster.client.apply(human, { fieldManager: 'human' })
    await cluster.client.apply(
      { ...controller, spec: { sessionAffinity: 'ClientIP' } },
      { fieldManager: 'controller', force: true },
    )
    await cluster.writes()
    for (let run = 0; run < 5; run++) await operator.ok('apply', example, '-n', namespace)
    assert.deepEqual(
      (await cluster.writes()).filter(({ isDryRun }) => !isDryRun),
      [],
    )
    await operator.ok('apply', await operator.nginx('{replicas: 3}'), '-n', namespace)
    const [deployment, config, service] = await liveObjects(cluster, [injector, human, controller])
    const text = JSON.stringify([deployment, config, service])
    for (const kept of ['proxy:1', '"note":"mine"', '"extra":"x"', '"team":"shop"', '"ClientIP"'])
      assert.ok(text.includes(kept), kept)
  })

  test('another version of Slipway writes nothing to what it has installed', async () => {
    const namespace = await cluster.newNamespace()
    const schema = await loadKubeSchema()
    const apply = async (toolVersion: string) => {
      const [installation] = loadInstallations(await readFile(example, 'utf8'), example, facades)
      const from = builtInPackages.find('nginx', '1.0.0')
      const rendered = renderInstallation(installation!, from, { schema, namespace })
      const request = { client: cluster.client, installation: installation!, rendered }
      await applyPlan(await makePlan(request), { ...request, emit: () => undefined, toolVersion })
    }
    await apply('1.0.0')
    await cluster.writes()
    await apply('2.0.0')
    assert.deepEqual(
      (await cluster.writes()).filter(({ isDryRun }) => !isDryRun),
      [],
    )
  })

  test('inside of a program that is there already it needs nothing else', async () => {
    const namespace = await cluster.newNamespace()
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/`
    const main = resolve(import.meta.dirname, '../../examples/embedded-operator.ts')
    await using _program = await startProgram(process.execPath, [main, example, namespace, String(port)], {
      env: { KUBECONFIG: await cluster.kubeconfig() },
      isReady: async () => listens(port),
    })
    const events = (await (await fetch(url)).json()) as string[]
    assert.deepEqual(
      events,
      Array.from({ length: 7 }, () => 'applied'),
    )
    assert.deepEqual(await (await fetch(url)).json(), [])
  })
})

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((done) => {
    socket.once('connect', () => done(true)).once('error', () => done(false))
  }).finally(() => socket.destroy()) as Promise<boolean>
}
