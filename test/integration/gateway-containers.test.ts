/** The compose file of the example: its images built by Slipway, run by runc. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { dirname, join, resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { hostPlatform } from '../../src/oci/index.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { freePort } from '../support/free-port.ts'
import { answersHttp, hasProgram, runProgram } from '../support/program.ts'
import { writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { runcStart } from '../support/runc.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import { slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { umociUnpack } from '../support/umoci.ts'

const root = resolve(import.meta.dirname, '../..')
const example = join(root, 'examples/local-gateway')
const skip =
  skipWithoutDockerRegistry() ||
  ['skopeo', 'umoci', 'runc'].map((name) => requirePart(name, hasProgram(name))).find(Boolean) ||
  (process.getuid?.() === 0 ? false : 'running containers needs root')

suite('the example in containers', { skip, timeout: 300_000 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  const platform = `linux/${hostPlatform().architecture}`
  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  test('slipway builds both images, and the gateway answers for the app', async () => {
    const home = folder.join('home')
    await writeNodeBase(folder.join('base'))
    const base = `${registry.host}/node:24-slim`
    await slipwayOk(['build', folder.join('base'), '-t', base, '--platform', platform, '--push'], { home })
    // `npm ci` made it; a test that makes it anew would pull it from under others.
    if (!existsSync(join(root, 'dist/cli.js')))
      await runProgram(process.execPath, [join(root, 'scripts/bundle.ts')], { cwd: root })
    await slipwayOk(['bake', '-f', join(example, 'compose.yaml'), '--save', folder.join('images')], {
      home,
      cwd: root,
      env: { NODE_IMAGE: base },
    })
    const [istio, gatewayApi, echo, admin] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ]
    const bundle = async (name: string) => {
      const layout = folder.join(`layout-${name}`)
      await skopeoCopy(
        `oci:${folder.join('images')}:docker.io/local-gateway/${name}:latest`,
        `oci:${layout}:x`,
        { platform },
      )
      return (await umociUnpack(layout, 'x', folder.join(`bundle-${name}`))).path
    }
    const [gatewayBundle, echoBundle] = [await bundle('gateway'), await bundle('echo')]
    const config = join(gatewayBundle, 'rootfs/etc/gateway')
    await rm(config, { recursive: true, force: true })
    await mkdir(config, { recursive: true })
    const files: Record<string, string> = {}
    for (const name of ['istio.yaml', 'gateway-api.yaml'])
      files[name] = (await readFile(join(example, 'config', name), 'utf8'))
        .replaceAll('8080', String(istio))
        .replaceAll('8081', String(gatewayApi))
        .replaceAll('7001', String(echo))
    await writeProject(config, files)
    await using server = await runcStart(echoBundle, {
      args: ['node', '/app/server.mjs', String(echo)],
      isReady: () => answersHttp(`http://127.0.0.1:${echo}/`),
    })
    const entrypoint = ['node', '/opt/slipway/bin/slipway.js', 'gateway', 'run', '--config', '/etc/gateway']
    await using gateway = await runcStart(gatewayBundle, {
      args: [
        ...entrypoint,
        '--address',
        '0.0.0.0',
        '--admin',
        `127.0.0.1:${admin}`,
        '--state',
        '/tmp/ages.json',
      ],
      isReady: async () => (await fetch(`http://127.0.0.1:${admin}/ready`)).ok,
    })
    for (const port of [istio, gatewayApi]) {
      const sent = request({ host: '127.0.0.1', port, path: '/v2/x', headers: { host: 'echo.local' } }).end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      let body = ''
      for await (const chunk of response) body += String(chunk)
      assert.equal(response.statusCode, 200, body)
      assert.equal((JSON.parse(body) as { path: string }).path, '/x')
    }
    assert.equal(await gateway.stop(), 0, gateway.output())
    await server.stop()
  })
})

/** A build context for an image with the Node.js of this machine and what it is linked with. */
async function writeNodeBase(folder: string): Promise<void> {
  const { stdout } = await runProgram('ldd', [process.execPath])
  const libraries = [...stdout.matchAll(/(\/\S+)/g)]
    .map(([, path]) => path!)
    .filter((path) => path.includes('.so'))
  await writeProject(folder, {
    Dockerfile: 'FROM scratch\nCOPY rootfs /\nENV PATH=/usr/local/bin\nWORKDIR /tmp\n',
    // container runtimes bring it
    'rootfs/etc/hosts': '127.0.0.1 localhost\n',
  })
  for (const path of libraries) {
    const target = join(folder, 'rootfs', path)
    await mkdir(dirname(target), { recursive: true })
    await cp(await realpath(path), target)
  }
  const bin = join(folder, 'rootfs/usr/local/bin')
  await mkdir(bin, { recursive: true })
  await cp(await realpath(process.execPath), join(bin, 'node'))
}
