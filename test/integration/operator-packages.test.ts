/** Packages that are data, out of a folder and out of a registry, on a real control plane; and the gateway's. */
import assert from 'node:assert/strict'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import {
  startControlPlane,
  skipWithoutControlPlane,
  type ControlPlane,
} from '../support/cluster/control-plane.ts'
import { operatorCli, readObjects } from '../support/cluster/operator-cli.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { findGoPrograms, oras } from '../support/go-programs.ts'
import { runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'

const skip = (await skipWithoutControlPlane()) || skipWithoutDockerRegistry()
const orasFolder = await findGoPrograms(oras)
const skipOras = requirePart('oras', orasFolder !== undefined)
const example = resolve(import.meta.dirname, '../../examples/packages/redis')

suite('packages that are data', { skip, timeout: 300_000 }, () => {
  let cluster: ControlPlane
  let registry: DockerRegistry
  const operator = operatorCli(() => cluster)
  before(async () => {
    ;[cluster, registry] = await Promise.all([startControlPlane(), startDockerRegistry()])
  })
  after(async () => {
    await registry?.stop()
    await cluster?.stop()
  })

  const installation = (source: string, values = '{}', identity = '{name: redis, version: 1.0.0, ') =>
    operator.file(`apiVersion: slipway.dev/v1alpha1
kind: Installation
metadata: {name: cache}
spec:
  package: ${identity}source: "${source}"}
  values: ${values}
`)
  const push = async (folder = example) =>
    (await operator.ok('package', 'push', folder, `${registry.host}/packages/redis:1.0.0`)).stdout.trim()

  test('pushed to a registry and pulled by its digest it gives the same objects as its folder', async () => {
    const source = await push()
    assert.match(source, /^oci:\/\/127\.0\.0\.1:\d+\/packages\/redis@sha256:[0-9a-f]{64}$/)
    assert.equal(await push(), source, 'the same files have the same digest')
    const values = '{password: correct-horse, maxMemoryMegabytes: 64}'
    const [fromRegistry, fromFolder] = await Promise.all([
      operator.ok('render', await installation(source, values)),
      operator.ok('render', await installation(example, values)),
    ])
    assert.equal(fromRegistry.stdout, fromFolder.stdout)
    const set = readObjects(fromRegistry.stdout).find(({ kind }) => kind === 'StatefulSet')!
    const [container] = (set['spec'] as { template: { spec: { containers: Record<string, unknown>[] } } })
      .template.spec.containers
    assert.deepEqual(container!['args'], ['--maxmemory', '64mb', '--requirepass', '$(REDIS_PASSWORD)'])
    assert.deepEqual(container!['resources'], {
      requests: { cpu: '50m', memory: '64Mi' },
      limits: { memory: '128Mi' },
    })
    const without = readObjects((await operator.ok('render', await installation(example))).stdout)
    assert.deepEqual(
      without.map(({ kind }) => kind),
      ['Service', 'StatefulSet'],
    )
    assert.doesNotMatch(JSON.stringify(without), /REDIS_PASSWORD|requirepass|slipway\.dev\/when/)
  })

  test('other tools read it too', { skip: skipOras }, async () => {
    await push()
    const folder = cluster.folder.join('pulled')
    const reference = `${registry.host}/packages/redis:1.0.0`
    await runProgram(`${orasFolder}/oras`, ['pull', '--plain-http', '-o', folder, reference])
    for (const file of ['package.yaml', 'manifests/redis.yaml'])
      assert.equal(await readFile(`${folder}/${file}`, 'utf8'), await readFile(`${example}/${file}`, 'utf8'))
  })

  test('installed, upgraded, and its secret is shown to nobody', async () => {
    const namespace = await cluster.newNamespace()
    const source = await push()
    await operator.ok('apply', await installation(source, '{password: correct-horse}'), '-n', namespace)
    const changed = await installation(source, '{password: battery-staple, storage: 1Gi}')
    const preview = await operator.run('diff', changed, '-n', namespace)
    assert.equal(preview.status, 1, preview.stderr)
    assert.match(
      preview.stdout,
      /~ Secret test-\d+\/cache\n {4}~ data\.?\[?password\]?: "\(hidden\)" -> "\(hidden\)"/,
    )
    assert.match(preview.stdout, /config-hash/, 'pods that use it are made anew')
    const json = await operator.run('diff', changed, '-n', namespace, '--json')
    for (const text of [preview.stdout, json.stdout])
      for (const secret of ['correct-horse', 'battery-staple']) {
        assert.ok(!text.includes(secret))
        assert.ok(!text.includes(Buffer.from(secret).toString('base64')))
      }
    await operator.ok('apply', changed, '-n', namespace)
    const same = await operator.run('diff', changed, '-n', namespace)
    assert.equal(same.status, 0, same.stdout)
    const revisions = await cluster.client.list(
      { apiVersion: 'apps/v1', kind: 'ControllerRevision' },
      { namespace, labelSelector: 'slipway.dev/installation=cache' },
    )
    assert.equal(revisions.length, 2)
    const { gunzipSync } = await import('node:zlib')
    for (const revision of revisions) {
      const { objects } = revision['data'] as { objects: string }
      const kept = gunzipSync(Buffer.from(objects, 'base64')).toString()
      assert.match(kept, /"kind":"Secret"/)
      assert.doesNotMatch(kept, /correct-horse|battery-staple/)
    }
    await operator.ok('rollback', 'cache', '-n', namespace)
    const secret = await cluster.client.get({ apiVersion: 'v1', kind: 'Secret', namespace, name: 'cache' })
    const { password } = secret!['data'] as { password: string }
    assert.equal(
      Buffer.from(password, 'base64').toString(),
      'battery-staple',
      'values of secrets are not rolled back',
    )
  })

  test('what is wrong with it is told at its place', async () => {
    const folder = cluster.folder.join('wrong')
    const change = async (file: string, from: string, to: string) => {
      await cp(example, folder, { recursive: true })
      const text = await readFile(`${example}/${file}`, 'utf8')
      assert.ok(text.includes(from))
      await writeFile(`${folder}/${file}`, text.replace(from, to))
      return operator.run('render', await installation(folder))
    }
    const cases: readonly [file: string, from: string, to: string, message: RegExp][] = [
      [
        'manifests/redis.yaml',
        '${values.image}',
        '${values.imgae}',
        /\$\{values\.imgae\} cannot be evaluated: no such key: imgae\n.*wrong\/manifests\/redis\.yaml:\d+:18/,
      ],
      ['manifests/redis.yaml', '${values.image}', '${values.image', /an expression has no end\n/],
      [
        'manifests/redis.yaml',
        '${values.image}',
        '${nonsense}',
        /\$\{nonsense\} cannot be evaluated: unknown variable: nonsense/,
      ],
      [
        'manifests/redis.yaml',
        'replicas: 1',
        'replicas: one',
        /package redis 1\.0\.0 renders StatefulSet default\/cache, whose spec\.replicas must be a whole number, not "one"/,
      ],
      [
        'manifests/redis.yaml',
        'serviceName',
        'serviceNaem',
        /spec\.serviceNaem is not a field of this kind\n.*did you mean "serviceName"/,
      ],
      [
        'package.yaml',
        'minimum: 16',
        'minimun: 16',
        /"minimun" is not a keyword of schemas that is known here\n(?:.*\n){3}.*did you mean "minimum"/,
      ],
      ['package.yaml', 'version: 1.0.0', 'version: 1.0', /is not a version such as 1\.2\.0|must be a text/],
    ]
    for (const [file, from, to, message] of cases) {
      const result = await change(file, from, to)
      assert.equal(result.status, 2, `${to}: ${result.stderr}`)
      assert.match(result.stderr, message)
    }
  })

  test('values, names and digests that do not fit are refused', async () => {
    const source = await push()
    const small = await operator.run(
      'render',
      await installation(source, '{maxMemoryMegabytes: 1, passwort: x}'),
    )
    assert.equal(small.status, 2)
    assert.match(small.stderr, /maxMemoryMegabytes: the number 1 must be at least 16/)
    assert.match(small.stderr, /unknown key "passwort" .*\n(?:.*\n){3}.*did you mean "password"/)
    const tagged = await operator.run('render', await installation(source.replace(/@.*/, ':1.0.0')))
    assert.equal(tagged.status, 2)
    assert.match(tagged.stderr, /names no digest, so that it could be another package tomorrow/)
    const other = await operator.run(
      'render',
      await installation(source, '{}', '{name: redis, version: 2.0.0, '),
    )
    assert.match(other.stderr, /is package redis 1\.0\.0, not redis 2\.0\.0/)
    const nowhere = await operator.run('render', await installation(source.replace(/[0-9a-f]{4}$/, '0000')))
    assert.match(nowhere.stderr, /there is no package 127\.0\.0\.1:\d+\/packages\/redis@sha256/)
    const unknown = await operator.run(
      'render',
      await operator.file(
        'apiVersion: slipway.dev/v1alpha1\nkind: Installation\nmetadata: {name: x}\nspec:\n  package: {name: ngnix, version: 1.0.0}\n',
      ),
    )
    assert.equal(unknown.status, 2)
    assert.match(unknown.stderr, /there is no package "ngnix"\n.*did you mean "nginx"/)
  })

  test('the schema of values is printed, and takes what the package takes', async () => {
    const { stdout } = await operator.ok('package', 'list')
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]!)
    assert.deepEqual(names, ['nginx@1.0.0', 'nginx@1.1.0', 'gateway@1.0.0'])
    const { Ajv2020 } = await import('ajv/dist/2020.js')
    const cases: readonly [name: string, good: object, bad: object][] = [
      ['nginx@1.0.0', { replicas: 3, tls: { secretName: 'x' } }, { replica: 3 }],
      [example, { password: 'long-enough' }, { password: 'short' }],
    ]
    for (const [name, good, bad] of cases) {
      const schema = JSON.parse((await operator.ok('package', 'schema', name)).stdout)
      const check = new Ajv2020().compile(schema)
      assert.deepEqual([check({}), check(good), check(bad)], [true, true, false], name)
    }
  })

  test('lint finds nothing in what is shipped, and something in what is not', async () => {
    for (const name of ['nginx@1.0.0', 'nginx@1.1.0', 'gateway@1.0.0', example]) {
      const result = await operator.ok('lint', name)
      assert.match(result.stdout, /: 0 errors, 0 warnings\n$/)
    }
    const folder = cluster.folder.join('linted')
    await cp(example, folder, { recursive: true })
    const text = await readFile(`${example}/manifests/redis.yaml`, 'utf8')
    await writeFile(
      `${folder}/manifests/redis.yaml`,
      text.replace('${values.image}', 'redis:latest').replace('runAsNonRoot: true, ', ''),
    )
    const result = await operator.run('lint', folder)
    assert.equal(result.status, 1)
    assert.match(
      result.stdout,
      /error: StatefulSet lint\/example runs redis:latest as redis, which is another one tomorrow \[image-not-pinned\]/,
    )
    assert.match(result.stdout, /warning: StatefulSet lint\/example may run as root \[may-run-as-root\]/)
    assert.match(result.stdout, /redis 1\.0\.0: 1 errors, 1 warnings\n$/)
  })

  test('a kind and a namespace that come with the package are there before what needs them, and stay when it goes', async () => {
    const folder = cluster.folder.join('with-kinds')
    await mkdir(`${folder}/manifests`, { recursive: true })
    await writeFile(
      `${folder}/package.yaml`,
      'apiVersion: slipway.dev/v1alpha1\nkind: Package\nmetadata: {name: kinds}\nspec:\n  version: 1.0.0\n  schema: {type: object, properties: {more: {type: boolean, default: true}}}\n',
    )
    await writeFile(
      `${folder}/manifests/all.yaml`,
      `apiVersion: test.slipway.dev/v1
kind: Boat
metadata: {name: first, annotations: {slipway.dev/when: values.more}}
spec: {length: 7}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: far, namespace: harbour}
data: {where: there}
---
apiVersion: v1
kind: Namespace
metadata: {name: harbour, annotations: {slipway.dev/when: values.more}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.test.slipway.dev}
spec:
  group: test.slipway.dev
  scope: Namespaced
  names: {kind: Boat, plural: boats, singular: boat, listKind: BoatList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {length: {type: integer}}}}
`,
    )
    const namespace = await cluster.newNamespace()
    const file = (values: string) => installation(folder, values, '{name: kinds, version: 1.0.0, ')
    const preview = await operator.run('diff', await file('{}'), '-n', namespace)
    assert.equal(preview.status, 1, preview.stderr)
    const applied = await operator.ok('apply', await file('{}'), '-n', namespace, '--wait')
    assert.match(
      applied.stderr,
      /warning: Boat test-\d+\/first is of test\.slipway\.dev\/v1, which is not one of Kubernetes' own/,
    )
    assert.match(
      applied.stderr,
      /CustomResourceDefinition boats\.test\.slipway\.dev ready\n(?:.*\n)*Boat test-\d+\/first created/,
    )
    assert.equal((await operator.run('diff', await file('{}'), '-n', namespace)).status, 0)

    const fewer = await operator.ok('apply', await file('{more: false}'), '-n', namespace)
    assert.match(fewer.stderr, /Boat test-\d+\/first deleted/)
    assert.match(fewer.stderr, /Namespace harbour stays: .*name it in deleteProtected/)
    const again = await operator.run('diff', await file('{more: false}'), '-n', namespace)
    assert.equal(again.status, 0, again.stdout)
    assert.match(again.stdout, /Namespace harbour is no longer rendered and stays/)

    const deleted = await operator.ok('delete', 'cache', '-n', namespace)
    assert.match(deleted.stderr, /CustomResourceDefinition boats\.test\.slipway\.dev stays/)
    const left = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      namespace: undefined,
      name: 'boats.test.slipway.dev',
    }
    const definition = await cluster.client.get(left)
    assert.equal(definition!.metadata.labels?.['applyset.kubernetes.io/part-of'], undefined)
  })
})
