/**
 * Large layers that are sent while they are hashed: when that is done and when not, counted against a real registry;
 * what happens when it breaks off; and that nothing half-sent is left (docs/adr/0020-upload-while-hashing.md).
 */
import assert from 'node:assert/strict'
import { copyFile, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { startFaultRegistry, type Fault } from '../support/fault-registry.ts'
import { startGate } from '../support/gate.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { costsOf, nothing, settle, tarSize, type Costs } from '../support/run-costs.ts'
import { eventsOf, slipwayOk, startSlipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const megabyte = 1024 * 1024
const files = { shared: 10 * megabyte, api: 9 * megabyte, web: 12 * megabyte + 1 }
const allBytes = files.shared + files.api + files.web
const layers = tarSize(files.shared) + tarSize(files.api) + tarSize(files.web)

const plan = `
images:
${['api', 'web'].map((name) => `  - { name: ${name}, dockerfile: Dockerfile, args: { NAME: ${name} }, files: [shared, ${name}, note] }`).join('\n')}
`
const dockerfile = `FROM scratch
ARG NAME
COPY shared /shared
COPY \${NAME} /program
COPY note /note
`

async function writePrograms(folder: TemporaryFolder): Promise<void> {
  await writeProject(folder.join('project'), {
    'slipway.yaml': plan,
    Dockerfile: dockerfile,
    shared: seededBytes(1, files.shared),
    api: seededBytes(2, files.api),
    web: seededBytes(3, files.web),
    note: 'small\n',
  })
  await settle()
}

const small = { read: 6, layer: tarSize(6) }
/** documents of two images */
const documents = 6000

suite(
  'large layers sent while they are hashed',
  { skip: skipWithoutDockerRegistry(), timeout: 120_000, concurrency: 1 },
  () => {
    let folder: TemporaryFolder
    let registry: DockerRegistry
    before(async () => {
      folder = await temporaryFolder()
      registry = await startDockerRegistry()
      await writePrograms(folder)
    })
    after(async () => {
      await registry?.stop()
      await folder?.remove()
    })
    const file = (name: string) => folder.join('project', name)
    const push = async (...flags: string[]): Promise<Costs> => {
      const home = folder.join(flags.includes('--fresh') ? 'another-home' : 'home')
      const args = ['bake', '--root', '.', '--push', '--hub', `${registry.host}/demo`]
      const more = flags.filter((flag) => flag !== '--fresh')
      return costsOf(await slipwayOk([...args, ...more], { home, cwd: folder.join('project') }))
    }
    const sessionsLeft = async (): Promise<string[]> => {
      const root = `${registry.root}/docker/registry/v2/repositories`
      const names = await readdir(root, { recursive: true })
      return names.filter((name) => /\/_uploads\/[^/]+$/.test(name))
    }
    const rewrite = async (name: string, bytes: Buffer) => {
      await writeFile(file(name), bytes)
      await settle()
    }

    test('everything new: each byte read once, hashed once and sent once, and nobody is asked whether it is there', async () => {
      const { bytesRead, bytesHashed, bytesSent, requests, blobs } = await push()
      assert.deepEqual([bytesRead, bytesHashed], [allBytes + 2 * small.read, layers + small.layer])
      assert.ok(bytesSent > layers && bytesSent < layers + small.layer + documents, `${bytesSent} bytes`)
      // Three large layers; a small one and two configs; two layers in common.
      assert.deepEqual(blobs, { uploaded: 6, mounted: 2 })
      assert.deepEqual(requests, {
        'HEAD manifest': 2,
        'GET tags': 2,
        'POST upload': 6,
        'PATCH upload': 3,
        'PUT upload': 6,
        'HEAD blob': 3,
        mount: 2,
        'PUT manifest': 2,
      })
      assert.deepEqual(await sessionsLeft(), [])
    })

    test('nothing changed: one HEAD for each name', async () => {
      assert.deepEqual(await push(), { ...nothing, requests: { 'HEAD manifest': 2 } })
    })

    test('a cold cache and a warm registry: hashed, and no blob sent', async () => {
      const { bytesRead, bytesSent, requests } = await push('--fresh')
      assert.deepEqual([bytesRead, bytesSent], [allBytes + small.read, 0])
      assert.deepEqual(requests, { 'HEAD manifest': 2 })
    })

    test('another tag from a cold cache: hashed, no layer sent', async () => {
      await rm(folder.join('another-home'), { recursive: true })
      const { bytesSent, requests } = await push('--fresh', '--tag', 'next')
      assert.ok(bytesSent < documents, `${bytesSent} bytes`)
      const found = { 'HEAD blob': 6, mount: 2 }
      assert.deepEqual(requests, { 'HEAD manifest': 2, 'GET tags': 2, ...found, 'PUT manifest': 2 })
    })

    test('linked again with the same content: hashed, no blob sent', async () => {
      await copyFile(file('web'), file('new'))
      await utimes(file('new'), 1, 1)
      await rename(file('new'), file('web'))
      await settle()
      const { bytesRead, bytesSent, requests } = await push()
      assert.deepEqual([bytesRead, bytesSent, requests], [files.web, 0, { 'HEAD manifest': 2 }])
    })

    test('rewritten in its size: hashed first, then sent', async () => {
      await rewrite('web', seededBytes(4, files.web))
      const { bytesRead, requests } = await push()
      assert.equal(bytesRead, 2 * files.web)
      assert.equal(requests['PATCH upload'], undefined)
    })

    test('grown: sent while it is hashed', async () => {
      await rewrite('web', seededBytes(5, files.web + 100))
      const { bytesRead, bytesHashed, requests, blobs } = await push()
      assert.deepEqual([bytesRead, bytesHashed], [files.web + 100, tarSize(files.web + 100)])
      assert.deepEqual(blobs, { exists: 2, uploaded: 2 })
      const uploads = { 'POST upload': 2, 'PATCH upload': 1, 'PUT upload': 2 }
      assert.deepEqual(requests, { 'HEAD manifest': 2, ...uploads, 'HEAD blob': 1, 'PUT manifest': 1 })
      assert.deepEqual(await sessionsLeft(), [])
    })

    test('as it was before that: hashed, and found in the registry', async () => {
      await rewrite('web', seededBytes(4, files.web))
      const { bytesSent, requests } = await push()
      assert.ok(bytesSent < documents, `${bytesSent} bytes`)
      assert.equal(requests['PATCH upload'], undefined)
    })

    test('a name that somebody else moved: hashed first', async () => {
      const { host } = registry
      const options = { home: folder.join('home'), cwd: folder.join('project') }
      await slipwayOk(['copy', `${host}/demo/api:latest`, `${host}/demo/web:latest`], options)
      await rm(folder.join('home/cache/pushed-1'), { recursive: true })
      await rewrite('web', seededBytes(6, files.web + 200))
      const { bytesRead, requests } = await push()
      assert.equal(bytesRead, 2 * (files.web + 200))
      assert.equal(requests['PATCH upload'], undefined)
    })

    test('with --no-clobber, or compressed, nothing goes out before its digest is known', async () => {
      for (const flags of [['--no-clobber'], ['--compression', 'gzip:1']]) {
        await rm(folder.join('another-home'), { recursive: true })
        const { requests } = await push('--fresh', '--hub', `${registry.host}/for${flags.length}`, ...flags)
        assert.equal(requests['PATCH upload'], undefined, flags.join(' '))
      }
    })

    test('a registry wiped between runs gets everything from what is known, read once', async () => {
      await push()
      await rm(`${registry.root}/docker`, { recursive: true })
      const { bytesHashed, requests } = await push()
      assert.deepEqual([bytesHashed, requests['PATCH upload']], [0, undefined])
    })
  },
)

suite('a stream that breaks', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
    await writePrograms(folder)
  })
  after(() => folder?.remove())
  let homes = 0
  const options = () => ({ home: folder.join(`home-${homes++}`), cwd: folder.join('project') })
  const bake = (host: string) => ['bake', 'api', '--root', '.', '--push', '--hub', `${host}/demo`]

  const badDigest = '{"errors":[{"code":"DIGEST_INVALID"}]}'
  const faults: readonly { name: string; fault: Fault; isHashedAgain: boolean }[] = [
    {
      name: 'the connection breaks in the middle of the bytes',
      fault: { on: 'PATCH upload', act: { kind: 'drop', afterBytes: 2 * megabyte } },
      isHashedAgain: true,
    },
    {
      name: 'a 500 to the digest',
      fault: { on: 'PUT upload', act: { kind: 'answer', status: 500 } },
      isHashedAgain: false,
    },
    {
      name: 'a digest that is refused',
      fault: { on: 'PUT upload', act: { kind: 'answer', status: 400, body: badDigest } },
      isHashedAgain: false,
    },
    {
      name: 'a registry without PATCH',
      fault: { on: 'PATCH upload', times: 9, act: { kind: 'answer', status: 405 } },
      isHashedAgain: false,
    },
  ]
  for (const { name, fault, isHashedAgain } of faults) {
    test(`${name}: the layer is sent by its digest`, async (t) => {
      const server = await startFaultRegistry({ faults: [fault] })
      t.after(server.stop)
      const result = await slipwayOk(bake(server.host), options())
      const { bytesHashed } = costsOf(result)
      const once = tarSize(files.shared) + tarSize(files.api) + small.layer
      if (isHashedAgain) assert.ok(bytesHashed > once, `${bytesHashed} bytes`)
      else assert.equal(bytesHashed, once)
      assert.ok(eventsOf(result, 'registry-retry').length > 0)
      assert.equal(server.sessions().size, 0)
      assert.ok(server.manifests.has('demo/api:latest'))
      const sizes = Array.from(server.blobs.values(), ({ length }) => length)
      assert.deepEqual(sizes.toSorted((a, b) => b - a).slice(0, 3), [
        tarSize(files.shared),
        tarSize(files.api),
        small.layer,
      ])
    })
  }

  test('a file that is overwritten while it is sent: an error that names it, and nothing is left', async (t) => {
    const server = await startFaultRegistry()
    t.after(server.stop)
    await using gate = await startGate(server.host, 2 * megabyte)
    const running = startSlipway([...bake(gate.host), '--progress', 'json'], options())
    await gate.closed
    await writeFile(folder.join('project/shared'), seededBytes(7, files.shared))
    await writeFile(folder.join('project/api'), seededBytes(8, files.api))
    gate.open()
    const { status, stderr } = await running.ended
    assert.equal(status, 1, stderr)
    assert.match(
      stderr,
      /^error: "\S+\/project\/(?:shared|api)" changed after it was looked at: it (?:was written to|had \d+ bytes and now has \d+)$/m,
    )
    assert.deepEqual([server.sessions().size, server.blobs.size, server.manifests.size], [0, 0, 0])
  })

  test('Ctrl-C in the middle of it leaves no session', async (t) => {
    const server = await startFaultRegistry()
    t.after(server.stop)
    await using gate = await startGate(server.host, 2 * megabyte)
    const running = startSlipway(bake(gate.host), options())
    await gate.closed
    running.interrupt('SIGINT')
    const { status } = await running.ended
    assert.equal(status, 130)
    assert.deepEqual([server.sessions().size, server.blobs.size], [0, 0])
  })
})
