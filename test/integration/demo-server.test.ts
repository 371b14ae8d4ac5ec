/** The demo's server, built without Docker, run by runc and by dockerd. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { hostPlatform } from '../../src/oci/index.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { startDockerd } from '../support/dockerd.ts'
import { answersHttp, hasProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { runcStart } from '../support/runc.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { umociUnpack } from '../support/umoci.ts'
import { freePort } from '../support/free-port.ts'

const root = resolve(import.meta.dirname, '../../examples/demo')
const architecture = hostPlatform().architecture
const skip =
  skipWithoutDockerRegistry() ||
  ['skopeo', 'umoci', 'runc', 'dockerd'].map((name) => requirePart(name, hasProgram(name))).find(Boolean) ||
  (process.getuid?.() === 0 ? false : 'running containers needs root')

suite('the server of the demo', { skip, timeout: 300_000 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  let unreachable: string | undefined
  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
    const plan = ['bake', 'web', '-f', join(root, 'slipway.yaml'), '--root', root]
    const hub = ['--hub', `${registry.host}/demo`, '--push', '--platform', `linux/${architecture}`]
    const { HOME = homedir(), XDG_CACHE_HOME = join(HOME, '.cache') } = process.env
    const env = { HOME, XDG_CACHE_HOME }
    const { status, stderr } = await slipway([...plan, ...hub], { home: folder.path, env })
    if (/cannot fetch .* with npm pack/.test(stderr)) {
      unreachable = `the registry of npm cannot be reached:\n${stderr.slice(-1000)}`
      if (process.env['SLIPWAY_REQUIRE_ALL'] === '1') throw new Error(unreachable)
    } else assert.equal(status, 0, stderr)
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  for (const tag of ['dev', 'dev-distroless']) {
    test(`web:${tag} answers with its page when runc runs it as its config says`, async (t) => {
      if (unreachable !== undefined) return t.skip(unreachable)
      const layout = folder.join(`layout-${tag}`)
      const platform = `linux/${architecture}`
      await skopeoCopy(`docker://${registry.host}/demo/web:${tag}`, `oci:${layout}:web`, { platform })
      const bundle = await umociUnpack(layout, 'web', folder.join(`bundle-${tag}`))
      const { args, user } = bundle.config['process'] as {
        args: string[]
        user: { uid: number; gid: number }
      }
      assert.deepEqual([user.uid, user.gid], [1337, 1337])
      assert.equal(args[1], '--serve=8080')
      // The port of the image may be taken on this machine; everything else stays as it is.
      const port = await freePort()
      const url = `http://127.0.0.1:${port}`
      await using container = await runcStart(bundle.path, {
        args: [args[0]!, `--serve=${port}`, ...args.slice(2)],
        isReady: () => answersHttp(url),
      })
      await checkPages(url)
      const status = await readFile(`/proc/${container.pid}/status`, 'utf8')
      assert.match(status, /^Uid:\t1337\t1337\t1337\t1337$/m)
    })
  }

  test('web:dev is pulled and run by dockerd, and answers with its page', async (t) => {
    if (unreachable !== undefined) return t.skip(unreachable)
    await using docker = await startDockerd()
    const image = `${registry.host}/demo/web:dev`
    await docker.run(['pull', '--quiet', image])
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const program = ['--entrypoint', '/usr/local/bin/esbuild', image]
    const flags = [`--serve=${port}`, '--servedir=/srv', '--watch=forever']
    const id = await docker.run(['run', '--detach', '--net=host', ...program, ...flags])
    try {
      await waitUntilItAnswers(url, () => docker.run(['logs', id]))
      await checkPages(url)
      const format =
        '{{.Config.User}} {{.Config.WorkingDir}} {{.Config.StopSignal}} {{json .Config.ExposedPorts}}'
      assert.equal(
        await docker.run(['inspect', '--format', format, id]),
        '1337:1337 /srv SIGTERM {"8080/tcp":{}}',
      )
    } finally {
      await docker.run(['rm', '--force', id])
    }
  })
})

async function checkPages(url: string): Promise<void> {
  for (const [path, file] of [
    ['/', 'index.html'],
    ['/style.css', 'style.css'],
    ['/health/index.json', 'health/index.json'],
  ] as const) {
    const response = await fetch(url + path)
    assert.equal(response.status, 200, path)
    assert.equal(await response.text(), await readFile(join(root, 'static/site', file), 'utf8'), path)
  }
  assert.equal((await fetch(`${url}/no-such-page`)).status, 404)
}

async function waitUntilItAnswers(url: string, logs: () => Promise<string>): Promise<void> {
  for (let attempt = 1; !(await answersHttp(url)); attempt++) {
    if (attempt === 600) throw new Error(`${url} does not answer\n${await logs()}`)
    await new Promise((resume) => setTimeout(resume, 50))
  }
}
