/**
 * `slipway copy` between every kind of source and every kind of destination, read back by others: digests equal, what is
 * there already is not sent, and what goes wrong leaves nothing half-named.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { sha256, type Index, type Manifest } from '../../src/oci/index.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { skipWithoutDockerd, startDockerd, type Dockerd } from '../support/dockerd.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy, skopeoManifest } from '../support/skopeo.ts'
import { eventsOf, slipway, startSlipway, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const parts = skipWithoutDockerRegistry() || requirePart('skopeo', hasProgram('skopeo'))
const noDockerd = await skipWithoutDockerd()
const noContainerdStore = await skipWithoutDockerd('containerd')

suite('copy', { timeout: 300_000, skip: parts }, () => {
  let folder: TemporaryFolder
  let registry: DockerRegistry
  let dockerd: Dockerd | undefined
  /** of the image with two platforms */
  let digest: string
  /** of its manifest for linux/amd64 */
  let amd64: string
  let config: string

  before(async () => {
    folder = await temporaryFolder()
    registry = await startDockerRegistry()
    if (!noDockerd) dockerd = await startDockerd()
    await writeProject(folder.join('context'), {
      Dockerfile:
        'FROM scratch\nARG TARGETARCH\nCOPY shared /shared\nCOPY $TARGETARCH /own\nENTRYPOINT ["/own"]\n',
      shared: seededBytes(1, 200_000),
      amd64: seededBytes(2, 100_000),
      arm64: seededBytes(3, 100_000),
    })
    const result = await run(
      'build',
      '--platform=linux/amd64,linux/arm64',
      '-t',
      name('source/app:1'),
      '--push',
      folder.join('context'),
    )
    digest = lastLine(result)
    const index = JSON.parse(await skopeoManifest(`docker://${name('source/app:1')}`)) as Index
    amd64 = index.manifests[0]!.digest
    const manifest = await skopeoManifest(`docker://${name('source/app')}@${amd64}`)
    config = (JSON.parse(manifest) as Manifest).config.digest
    const source = `docker://${name('source/app:1')}`
    await skopeoCopy(source, `oci:${folder.join('layout')}:one`)
    await skopeoCopy(source, `oci-archive:${folder.join('oci.tar')}:one`)
    await skopeoCopy(source, `docker-archive:${folder.join('docker.tar')}:acme/app:1`, {
      platform: 'linux/amd64',
    })
    await runProgram('gzip', ['-k', folder.join('docker.tar')])
    if (dockerd) await dockerd.run(['load', '-i', folder.join('docker.tar')])
  })
  after(async () => {
    await dockerd?.stop()
    await registry?.stop()
    await folder?.remove()
  })
  const name = (rest: string): string => `${registry.host}/${rest}`
  const environment = () => (dockerd ? { DOCKER_HOST: dockerd.host } : {})
  const attempt = (...args: string[]) =>
    slipway(args, { home: folder.join('home'), cwd: folder.path, env: environment() })
  const run = async (...args: string[]): Promise<SlipwayResult> => {
    const result = await attempt(...args)
    assert.equal(result.status, 0, `slipway ${args.join(' ')}\n${result.stderr}`)
    return result
  }

  const sources = {
    registry: { text: () => name('source/app:1'), keeps: 'index' },
    'registry by digest': { text: () => `docker://${name('source/app')}@${amd64}`, keeps: 'manifest' },
    layout: { text: () => 'layout', keeps: 'index' },
    'layout by name': { text: () => 'oci:layout:one', keeps: 'index' },
    'oci archive': { text: () => 'oci-archive:oci.tar:one', keeps: 'index' },
    'docker archive': { text: () => 'docker-archive:docker.tar:acme/app:1', keeps: 'config' },
    'compressed docker archive': { text: () => 'docker.tar.gz', keeps: 'config' },
    'docker daemon': { text: () => 'docker-daemon:acme/app:1', keeps: 'config' },
  } as const
  let count = 0

  for (const [from, { text, keeps }] of Object.entries(sources)) {
    const skip = from === 'docker daemon' && noDockerd
    const expect = async (manifestBytes: string): Promise<void> => {
      if (keeps === 'config')
        return assert.equal((JSON.parse(manifestBytes) as Manifest).config.digest, config)
      assert.equal(sha256(manifestBytes), keeps === 'index' ? digest : amd64)
    }
    test(`${from} -> registry, again with nothing sent, and back whole`, { skip }, async () => {
      const to = name(`to${count++}/app:2`)
      const first = await run('copy', '--progress=plain', text(), to)
      await expect(await skopeoManifest(`docker://${to}`))
      assert.equal(lastLine(first), sha256(await skopeoManifest(`docker://${to}`)))
      const again = await run('copy', '--progress=plain', text(), to)
      assert.match(again.stderr, /no blob sent/)
      assert.match(again.stderr, /sent 0 B/)
      // One look at the source, one at the destination: documents are known by digest.
      if (from === 'registry') assert.match(again.stderr, /, 2 requests\n/)
      await skopeoCopy(`docker://${to}`, `dir:${folder.join(`dir${count}`)}`)
    })
    test(`${from} -> layout, again with nothing written`, { skip }, async () => {
      const path = `layout${count++}`
      await run('copy', text(), `oci:${path}:tag`)
      await expect(await skopeoManifest(`oci:${folder.join(path)}:tag`))
      const again = await run('copy', '--progress=plain', text(), `oci:${path}:tag`)
      assert.match(again.stderr, /written 0 B/)
      await skopeoCopy(`oci:${folder.join(path)}:tag`, `dir:${folder.join(`dir${count}`)}`)
    })
    test(`${from} -> oci archive`, { skip }, async () => {
      const path = `archive${count++}.tar`
      await run('copy', text(), `oci-archive:${path}:tag`)
      await expect(await skopeoManifest(`oci-archive:${folder.join(path)}:tag`))
      await skopeoCopy(`oci-archive:${folder.join(path)}:tag`, `dir:${folder.join(`dir${count}`)}`)
    })
    test(`${from} -> docker archive, read by docker's rules and by ours`, { skip }, async () => {
      const path = `archive${count++}.tar`
      await run('copy', text(), `docker-archive:${path}:acme/other:3`)
      const read = JSON.parse(
        await skopeoManifest(`docker-archive:${folder.join(path)}:docker.io/acme/other:3`),
      ) as Manifest
      assert.equal(read.config.digest, config)
      await expect((await run('inspect', '--raw', path)).stdout)
    })
    test(`${from} -> docker daemon`, { skip: skip || noDockerd }, async () => {
      const to = `acme/loaded${count++}:1`
      await run('copy', text(), `docker-daemon:${to}`)
      assert.equal(await dockerd!.run(['image', 'inspect', '--format', '{{.Id}}', to]), config)
    })
  }

  test('says that a digest is made where the source has none', async () => {
    const { stderr } = await run('copy', '--progress=plain', 'docker.tar', './made')
    assert.match(stderr, /warning: the archive docker\.tar: it has no manifest, so one was made/)
    const { stderr: kept } = await run('copy', '--progress=plain', 'layout', './kept')
    assert.doesNotMatch(kept, /warning/)
  })

  test(
    'keeps digests through a daemon with the store of containerd',
    { skip: noContainerdStore },
    async () => {
      await using daemon = await startDockerd({ store: 'containerd' })
      const options = {
        home: folder.join('home'),
        cwd: folder.path,
        env: { DOCKER_HOST: daemon.host },
      }
      // A daemon that pulled one platform has an index that names others which it does not have.
      await daemon.run(['pull', '--platform=linux/arm64', name('source/app:1')])
      const part = await slipway(
        ['copy', `docker-daemon:${name('source/app:1')}`, name('daemon/part:1')],
        options,
      )
      assert.equal(part.status, 0, part.stderr)
      const manifest = JSON.parse(await skopeoManifest(`docker://${name('daemon/part:1')}`)) as Manifest
      assert.equal(manifest.layers?.length, 2, part.stderr)
      const there = await slipway(['copy', 'layout', 'docker-daemon:acme/whole:1'], options)
      assert.equal(there.status, 0, there.stderr)
      const back = await slipway(['copy', 'docker-daemon:acme/whole:1', name('daemon/whole:1')], options)
      assert.equal(back.status, 0, back.stderr)
      assert.equal(sha256(await skopeoManifest(`docker://${name('daemon/whole:1')}`)), digest)
    },
  )

  test('brings what refers to an image along with it', async () => {
    const from = name('attested/app:1')
    const options = ['--platform=linux/amd64,linux/arm64', '--sbom', '-t', from, '--push']
    await run('build', ...options, folder.join('context'))
    const listed = async (image: string): Promise<string[]> => {
      const { stdout } = await run('inspect', '--json', image)
      const { referrers } = JSON.parse(stdout) as { referrers: { digest: string; artifactType: string }[] }
      return referrers.map((one) => `${one.artifactType} ${one.digest}`).toSorted()
    }
    const all = await listed(from)
    assert.ok(all.length >= 2, all.join())
    await run('copy', from, name('bare/app:1'))
    assert.deepEqual(await listed(name('bare/app:1')), [])
    await run('copy', '--referrers', from, name('along/app:1'), './attested-layout')
    assert.deepEqual(await listed(name('along/app:1')), all)
    assert.deepEqual(await listed('./attested-layout'), all)
    await run('copy', '--referrers', './attested-layout', name('back/app:1'))
    assert.deepEqual(await listed(name('back/app:1')), all)
    const again = await run('copy', '--progress=plain', '--referrers', from, name('along/app:1'))
    assert.match(again.stderr, /sent 0 B/)
    const lost = await run('copy', '--progress=plain', '--referrers', from, 'oci-archive:attested.tar')
    assert.match(lost.stderr, /warning: .*keeps nothing that refers to an image/)
  })

  test('mounts within a registry, and streams a blob once for several names', async () => {
    const names = [name('m1/app:1'), name('m1/app:2'), name('m2/app:1')]
    const within = await run('copy', '--progress=json', name('source/app:1'), ...names)
    assert.deepEqual(blobStates(within), new Set(['mounted']))
    for (const to of names) assert.equal(sha256(await skopeoManifest(`docker://${to}`)), digest)
    const from = [name('n1/app:1'), name('n1/app:2'), name('n2/app:1')]
    await writeProject(folder.join('fresh'), {
      Dockerfile: 'FROM scratch\nCOPY f /\n',
      f: seededBytes(9, 50_000),
    })
    await run('build', '-o', 'type=oci,dest=fresh-layout', 'fresh')
    const into = await run('copy', '--progress=json', 'fresh-layout', ...from)
    const uploaded = eventsOf(into, 'blob').filter(({ state }) => state === 'uploaded')
    assert.equal(uploaded.length, 2, 'a layer and a config')
  })

  test('takes one platform as its manifest, several as an index of them', async () => {
    const one = await run('copy', '--platform=linux/amd64', 'layout', './one')
    assert.equal(lastLine(one), amd64)
    const two = await run('copy', '--platform=linux/arm64,linux/amd64', '--progress=plain', 'layout', './two')
    assert.notEqual(lastLine(two), digest)
    assert.match(two.stderr, /the index of the chosen platforms has a digest of its own/)
    const missing = await attempt('copy', '--platform=linux/riscv64', 'layout', './none')
    assert.equal(missing.status, 1)
    assert.match(missing.stderr, /has no linux\/riscv64\n  hint: it has linux\/amd64, linux\/arm64/)
  })

  test('keeps Docker media types, compression and artifacts as they are', async () => {
    const image = name('docker/app:1')
    await runProgram('skopeo', [
      '--insecure-policy',
      'copy',
      '--format=v2s2',
      '--dest-compress-format=gzip',
      '--dest-compress',
      '--dest-tls-verify=false',
      `docker-archive:${folder.join('docker.tar')}`,
      `docker://${image}`,
    ])
    const bytes = await skopeoManifest(`docker://${image}`)
    assert.match(bytes, /vnd\.docker\.image\.rootfs\.diff\.tar\.gzip/)
    await run('copy', image, 'oci:docker-layout:x')
    assert.equal((await run('inspect', '--raw', 'oci:docker-layout:x')).stdout, bytes)
    await run('copy', 'oci:docker-layout:x', name('docker/back:1'))
    assert.equal(await skopeoManifest(`docker://${name('docker/back:1')}`), bytes)

    const put = async (path: string, type: string, body: string): Promise<string> => {
      const url = `http://${registry.host}/v2/art/x/${path}`
      const response = await fetch(url, { method: 'PUT', headers: { 'content-type': type }, body })
      assert.ok(response.ok, await response.text())
      return sha256(body)
    }
    const upload = async (body: string): Promise<void> => {
      const start = await fetch(`http://${registry.host}/v2/art/x/blobs/uploads/`, { method: 'POST' })
      const location = start.headers.get('location')!
      await fetch(`${location}&digest=${sha256(body)}`, { method: 'PUT', body })
    }
    const chart = 'chart content'
    await upload(chart)
    await upload('{}')
    const manifestType = 'application/vnd.oci.image.manifest.v1+json'
    const artifact = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: 'application/vnd.example.chart',
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256('{}'), size: 2 },
      layers: [{ mediaType: 'text/plain', digest: sha256(chart), size: chart.length }],
    })
    const artifactDigest = await put('manifests/chart', manifestType, artifact)
    const entry = { mediaType: manifestType, digest: artifactDigest, size: artifact.length }
    const unknown = { ...entry, platform: { os: 'unknown', architecture: 'unknown' } }
    const indexType = 'application/vnd.oci.image.index.v1+json'
    const inner = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [unknown] })
    const innerDigest = await put('manifests/inner', indexType, inner)
    const nested = { mediaType: indexType, digest: innerDigest, size: inner.length }
    const outer = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [entry, nested] })
    await put('manifests/outer', indexType, outer)
    for (const [tag, expected] of [
      ['chart', artifact],
      ['outer', outer],
    ] as const) {
      await run('copy', name(`art/x:${tag}`), `oci:art-${tag}:x`)
      await run('copy', `oci:art-${tag}:x`, name(`art/y:${tag}`))
      assert.equal(await skopeoManifest(`docker://${name(`art/y:${tag}`)}`), expected)
    }
  })

  test('a damaged source is found out, and nothing gets a name', async () => {
    await skopeoCopy(`docker://${name('source/app:1')}`, `oci:${folder.join('damaged')}:one`)
    const manifest = await skopeoManifest(`docker://${name('source/app')}@${amd64}`)
    const layer = (JSON.parse(manifest) as Manifest).layers[0]!
    const path = folder.join('damaged', 'blobs/sha256', layer.digest.slice('sha256:'.length))
    const bytes = await readFile(path)
    bytes[1000]! ^= 1
    await writeFile(path, bytes)
    for (const to of [name('damaged/app:1'), './damaged-copy', 'oci-archive:damaged.tar']) {
      const result = await attempt('copy', 'damaged', to)
      assert.equal(result.status, 1, to)
    }
    const head = await fetch(`http://${registry.host}/v2/damaged/app/manifests/1`, { method: 'HEAD' })
    assert.equal(head.status, 404)
    assert.ok(!existsSync(folder.join('damaged-copy', 'index.json')))
    assert.ok(!existsSync(folder.join('damaged.tar')))
  })

  test('an interrupted copy leaves nothing', async () => {
    const running = startSlipway(['copy', '--progress=json', name('source/app:1'), './interrupted'], {
      home: folder.join('home'),
      cwd: folder.path,
      onEvent: ({ kind }, run) => void (kind === 'blob-started' && run.interrupt()),
    })
    const result = await running.ended
    assert.equal(result.status, 130, result.stderr)
    assert.ok(!existsSync(folder.join('interrupted')))
  })

  test('inspect agrees with skopeo', async () => {
    const shown = JSON.parse((await run('inspect', '--json', name('source/app:1'))).stdout) as {
      digest: string
      platforms: { platform: string; layers: { digest: string }[]; config: { Entrypoint: string[] } }[]
    }
    assert.equal(shown.digest, digest)
    for (const [index, platform] of ['linux/amd64', 'linux/arm64'].entries()) {
      const [os = '', architecture = ''] = platform.split('/')
      const { stdout } = await runProgram('skopeo', [
        `--override-os=${os}`,
        `--override-arch=${architecture}`,
        'inspect',
        '--tls-verify=false',
        `docker://${name('source/app:1')}`,
      ])
      const theirs = JSON.parse(stdout) as { Layers: string[]; Architecture: string }
      assert.deepEqual(
        shown.platforms[index]!.layers.map((layer) => layer.digest),
        theirs.Layers,
      )
      const raw = await run('inspect', '--config', `--platform=${platform}`, name('source/app:1'))
      const { stdout: config } = await runProgram('skopeo', [
        `--override-os=${os}`,
        `--override-arch=${architecture}`,
        'inspect',
        '--config',
        '--raw',
        '--tls-verify=false',
        `docker://${name('source/app:1')}`,
      ])
      assert.equal(raw.stdout, config)
    }
  })
})

function lastLine({ stdout }: SlipwayResult): string {
  return stdout.trim().split('\n').at(-1)!
}

function blobStates(result: SlipwayResult): Set<unknown> {
  return new Set(eventsOf(result, 'blob').map(({ state }) => state))
}
