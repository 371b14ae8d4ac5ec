/**
 * `--load` into real daemons, from `build` and `bake`: a second load moves only what changed, and what the daemon has
 * then is whole. Bytes are those of the run's own count of what it sent.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { after, before, describe, suite, test } from 'node:test'
import { startDockerRegistry, type DockerRegistry } from '../support/docker-registry.ts'
import { imageStores, skipWithoutDockerd, startDockerd, type Dockerd } from '../support/dockerd.ts'
import { skipWithoutPodman, startPodman, type Podman } from '../support/podman.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import { eventsOf, slipwayOk, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const megabyte = 1 << 20
const withoutParts = requirePart(
  'docker-registry, skopeo, busybox',
  ['docker-registry', 'skopeo', 'busybox'].every(hasProgram),
)

const bytesSent = (result: SlipwayResult) =>
  (eventsOf(result, 'finished')[0]!['tally'] as { bytesSent: number }).bytesSent
const warnings = (result: SlipwayResult) => eventsOf(result, 'warning').map(({ message }) => String(message))

suite('loading into daemons', { timeout: 600_000, concurrency: 1 }, () => {
  let folder: TemporaryFolder
  let registry: DockerRegistry | undefined
  /** runs `slipway` in the project of a test */
  const run = (cwd: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
    slipwayOk(args, { home: folder.join('home'), cwd, env })

  before(async () => {
    folder = await temporaryFolder()
    if (!withoutParts) registry = await startDockerRegistry()
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  /** A project on a base with gzip layers in the registry: busybox below, 8 MB of data, and a small file on top. */
  const newProject = async (name: string): Promise<{ cwd: string; image: string }> => {
    const { host } = registry!
    const cwd = folder.join(name)
    const busybox = (await runProgram('sh', ['-c', 'command -v busybox'])).stdout.trim()
    await writeProject(cwd, {
      'base/Dockerfile': 'FROM scratch\nCOPY --chmod=0755 busybox /bin/busybox\n',
      'app/Dockerfile': `FROM ${host}/${name}/base:1\nCOPY data /data\nCOPY config /config\nCMD ["/bin/busybox", "cat", "/config"]\n`,
      'app/config': 'first',
      'app/data': randomBytes(8 * megabyte),
    })
    await runProgram('cp', [busybox, `${cwd}/base/busybox`])
    await run(cwd, ['build', '-t', 'base:1', '-o', 'type=oci,dest=base.oci', 'base'], {})
    const reference = 'docker.io/library/base:1'
    await skopeoCopy(`oci:${cwd}/base.oci:${reference}`, `docker://${host}/${name}/base:1`, {
      platform: 'linux/amd64',
    })
    return { cwd, image: `x.test/${name}:1` }
  }

  for (const store of imageStores) {
    describe(`docker with the ${store} store`, async () => {
      const skip = (await skipWithoutDockerd(store)) || withoutParts
      let daemon: Dockerd
      before(async () => {
        if (!skip) daemon = await startDockerd({ store })
      })
      after(async () => daemon?.stop())
      const load = (cwd: string, args: readonly string[]) =>
        run(cwd, ['build', '--load', ...args], { DOCKER_HOST: daemon.host })
      /** what a container of the image has as /config: Debian's runc cannot run those of a current daemon */
      const configIn = async (image: string): Promise<string> => {
        const container = await daemon.run(['create', image])
        await daemon.run(['cp', `${container}:/config`, folder.join('config')])
        await daemon.run(['rm', container])
        return readFile(folder.join('config'), 'utf8')
      }

      test('a second load moves only the changed layer', { skip }, async (context) => {
        const { cwd, image } = await newProject(`change-${store}`)
        const first = await load(cwd, ['-t', image, 'app'])
        await writeFile(`${cwd}/app/config`, 'second')
        const second = await load(cwd, ['-t', image, 'app'])
        const same = await load(cwd, ['-t', image, 'app'])
        context.diagnostic(
          `sent ${bytesSent(first)}, after a change ${bytesSent(second)}, unchanged ${bytesSent(same)}`,
        )
        assert.ok(bytesSent(first) > 8 * megabyte)
        assert.ok(bytesSent(second) < 20_000, `${bytesSent(second)} bytes after one changed file`)
        assert.equal(bytesSent(same), 0)
        assert.deepEqual(warnings(second), [])
        assert.equal(await configIn(image), 'second')
      })

      test('what was spared is kept when older images go', { skip }, async () => {
        const { cwd, image } = await newProject(`prune-${store}`)
        await load(cwd, ['-t', image, 'app'])
        await writeFile(`${cwd}/app/config`, 'second')
        const second = await load(cwd, ['-t', image, 'app'])
        await daemon.run(['image', 'prune', '--force'])
        const archive = folder.join(`saved-${store}.tar`)
        await daemon.run(['save', '-o', archive, image])
        await skopeoCopy(`docker-archive:${archive}`, `dir:${folder.join(`saved-${store}`)}`, {
          platform: 'linux/amd64',
        })
        await daemon.run(['rmi', image])
        await daemon.run(['image', 'prune', '--force'])
        const again = await load(cwd, ['-t', image, 'app'])
        assert.ok(bytesSent(again) > 8 * megabyte, 'everything was removed, so everything is sent')
        assert.ok(bytesSent(second) < 20_000)
      })

      test('layers it has in another form are sent after all', { skip }, async () => {
        const { host } = registry!
        const { cwd, image } = await newProject(`form-${store}`)
        const copy = `${host}/form-${store}/app:1`
        await run(cwd, ['build', '-t', image, '-o', 'type=oci,dest=app.oci', 'app'], {})
        await skopeoCopy(`oci:${cwd}/app.oci:${image}`, `docker://${copy}`, { platform: 'linux/amd64' })
        await daemon.run(['pull', copy])
        await writeFile(`${cwd}/app/config`, 'second')
        const result = await load(cwd, ['-t', image, 'app'])
        if (store === 'containerd')
          assert.match(warnings(result).join(), /lacks layers of "app" that it seemed to have/)
        else assert.ok(bytesSent(result) < 20_000, 'a graph driver knows a layer in whatever form it came')
        assert.equal(await configIn(image), 'second')
        await daemon.run(['save', '-o', folder.join('form.tar'), image])
      })

      test('of several platforms it gets those it can keep', { skip }, async () => {
        const cwd = folder.join(`platforms-${store}`)
        await writeProject(cwd, {
          Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /\n',
          amd64: 'x',
          arm64: 'y',
        })
        const image = `x.test/platforms-${store}:1`
        const args = ['-t', image, '--platform', 'linux/amd64,linux/arm64', '--iidfile', 'id', '.']
        const result = await load(cwd, args)
        const id = await daemon.run(['image', 'inspect', '--format', '{{.Id}}', image])
        const { stdout: top } = await runProgram('cat', ['id'], { cwd })
        if (store === 'containerd') assert.deepEqual([id, warnings(result)], [top, []])
        else
          assert.deepEqual(warnings(result), [
            `docker keeps one platform of "platforms-${store}": linux/arm64 is left out`,
          ])
        assert.equal(bytesSent(await load(cwd, args)), 0)
      })

      test(
        'all images of a plan are loaded, a shared layer once whatever is below it',
        { skip },
        async () => {
          const cwd = folder.join(`plan-${store}`)
          await writeProject(cwd, {
            'slipway.yaml': `hubs: [x.test/plan-${store}]
platforms: [linux/amd64]
images:
  - {name: one, dockerfile: Dockerfile, files: [shared, own]}
  - {name: two, dockerfile: Dockerfile.two, files: [shared, own]}
`,
            Dockerfile: 'FROM scratch\nCOPY shared /\nCOPY own /one\n',
            'Dockerfile.two': 'FROM scratch\nCOPY own /two\nCOPY shared /\n',
            shared: randomBytes(2 * megabyte),
            own: 'x',
          })
          const result = await run(cwd, ['bake', '--load', '-o', 'type=oci,dest=both.tar'], {
            DOCKER_HOST: daemon.host,
          })
          assert.ok(bytesSent(result) < 2.5 * megabyte, `${bytesSent(result)} bytes`)
          const list = await daemon.run(['images', '--format', '{{.Repository}}'])
          for (const name of ['one', 'two'])
            assert.ok(list.split('\n').includes(`x.test/plan-${store}/${name}`), list)
        },
      )

      test('an archive of ours is read by docker load', { skip }, async () => {
        const { cwd, image } = await newProject(`archive-${store}`)
        await run(cwd, ['build', '-t', image, '-o', 'type=docker,dest=app.tar', 'app'], {})
        await daemon.run(['load', '-i', `${cwd}/app.tar`])
        assert.equal(await configIn(image), 'first')
        assert.equal(bytesSent(await load(cwd, ['-t', image, 'app'])), 0)
      })

      test('a daemon behind the docker command is as good as a socket', { skip }, async () => {
        const { cwd, image } = await newProject(`dial-${store}`)
        const path = daemon.host.slice('unix://'.length)
        const proxy = createServer((socket) => {
          const upstream = connect(path)
          for (const end of [socket, upstream]) end.on('error', () => {})
          socket.pipe(upstream).pipe(socket)
        })
        await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
        const { port } = proxy.address() as { port: number }
        try {
          const env = { DOCKER_HOST: `tcp://127.0.0.1:${port}` }
          await run(cwd, ['build', '--load', '-t', image, 'app'], env)
          await writeFile(`${cwd}/app/config`, 'second')
          const second = await run(cwd, ['build', '--load', '-t', image, 'app'], env)
          assert.ok(bytesSent(second) < 20_000)
          assert.equal(await configIn(image), 'second')
        } finally {
          proxy.close()
        }
      })
    })
  }

  describe('podman', () => {
    const skip = skipWithoutPodman() || withoutParts
    let podman: Podman
    before(async () => {
      if (!skip) podman = await startPodman()
    })
    after(async () => podman?.stop())
    const inspect = async (image: string) => JSON.parse(await podman.run(['image', 'inspect', image]))[0]

    test('a second load moves only the changed layer', { skip }, async (context) => {
      const { cwd, image } = await newProject('change-podman')
      const load = () =>
        run(cwd, ['build', '--load=podman', '-t', image, 'app'], { CONTAINER_HOST: podman.host })
      const first = await load()
      await writeFile(`${cwd}/app/config`, 'second')
      const second = await load()
      context.diagnostic(`sent ${bytesSent(first)}, after a change ${bytesSent(second)}`)
      assert.ok(bytesSent(first) > 8 * megabyte && bytesSent(second) < 20_000)
      assert.deepEqual(warnings(second), [])
      assert.equal(bytesSent(await load()), 0)
    })
    test('keeps a health check, and the digest where there is none', { skip }, async () => {
      const cwd = folder.join('health')
      await writeProject(cwd, {
        Dockerfile: 'FROM scratch\nCOPY file /\n',
        'Dockerfile.health': 'FROM scratch\nCOPY file /\nHEALTHCHECK --interval=7s CMD ["/check"]\n',
        file: 'x',
      })
      const load = async (image: string, ...args: string[]) => {
        const env = { CONTAINER_HOST: podman.host }
        await run(cwd, ['build', '--load=podman', '-t', image, '--iidfile', 'id', ...args, '.'], env)
        return (await runProgram('cat', ['id'], { cwd })).stdout
      }
      const digest = await load('x.test/plain:1')
      assert.equal((await inspect('x.test/plain:1')).Digest, digest)
      await load('x.test/health:1', '-f', 'Dockerfile.health')
      assert.deepEqual((await inspect('x.test/health:1')).Healthcheck.Test, ['CMD', '/check'])
    })
    test('without a service of its own is asked for one', { skip }, async () => {
      const { cwd, image } = await newProject('service-podman')
      await run(cwd, ['build', '--load=podman', '-t', image, 'app'], podman.env)
      assert.ok((await inspect(image)).Id)
    })
    test('reads our archives', { skip }, async () => {
      const { cwd, image } = await newProject('archive-podman')
      await run(cwd, ['build', '-t', image, '-o', 'type=docker,dest=app.tar', 'app'], {})
      await podman.run(['load', '-i', `${cwd}/app.tar`])
      assert.ok((await inspect(image)).Id)
    })
  })
})
