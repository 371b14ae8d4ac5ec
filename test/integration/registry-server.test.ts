/** `slipway registry serve` and the shelf, met by real clients. */
import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { makeRecipe, openRecipe, hashRecipe, fingerprintOf, checkSources } from '../../src/layer/index.ts'
import { lstatSync } from 'node:fs'
import { bytesBlob, jsonBlob, mediaTypes, sha256, type Blob, type Digest } from '../../src/oci/index.ts'
import { newShelf, startRegistryServer, type ServedEvent, type Shelf } from '../../src/registry/index.ts'
import { containerdLines, skipWithoutContainerd, startContainerd } from '../support/containerd.ts'
import { imageStores, skipWithoutDockerd, startDockerd } from '../support/dockerd.ts'
import { hasProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy, skopeoManifest } from '../support/skopeo.ts'
import { startSlipway, type RunningSlipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const lines = await Promise.all(
  containerdLines.map(async (line) => ({ line, skip: await skipWithoutContainerd(line) })),
)
const stores = await Promise.all(
  imageStores.map(async (store) => ({ store, skip: await skipWithoutDockerd(store) })),
)

/** An image of one layer that holds one file, which is read when somebody pulls it. */
async function lazyImage(shelf: Shelf, path: string, name: string): Promise<{ digest: Digest; layer: Blob }> {
  const stats = lstatSync(path, { bigint: true })
  const source = { kind: 'file', path, fingerprint: fingerprintOf(stats) } as const
  const recipe = makeRecipe([
    { path: 'app', type: 'file', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: Number(stats.size), source },
  ])
  const diffId = await hashRecipe(recipe, {})
  const layer: Blob = {
    descriptor: { mediaType: mediaTypes.layer, digest: diffId, size: recipe.size },
    open: (options) => openRecipe(recipe, options),
    check: async () => checkSources(recipe),
  }
  const rootfs = { type: 'layers', diff_ids: [diffId] }
  const config = jsonBlob(mediaTypes.config, {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['/app'] },
    rootfs,
  })
  const manifest = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: [layer.descriptor],
  })
  for (const blob of [layer, config, manifest]) shelf.add(blob)
  shelf.list(name, manifest.descriptor, ['dev'])
  return { digest: manifest.descriptor.digest, layer }
}

