/** Packages and the programs they run: nginx reads its configuration, and the gateway serves out of an image of our own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeObject } from '../../src/kube/index.ts'
import { readObjects } from '../support/cluster/operator-cli.ts'
import { freePort } from '../support/free-port.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { newAuthority, skipWithoutOpenssl } from '../support/certificates.ts'

const root = resolve(import.meta.dirname, '../..')
const skipNginx = requirePart('nginx', hasProgram('nginx')) || skipWithoutOpenssl()

suite('programs of packages', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())

  async function render(kind: string, values: object, packaged?: string): Promise<KubeObject[]> {
    const spec = packaged === undefined ? values : { package: { name: packaged, version: '1.0.0' }, values }
    const object = { apiVersion: 'slipway.dev/v1alpha1', kind, metadata: { name: 'web' }, spec }
    const file = folder.join('installation.yaml')
    await writeFile(file, JSON.stringify(object))
    const result = await slipway(['operator', 'render', file], { home: folder.path })
    assert.equal(result.status, 0, result.stderr)
    return readObjects(result.stdout)
  }

  const configOf = (objects: readonly KubeObject[]) =>
    objects.find(({ kind }) => kind === 'ConfigMap')!['data'] as Record<string, string>

  for (const [name, values] of [
    ['with an empty spec', {}],
    ['with TLS', { tls: { secretName: 'web-tls' } }],
  ] as const)
    test(`nginx takes its configuration ${name}`, { skip: skipNginx }, async () => {
      const config = configOf(await render('Nginx', values))
      const conf = folder.join(`conf-${name.replaceAll(' ', '-')}`)
      await mkdir(join(conf, 'conf.d'), { recursive: true })
      await mkdir(join(conf, 'tls'))
      const authority = await newAuthority(folder.path, 'nginx-ca')
      const { certificate, key } = await authority.sign('nginx')
      // Paths of the image are those of the folder here.
      const local = (text: string) =>
        text
          .replaceAll('/etc/nginx/conf.d', `${conf}/conf.d`)
          .replaceAll('/etc/nginx/tls/tls.crt', certificate)
          .replaceAll('/etc/nginx/tls/tls.key', key)
          .replaceAll('/tmp/', `${conf}/`)
          // A pipe in a pod, and a socket here, which nginx cannot open.
          .replaceAll('/dev/stdout', `${conf}/access.log`)
      await writeFile(join(conf, 'nginx.conf'), local(config['nginx.conf']!))
      await writeFile(join(conf, 'conf.d/default.conf'), local(config['default.conf']!))
      const { stderr } = await runProgram('nginx', ['-t', '-c', join(conf, 'nginx.conf')])
      assert.match(stderr, /test is successful/)
    })

  test('the gateway of an image that Slipway has built serves the files of its package', async () => {
    const layout = folder.join('layout')
    const built = await slipwayOk(
      [
        'build',
        '-f',
        'examples/gateway-image/Dockerfile',
        '--build-arg',
        'BASE=scratch',
        '-o',
        `type=local,dest=${layout}`,
        '.',
      ],
      { home: folder.path, cwd: root },
    )
    assert.equal(built.status, 0)
    const [port, adminPort] = [await freePort(), await freePort()]
    const objects = await render('Installation', { ...gatewayValues(port) }, 'gateway')
    const config = folder.join('config')
    await mkdir(config)
    for (const [name, text] of Object.entries(configOf(objects))) await writeFile(join(config, name), text)
    const deployment = objects.find(({ kind }) => kind === 'Deployment') as unknown as {
      spec: { template: { spec: { containers: { args: string[] }[] } } }
    }
    const args = deployment.spec.template.spec.containers[0]!.args.map((word) =>
      word
        .replace(/^\/tmp\//, `${folder.path}/`)
        .replace(/^0\.0\.0\.0:15000$/, `127.0.0.1:${adminPort}`)
        .replace(/^0\.0\.0\.0$/, '127.0.0.1')
        .replace(/^10$/, '0')
        .replace(/^\/etc\/slipway\/gateway$/, config),
    )
    // The entry of the image, out of its own file system, by the Node.js of this machine.
    const main = join(layout, 'opt/slipway/bin/slipway.js')
    assert.deepEqual((await readdir(join(layout, 'opt/slipway'))).toSorted(), ['bin', 'dist', 'package.json'])
    const gateway = spawn(process.execPath, [main, ...args], { stdio: 'ignore' })
    try {
      let ready = false
      for (let attempt = 0; attempt < 200 && !ready; attempt++) {
        ready = await fetch(`http://127.0.0.1:${adminPort}/ready`).then(
          ({ ok }) => ok,
          () => false,
        )
        if (!ready) await sleep(50)
      }
      assert.ok(ready, 'it is ready')
      const answer = await fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' })
      assert.equal(answer.status, 302)
      assert.match(answer.headers.get('location') ?? '', /slipway\.test/)
    } finally {
      gateway.kill('SIGTERM')
      const timer = setTimeout(() => gateway.kill('SIGKILL'), 10_000)
      if (gateway.exitCode === null) await once(gateway, 'exit')
      clearTimeout(timer)
    }
  })
})

function gatewayValues(port: number): object {
  return {
    image: 'registry.test/slipway:1.0.0',
    ports: [{ name: 'http', port }],
    config: {
      'gateway.yaml': `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public}
spec:
  gatewayClassName: slipway
  listeners: [{name: http, port: ${port}, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: away}
spec:
  parentRefs: [{name: public}]
  rules:
  - filters: [{type: RequestRedirect, requestRedirect: {hostname: slipway.test, statusCode: 302}}]
`,
    },
  }
}
