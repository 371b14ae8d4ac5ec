/** An API server that fails, stalls, breaks off or restarts in the middle: a message, no loss, and safe to run again. */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { startSlipway } from '../support/slipway.ts'
import { startFaultProxy, type Fault, type FaultProxy } from '../support/cluster/fault-proxy.ts'
import {
  liveObjects,
  operatorCli,
  plainObject,
  readObjects,
  type OperatorCli,
} from '../support/cluster/operator-cli.ts'

const skip = await skipWithoutControlPlane()

suite('faults of the API server', { skip, timeout: 900_000 }, () => {
  let cluster: ControlPlane
  let proxy: FaultProxy
  let faulty: OperatorCli
  const operator = operatorCli(() => cluster)
  before(async () => {
    cluster = await startControlPlane()
    proxy = await startFaultProxy(cluster.server, cluster.certificate)
    faulty = operatorCli(() => cluster, { server: proxy.server })
  })
  after(async () => {
    await proxy?.[Symbol.asyncDispose]()
    await cluster?.stop()
  })

  const isWrite = (line: string) => line.startsWith('PATCH') && !line.includes('dryRun')
  const isOf = (line: string, resource: string) => new RegExp(`/${resource}/web\\?`).test(line)

  /** The first request that is meant gets the fault, the others none. */
  function once(fault: Fault, isMeant: (line: string) => boolean): void {
    let left = 1
    proxy.setFault((line) => (isMeant(line) && left-- > 0 ? fault : undefined))
  }

  async function stateOf(namespace: string): Promise<unknown[]> {
    const rendered = (await operator.ok('render', await operator.nginx('{}'), '-n', namespace)).stdout
    return (await liveObjects(cluster, readObjects(rendered))).map((object) => plainObject(object, namespace))
  }

  const status = (code: number, reason: string, message: string, details = {}) => ({
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details },
  })

  /** The last column says whether somebody is told: a kept-alive connection that breaks is replaced at once. */
  const passing: readonly [name: string, fault: Fault, what: 'get' | 'dry run' | 'write', isTold: boolean][] =
    [
      ['a connection that is reset', 'reset', 'write', false],
      ['an answer that is lost', 'lost-answer', 'write', false],
      ['an answer that ends in its middle', 'cut', 'write', true],
      ['an answer that ends in its middle', 'cut', 'get', true],
      [
        '429 with Retry-After',
        { ...status(429, 'TooManyRequests', 'slow down'), headers: { 'retry-after': '1' } },
        'get',
        true,
      ],
      ['500 that passes', status(500, 'InternalError', 'etcdserver: leader changed'), 'dry run', true],
      ['503', status(503, 'ServiceUnavailable', 'apiserver not ready'), 'write', true],
      ['504', status(504, 'Timeout', 'request did not complete within the allowed duration'), 'write', true],
    ]
  for (const [name, fault, what, isTold] of passing) {
    test(`${name}, in a ${what}: it is tried again`, async () => {
      const namespace = await cluster.newNamespace()
      once(fault, (line) => {
        if (!isOf(line.includes('?') ? line : `${line}?`, 'services')) return false
        if (what === 'get') return line.startsWith('GET')
        return line.startsWith('PATCH') && line.includes('dryRun') === (what === 'dry run')
      })
      const before = proxy.seen.length
      const result = await faulty.ok('apply', await operator.nginx('{}'), '-n', namespace)
      proxy.setFault(() => undefined)
      const told = /waiting \d+ ms to (?:apply|read) Service test-\d+\/web again/
      assert.equal(told.test(result.stderr), isTold, result.stderr)
      const asked = proxy.seen.slice(before).filter((line) => isOf(`${line}?`, 'services'))
      assert.equal(asked.length, 4, 'one request more than without the fault')
      assert.equal((await operator.run('diff', await operator.nginx('{}'), '-n', namespace)).status, 0)
    })
  }

  const lasting: readonly [string, Fault, RegExp][] = [
    [
      '409',
      status(409, 'Conflict', 'the object has been modified'),
      /cannot apply PodDisruptionBudget test-\d+\/web: the object has been modified\n.*run it again/,
    ],
    [
      '422',
      status(422, 'Invalid', 'no', {
        causes: [{ reason: 'FieldValueInvalid', field: 'spec.x', message: 'not so' }],
      }),
      /cannot apply PodDisruptionBudget test-\d+\/web: spec\.x: not so/,
    ],
    [
      '500 about the object',
      status(500, '', '.spec.x: field not declared in schema'),
      /cannot apply PodDisruptionBudget test-\d+\/web: \.spec\.x: field not declared/,
    ],
    [
      '403',
      status(403, 'Forbidden', 'poddisruptionbudgets.policy is forbidden: not today'),
      /cannot apply PodDisruptionBudget test-\d+\/web: .*not today/,
    ],
  ]
  for (const [name, fault, message] of lasting) {
    test(`${name} in the last wave: nothing is pruned, and the next run goes on`, async () => {
      const namespace = await cluster.newNamespace()
      await operator.ok('apply', await operator.nginx('{networkPolicy: true}'), '-n', namespace)
      await cluster.client.delete({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        namespace,
        name: 'web',
      })
      once(fault, (line) => isWrite(line) && isOf(line, 'poddisruptionbudgets'))
      const failed = await faulty.run('apply', await operator.nginx('{}'), '-n', namespace)
      proxy.setFault(() => undefined)
      assert.equal(failed.status, 1)
      assert.match(failed.stderr, message)
      const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace, name: 'web' }
      assert.ok(await cluster.client.get(policy), 'it is not pruned')
      await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
      assert.equal(await cluster.client.get(policy), undefined)
    })
  }

  test('a failing wave keeps the later ones from beginning', async () => {
    const namespace = await cluster.newNamespace()
    once(status(403, 'Forbidden', 'no'), (line) => isWrite(line) && isOf(line, 'serviceaccounts'))
    const failed = await faulty.run('apply', await operator.nginx('{}'), '-n', namespace)
    proxy.setFault(() => undefined)
    assert.equal(failed.status, 1)
    assert.equal(
      await cluster.client.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' }),
      undefined,
    )
  })

  test('a server that stalls is given up on after the time that is allowed, and named', async () => {
    const namespace = await cluster.newNamespace()
    proxy.setFault((line) => (isWrite(line) && isOf(line, 'services') ? 'stall' : undefined))
    const stalled = await faulty.run(
      'apply',
      await operator.nginx('{}'),
      '-n',
      namespace,
      '--request-timeout',
      '0.3',
    )
    proxy.setFault(() => undefined)
    assert.equal(stalled.status, 1)
    assert.match(
      stalled.stderr,
      /cannot apply Service test-\d+\/web: https:\/\/127\.0\.0\.1:\d+ does not answer/,
    )
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
  })

  test('killed and restarted in the middle: the run goes through', async () => {
    const namespace = await cluster.newNamespace()
    let restarted: Promise<void> | undefined
    proxy.setFault(async (line) => {
      if (restarted || !isWrite(line) || !isOf(line, 'configmaps')) return undefined
      await cluster.kill()
      restarted = cluster.restart()
      return undefined
    })
    const result = await faulty.ok('apply', await operator.nginx('{}'), '-n', namespace, '--wait')
    proxy.setFault(() => undefined)
    await restarted
    assert.match(result.stderr, /waiting \d+ ms to apply ConfigMap test-\d+\/web again/)
    assert.equal((await operator.run('diff', await operator.nginx('{}'), '-n', namespace)).status, 0)
  })

  test('stopped when a revision is kept and the account does not say so yet, another file can be applied', async () => {
    const namespace = await cluster.newNamespace()
    let isKept = false
    proxy.setFault((line) => {
      if (isWrite(line) && line.includes('/controllerrevisions/')) isKept = true
      else if (isKept && isWrite(line)) return status(403, 'Forbidden', 'not now')
      return undefined
    })
    assert.equal((await faulty.run('apply', await operator.nginx('{}'), '-n', namespace)).status, 1)
    proxy.setFault(() => undefined)
    await operator.ok('apply', await operator.nginx('{replicas: 3}'), '-n', namespace)
    assert.match((await operator.run('status', 'web', '-n', namespace)).stdout, /revision 2/)
    await operator.ok('rollback', 'web', '-n', namespace)
  })

  test('Ctrl-C in the middle says that what was done stays, and the next run goes on', async () => {
    const namespace = await cluster.newNamespace()
    const kubeconfig = await cluster.kubeconfig('admin', { server: proxy.server })
    const running = startSlipway(['operator', 'apply', await operator.nginx('{}'), '-n', namespace], {
      home: cluster.folder.path,
      env: { KUBECONFIG: kubeconfig },
    })
    proxy.setFault((line) => {
      if (!isWrite(line) || !isOf(line, 'services')) return undefined
      running.interrupt('SIGINT')
      return 'stall'
    })
    const { status: ended, stderr } = await running.ended
    proxy.setFault(() => undefined)
    assert.equal(ended, 130)
    assert.match(stderr, /interrupted: what has been done stays; run it again to go on\n$/)
    await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
  })

  test('stopped at any write, the next run makes the same of it', async () => {
    const whole = await cluster.newNamespace()
    await operator.ok('apply', await operator.nginx('{}'), '-n', whole)
    const expected = await stateOf(whole)
    for (const stop of [1, 4, 8]) {
      const namespace = await cluster.newNamespace()
      let writes = 0
      proxy.setFault((line) => (isWrite(line) && ++writes >= stop ? 'stall' : undefined))
      const interrupted = await faulty.run(
        'apply',
        await operator.nginx('{}'),
        '-n',
        namespace,
        '--request-timeout',
        '0.2',
      )
      assert.equal(interrupted.status, 1)
      proxy.setFault(() => undefined)
      await operator.ok('apply', await operator.nginx('{}'), '-n', namespace)
      assert.deepEqual(await stateOf(namespace), expected)
    }
  })

  test('made by somebody else between our look and our apply: given back, and told', async () => {
    const namespace = await cluster.newNamespace()
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web', namespace } }
    const theirs = { ...account, metadata: { ...account.metadata, annotations: { theirs: 'yes' } } }
    let isMade = false
    proxy.setFault(async (line) => {
      if (!isMade && isWrite(line) && isOf(line, 'serviceaccounts')) {
        isMade = true
        await cluster.client.apply(theirs, { fieldManager: 'somebody' })
      }
      return undefined
    })
    const refused = await faulty.run('apply', await operator.nginx('{}'), '-n', namespace)
    proxy.setFault(() => undefined)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /ServiceAccount test-\d+\/web was made by somebody else at the same moment/)
    const [live] = await liveObjects(cluster, [account])
    assert.deepEqual(live!.metadata.annotations, { theirs: 'yes' })
    assert.equal(live!.metadata.labels, undefined)
    assert.equal(live!['automountServiceAccountToken'], undefined)
  })
})