suite('the embedded registry', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder?.remove())

  suite('serving what exists only in its sources', () => {
    let shelf: Shelf
    let host: string
    let close: () => Promise<void>
    let served: ServedEvent[]
    before(async () => {
      shelf = newShelf()
      served = []
      const emit = (event: ServedEvent) => served.push(event)
      const server = await startRegistryServer({
        address: { host: '127.0.0.1', port: 0 },
        store: shelf,
        emit,
      })
      ;({ host, close } = server)
    })
    after(() => close?.())

    const source = async (name: string): Promise<string> => {
      const path = folder.join(name)
      await writeFile(path, Buffer.alloc(3 << 20, name))
      return path
    }

    test(
      'skopeo copies it with its digests',
      { skip: requirePart('skopeo', hasProgram('skopeo')) },
      async () => {
        const { digest, layer } = await lazyImage(shelf, await source('app'), 'team/app')
        const layout = folder.join('layout')
        await skopeoCopy(`docker://${host}/team/app:dev`, `oci:${layout}:dev`)
        assert.equal(sha256(await skopeoManifest(`oci:${layout}:dev`)), digest)
        const bytes = await readFile(`${layout}/blobs/sha256/${layer.descriptor.digest.slice(7)}`)
        assert.equal(sha256(bytes), layer.descriptor.digest)
      },
    )

    test('a part of a blob is made from the parts of its sources', async () => {
      const { layer } = await lazyImage(shelf, await source('ranged'), 'ranged')
      const whole = await bytesOf(`http://${host}/v2/ranged/blobs/${layer.descriptor.digest}`)
      const part = await fetch(`http://${host}/v2/ranged/blobs/${layer.descriptor.digest}`, {
        headers: { range: 'bytes=1000000-2000000' },
      })
      assert.equal(part.status, 206)
      assert.equal(part.headers.get('content-range'), `bytes 1000000-2000000/${whole.length}`)
      assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole.subarray(1_000_000, 2_000_001))
    })

    test('a source that was overwritten is an error before the first byte', async () => {
      const path = await source('overwritten')
      const { layer } = await lazyImage(shelf, path, 'overwritten')
      await writeFile(path, 'other')
      const answer = await fetch(`http://${host}/v2/overwritten/blobs/${layer.descriptor.digest}`)
      assert.equal(answer.status, 404)
      assert.match(await answer.text(), /BLOB_UNKNOWN.*overwritten.* changed after it was looked at/)
    })

    test('a source overwritten while it is pulled breaks the answer off, and no whole wrong one arrives', async () => {
      const path = folder.join('big')
      await writeFile(path, Buffer.alloc(64 << 20, 1))
      const { layer } = await lazyImage(shelf, path, 'big')
      const answer = await fetch(`http://${host}/v2/big/blobs/${layer.descriptor.digest}`)
      const reader = answer.body!.getReader()
      await reader.read()
      await writeFile(path, Buffer.alloc(64 << 20, 2))
      await assert.rejects(async () => {
        while (!(await reader.read()).done);
      }, /terminated/)
      while (!served.some(({ error, path: asked }) => asked.includes('/big/') && error !== undefined))
        await new Promise((resolve) => setTimeout(resolve, 10))
      assert.match(
        served.find(({ path: asked }) => asked.includes('/big/'))!.error!,
        /changed after it was looked at/,
      )
    })

    test('nothing can be pushed', async () => {
      const answer = await fetch(`http://${host}/v2/new/blobs/uploads/`, { method: 'POST' })
      assert.equal(answer.status, 405)
    })

    for (const { line, skip } of lines) {
      test(`containerd ${line} pulls it`, { skip }, async () => {
        const { digest } = await lazyImage(shelf, await source(`ctr-${line}`), `ctr-${line}`)
        await using containerd = await startContainerd(line)
        const name = `${host}/ctr-${line}:dev`
        await containerd.ctr(['images', 'pull', '--plain-http', '--all-platforms', name])
        assert.match(await containerd.ctr(['images', 'list']), new RegExp(digest))
      })
    }

    for (const { store, skip } of stores) {
      test(`dockerd with its ${store} store pulls it`, { skip }, async () => {
        const { digest } = await lazyImage(shelf, await source(`docker-${store}`), `docker-${store}`)
        await using dockerd = await startDockerd({ store })
        assert.match(await dockerd.run(['pull', `${host}/docker-${store}:dev`]), new RegExp(digest))
      })
    }
  })

  suite('slipway registry serve', { skip: requirePart('skopeo', hasProgram('skopeo')) }, () => {
    const serve = async (...flags: string[]): Promise<{ host: string; running: RunningSlipway }> => {
      const args = ['registry', 'serve', '--addr', '127.0.0.1:0', '--store', folder.join('store'), ...flags]
      const running = startSlipway(args, { home: folder.join('home') })
      const line = await Promise.race([firstLine(running), running.ended])
      if (typeof line !== 'string') throw new Error(`it ended: ${line.stderr}`)
      return { host: /registry (\S+),/.exec(line)![1]!, running }
    }
    const stop = async (running: RunningSlipway) => {
      running.interrupt()
      return running.ended
    }

    test('keeps what skopeo pushes over a restart, for other tools to read', async () => {
      const layout = folder.join('pushed')
      await writeLayout(layout)
      const first = await serve()
      await skopeoCopy(`oci:${layout}:v1`, `docker://${first.host}/a/b:v1`)
      assert.equal((await stop(first.running)).status, 0)
      const second = await serve()
      const digest = sha256(await skopeoManifest(`docker://${second.host}/a/b:v1`))
      assert.equal(digest, sha256(await skopeoManifest(`oci:${layout}:v1`)))
      await stop(second.running)
      const { manifests } = JSON.parse(
        await readFile(folder.join('store/repositories/a/b/index.json'), 'utf8'),
      ) as { manifests: { digest: string }[] }
      assert.deepEqual(
        manifests.map((entry) => entry.digest),
        [digest],
      )
      assert.deepEqual(await readdir(folder.join('store')), ['blobs', 'repositories'])
    })

    test('a folder is served by one process, and a read-only one takes nothing', async () => {
      const first = await serve('--read-only')
      const post = await fetch(`http://${first.host}/v2/a/b/blobs/uploads/`, { method: 'POST' })
      assert.equal(post.status, 405)
      const { status, stderr } = await startSlipway(
        ['registry', 'serve', '--addr', '127.0.0.1:0', '--store', folder.join('store')],
        { home: folder.join('home') },
      ).ended
      assert.equal(status, 1)
      assert.match(stderr, /is served by another process \(\d+\)\n {2}hint: stop it, or name another folder/)
      await stop(first.running)
    })

    test('an address that is taken is said to be', async () => {
      const first = await serve()
      const { status, stderr } = await startSlipway(
        ['registry', 'serve', '--addr', first.host, '--store', folder.join('other')],
        { home: folder.join('home') },
      ).ended
      assert.equal(status, 1)
      assert.match(stderr, new RegExp(`^error: cannot listen on ${first.host}: something else does`))
      await stop(first.running)
      await rm(folder.join('other'), { recursive: true, force: true })
    })
  })

  async function writeLayout(path: string): Promise<void> {
    const { openLayout, refNameAnnotation } = await import('../../src/store/index.ts')
    const layout = await openLayout(path)
    const config = jsonBlob(mediaTypes.config, {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [] },
    })
    const layer = bytesBlob(mediaTypes.layer, Buffer.alloc(1024))
    const manifest = jsonBlob(mediaTypes.manifest, {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: config.descriptor,
      layers: [layer.descriptor],
    })
    for (const blob of [config, layer, manifest]) await layout.write(blob)
    await layout.commit([{ ...manifest.descriptor, annotations: { [refNameAnnotation]: 'v1' } }])
  }
})

async function firstLine({ child }: RunningSlipway): Promise<string> {
  return new Promise((resolve) => child.stdout!.once('data', resolve))
}

async function bytesOf(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(url)).arrayBuffer())
}
