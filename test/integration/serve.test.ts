/** `bake --serve`: images that exist only in their sources, pulled by real clients. */
import assert from 'node:assert/strict'
import { readdir, stat, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { containerdLines, skipWithoutContainerd, startContainerd } from '../support/containerd.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { startKindCluster, type KindNode } from '../support/kind-cluster.ts'
import { hasProgram } from '../support/program.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import { eventsOf, slipway, slipwayOk, startSlipway, type RunningSlipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const lines = await Promise.all(
  containerdLines.map(async (line) => ({ line, skip: await skipWithoutContainerd(line) })),
)

const plan = `hubs: [registry.example.com/demo]
tags: [dev]
platforms: [linux/amd64, linux/arm64]
images:
  - { name: web, dockerfile: Dockerfile, files: [web, shared] }
`

suite('bake --serve', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  let count = 0
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder?.remove())

  const project = async (from = 'scratch') => {
    const root = folder.join(`p${count++}`)
    await writeProject(root, {
      '.git/': '',
      'slipway.yaml': plan,
      Dockerfile: `FROM ${from}\nCOPY shared /shared\nCOPY web /web\nCMD ["/web"]\n`,
      web: seededBytes(count, 300_000),
      shared: seededBytes(99, 200_000),
    })
    return root
  }
  const serve = async (root: string, ...flags: string[]) => {
    const running = startSlipway(['bake', '--serve=127.0.0.1:0', '--progress=json', ...flags], {
      home: folder.join('home'),
      cwd: root,
    })
    const host = await Promise.race([
      hostOf(running),
      running.ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ])
    return {
      host,
      running,
      async [Symbol.asyncDispose]() {
        running.interrupt()
        assert.equal((await running.ended).status, 0)
      },
    }
  }

  for (const { line, skip } of lines) {
    test(
      `containerd ${line} pulls an image whose blobs exist nowhere but in the sources`,
      { skip },
      async () => {
        const root = await project()
        const before = await readdir(root, { recursive: true })
        await using served = await serve(root)
        await using containerd = await startContainerd(line)
        const name = `${served.host}/demo/web:dev`
        await containerd.ctr(['images', 'pull', '--plain-http', '--all-platforms', name])
        assert.match(await containerd.ctr(['images', 'check']), /complete \(/)
        const staged = eventsOf(served.running, 'staged')
        assert.equal(staged.length, 1)
        assert.match(await containerd.ctr(['images', 'list']), new RegExp(String(staged[0]!['digest'])))
        assert.deepEqual(await readdir(root, { recursive: true }), before)
      },
    )
  }

  for (const { line, skip } of lines) {
    test(`containerd ${line} of a kind node finds it by its hosts.toml`, { skip }, async () => {
      await using cluster = await startKindCluster('served', [line])
      const [node] = cluster.nodes as [KindNode]
      await cluster.addProgram(node.name, 'ip', 'echo default via 127.0.0.1 dev eth0')
      const root = await project()
      await using served = await serve(root)
      const certs = folder.join(`certs-${line}`)
      // Nobody listens at the name of the images: only the file leads to the registry.
      const port = Number(served.host.split(':')[1])
      const options = { home: folder.join('home'), env: cluster.env }
      const args = ['registry', 'hosts', '--cluster', 'served', '--certs', certs, '--addr']
      const printed = await slipway([...args, `localhost:${port}`], options)
      assert.equal(printed.status, 0, printed.stderr)
      assert.match(printed.stdout, /^# served-control-plane: .*\/localhost:\d+\/hosts.toml\n# {3}\[host\./)
      const written = await slipway([...args, `registry.test:${port}`, '--write'], options)
      assert.equal(written.status, 0, written.stderr)
      assert.match(written.stdout, /^apiVersion: v1\nkind: ConfigMap\n[^]*host: "registry.test:\d+"\n$/)
      const name = `registry.test:${port}/demo/web:dev`
      await node.ctr(['images', 'pull', '--hosts-dir', certs, '--all-platforms', name])
      assert.match(await node.ctr(['images', 'check']), /registry.test.* complete \(/)
    })
  }

  test('a layer whose source was overwritten is not there, and why', async () => {
    const root = await project()
    await using served = await serve(root)
    const { layers } = await manifestOf(served.host)
    const url = `http://${served.host}/v2/demo/web/blobs/`
    assert.equal((await fetch(url + layers[1]!.digest)).status, 200)
    await writeFile(`${root}/web`, 'other')
    const answer = await fetch(url + layers[1]!.digest)
    assert.equal(answer.status, 404)
    assert.match(await answer.text(), /cannot be served: .*web.* changed after it was looked at/)
    assert.equal((await fetch(url + layers[0]!.digest)).status, 200)
  })

  test('an address that is taken ends the run before it builds anything', async () => {
    const root = await project()
    await using served = await serve(root)
    const args = ['bake', `--serve=${served.host}`, '--progress=json']
    const { status, stderr, events } = await startSlipway(args, { home: folder.join('home'), cwd: root })
      .ended
    assert.equal(status, 1)
    assert.match(stderr, new RegExp(`error: cannot listen on ${served.host}: something else does`))
    assert.deepEqual(events, [])
  })

  const skip = skipWithoutDockerRegistry() || requirePart('skopeo', hasProgram('skopeo'))
  suite('with --pin', { skip }, () => {
    let bases: DockerRegistry
    before(async () => {
      bases = await startDockerRegistry()
    })
    after(() => bases?.stop())

    test('keeps what may be overwritten, and layers of a base once somebody pulled them', async () => {
      const base = await project()
      const options = { home: folder.join('home'), cwd: base }
      await slipwayOk(['bake', '--push', '--hub', `${bases.host}/base`], options)
      const root = await project(`${bases.host}/base/web:dev`)
      const store = folder.join('store')
      {
        await using served = await serve(root, '--pin', '--store', store)
        const { layers } = await manifestOf(served.host)
        const files = layers.map(({ digest }) => `${store}/blobs/sha256/${digest.slice('sha256:'.length)}`)
        const isKept = async () =>
          Promise.all(
            files.map((file) =>
              stat(file).then(
                (found) => found.isFile(),
                () => false,
              ),
            ),
          )
        // The base has the same shared file, so its layer is one of ours too.
        assert.deepEqual(await isKept(), [true, false, true, true])
        await writeFile(`${root}/web`, 'other')
        await skopeoCopy(`docker://${served.host}/demo/web:dev`, `oci:${folder.join('pulled')}:dev`)
        assert.deepEqual(await isKept(), [true, true, true, true])
        await bases.stop()
        await skopeoCopy(`docker://${served.host}/demo/web:dev`, `oci:${folder.join('again')}:dev`)
      }
      assert.deepEqual(await readdir(store), ['blobs'])
    })
  })
})

async function hostOf({ child }: RunningSlipway): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout!) {
    text += String(chunk)
    const found = /^serving on (\S+) until/m.exec(text)
    if (found) return found[1]!
  }
  throw new Error(`it did not say where it serves: ${text}`)
}

async function manifestOf(host: string): Promise<{ layers: { digest: string }[] }> {
  const url = `http://${host}/v2/demo/web/manifests/`
  const index = (await (await fetch(`${url}dev`)).json()) as { manifests: { digest: string }[] }
  return (await (await fetch(url + index.manifests[0]!.digest)).json()) as { layers: { digest: string }[] }
}
