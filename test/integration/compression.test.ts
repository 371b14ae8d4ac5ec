/** Images in each compression, pushed to a real registry and read back by other programs; what a second run does. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readFile, rm } from 'node:fs/promises'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, suite, test } from 'node:test'
import {
  mediaTypes,
  sha256,
  type Descriptor,
  type ImageConfig,
  type Index,
  type Manifest,
} from '../../src/oci/index.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { readTree, type TreeEntry } from '../support/file-tree.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import { eventsOf, slipwayOk, startSlipway, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { umociUnpack } from '../support/umoci.ts'

interface Tally {
  readonly bytesRead: number
  readonly bytesHashed: number
  readonly bytesCompressed: number
  readonly bytesSent: number
  readonly requests: Readonly<Record<string, number>>
}

const skip = ['skopeo', 'umoci'].map((name) => requirePart(name, hasProgram(name))).find(Boolean) ?? false

/** Half noise, half text, so that there is something to gain and something to keep. */
function content(seed: number, size: number): Buffer {
  const noise = seededBytes(seed, size / 2)
  return Buffer.concat([noise, Buffer.from('a line of text that comes again\n'.repeat(size / 64))])
}

const files = { large: content(1, 5 << 20), medium: content(2, 1 << 20), small: 'small\n' }
const dockerfile = `FROM scratch
COPY large /usr/bin/large
COPY medium /usr/lib/medium
COPY --chmod=4755 small /etc/small
ENTRYPOINT ["/usr/bin/large"]
`

const outside = 'registry.example'

suite('compression', { skip: skip || skipWithoutDockerRegistry(), timeout: 180_000 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  let plain: Manifest
  let plainTree: Map<string, TreeEntry>

  const build = (args: readonly string[], home = 'home', env = {}) =>
    slipwayOk(['build', '--platform', 'linux/amd64', ...args, folder.join('context')], {
      home: folder.join(home),
      env,
    })
  const push = (tag: string, ...args: string[]) =>
    build(['-t', `${registry.host}/app:${tag}`, '--push', ...args])
  const manifestOf = (tag: string) => fetchJson<Manifest>(`${registry.host}/v2/app/manifests/${tag}`)

  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
    await writeProject(folder.join('context'), { ...files, Dockerfile: dockerfile })
    const { bytesCompressed } = tallyOf(await push('none'))
    assert.equal(bytesCompressed, 0, 'a registry on loopback gets layers as they are')
    plain = await manifestOf('none')
    plainTree = await unpack('none', plain)
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  /** The file system of an image as umoci unpacks it, which proves the diff ids. */
  const unpack = async (tag: string, { layers }: Manifest) => {
    const layout = `oci:${folder.join(`layout-${tag}`)}:${tag}`
    const image = `docker://${registry.host}/app:${tag}`
    // umoci of Debian 12 reads no zstd: skopeo, which does, takes it off on the way.
    if (layers[0]!.mediaType === mediaTypes.layerZstd) {
      const copy = ['--insecure-policy', 'copy', '--src-tls-verify=false']
      const decompressed = `dir:${folder.join(`decompressed-${tag}`)}`
      await runProgram('skopeo', [...copy, '--dest-decompress', image, decompressed])
      await runProgram('skopeo', [...copy, decompressed, layout])
    } else await skopeoCopy(image, layout)
    const { rootfs } = await umociUnpack(folder.join(`layout-${tag}`), tag, folder.join(`bundle-${tag}`))
    return readTree(rootfs)
  }

  for (const [tag, mediaType, flags] of [
    ['gzip', mediaTypes.layerGzip, ['--compression', 'gzip']],
    ['gzip-1', mediaTypes.layerGzip, ['--compression', 'gzip:1']],
    ['zstd', mediaTypes.layerZstd, ['--compression=zstd']],
    ['zstd-12', mediaTypes.layerZstd, ['-o', 'type=registry,compression=zstd,compression-level=12']],
  ] as const)
    test(`${tag}: other programs read the same files and diff ids, and a second run does nothing`, async () => {
      const first = await push(tag, ...flags)
      const manifest = await manifestOf(tag)
      assert.equal(digestOf(first), sha256(JSON.stringify(manifest)), 'what is printed is what was pushed')
      assert.deepEqual(new Set(manifest.layers.map((layer) => layer.mediaType)), new Set([mediaType]))
      assert.equal(manifest.config.digest, plain.config.digest)
      const config = await fetchJson<ImageConfig>(`${registry.host}/v2/app/blobs/${manifest.config.digest}`)
      assert.deepEqual(
        config.rootfs.diff_ids,
        plain.layers.map(({ digest }) => digest),
      )
      assert.ok(sizeOf(manifest.layers) < sizeOf(plain.layers) * 0.6)
      assert.equal(tallyOf(first).bytesCompressed, sizeOf(plain.layers))
      assert.deepEqual(await unpack(tag, manifest), plainTree)

      const second = tallyOf(await push(tag, ...flags))
      const { bytesRead, bytesHashed, bytesCompressed, bytesSent, requests } = second
      assert.deepEqual([bytesRead, bytesHashed, bytesCompressed, bytesSent], [0, 0, 0, 0])
      assert.deepEqual(requests, { 'HEAD manifest': 1 })
    })

  test('registries of one run each get what suits their host', async () => {
    await using proxy = await startProxy(registry.host)
    const names = [`${registry.host}/app:near`, `${outside}/app:far`]
    const metadata = folder.join('metadata.json')
    const output = folder.join('layout')
    const result = await build(
      [
        ...names.flatMap((name) => ['-t', name]),
        ...['--push', '-o', `type=oci,dest=${output},compression=zstd`],
        ...['--insecure-registry', outside, '--metadata-file', metadata],
      ],
      'hosts',
      { http_proxy: proxy.url, https_proxy: proxy.url },
    )
    const [near, far] = [await manifestOf('near'), await manifestOf('far')]
    assert.deepEqual(near, plain)
    assert.equal(far.layers[0]!.mediaType, mediaTypes.layerGzip)
    const farDigest = sha256(JSON.stringify(far))
    assert.equal(digestOf(result), farDigest, 'what others pull is what is told')
    const written = JSON.parse(await readFile(metadata, 'utf8')) as Record<string, unknown>
    assert.equal(written['containerimage.digest'], farDigest)
    const { manifests } = JSON.parse(await readFile(`${output}/index.json`, 'utf8')) as Index
    assert.deepEqual(written['slipway.destinations'], [
      {
        destination: 'registry',
        names: [names[0]],
        compression: 'none',
        digest: sha256(JSON.stringify(near)),
      },
      { destination: 'registry', names: [names[1]], compression: 'gzip:6', digest: farDigest },
      { destination: `layout ${output}`, names, compression: 'zstd:3', digest: manifests[0]!.digest },
    ])
    // Each layer was compressed once for gzip and once for zstd.
    assert.equal(tallyOf(result).bytesCompressed, 2 * sizeOf(plain.layers))
  })

  test('bytes that are gone are made again, and are the same', async () => {
    const digest = digestOf(await push('kept', '--compression', 'gzip:4'))
    await rm(folder.join('home', 'cache', 'packed-1'), { recursive: true })
    await using other = await startOther()
    const again = await build([
      ...['-t', `${other.host}/app:again`],
      ...['--push', '--compression', 'gzip:4'],
    ])
    assert.equal(digestOf(again), digest)
    assert.equal(tallyOf(again).bytesCompressed, sizeOf(plain.layers))
    assert.equal(eventsOf(again, 'compressed').length, 3)
  })

  test('interrupted while it compresses, a run leaves nothing half-written', async () => {
    const args = ['build', '-t', `${registry.host}/app:cut`, '--push', '--compression', 'zstd:22']
    const run = startSlipway([...args, '--progress=json', folder.join('context')], {
      home: folder.join('interrupted'),
      onEvent: (event, running) => {
        if (event.kind === 'compress-started' && Number(event['bytes']) > 1 << 20) running.interrupt()
      },
    })
    assert.equal((await run.ended).status, 130)
    const cache = folder.join('interrupted', 'cache')
    const left = (await readdir(cache, { recursive: true })).filter((name) => name.endsWith('.tmp'))
    assert.deepEqual(left, [])
    const response = await fetch(`http://${registry.host}/v2/app/manifests/cut`, { method: 'HEAD' })
    assert.equal(response.status, 404)
  })

  test('memory does not grow with the layers', async (context) => {
    const large = Buffer.concat([content(3, 8 << 20), Buffer.alloc(120 << 20)])
    await writeProject(folder.join('heavy'), {
      a: large,
      b: large.subarray(1),
      c: large.subarray(2),
      Dockerfile: 'FROM scratch\nCOPY a /\nCOPY b /\nCOPY c /\n',
    })
    const run = async (project: string, codec: string) => {
      const args = [
        'build',
        '--compression',
        codec,
        '-o',
        `type=oci,dest=${folder.join(`${project}-${codec}`)}`,
      ]
      const result = await slipwayOk([...args, folder.join(project)], { home: folder.join('heavy-home') })
      return { ...tallyOf(result), peak: Number(eventsOf(result, 'finished')[0]!['peakMemory']) }
    }
    for (const codec of ['gzip:1', 'zstd']) {
      const [light, heavy] = [await run('context', codec), await run('heavy', codec)]
      assert.ok(heavy.bytesCompressed > 380e6)
      const growth = Math.round((heavy.peak - light.peak) / 1e6)
      context.diagnostic(`${codec}: ${growth} MB more for 400 MB of layers than for 6 MB`)
      assert.ok(growth < 80, `${codec}: ${growth} MB more`)
    }
  })
})

const startOther = async () => {
  const other = await startDockerRegistry()
  return { host: other.host, [Symbol.asyncDispose]: () => other.stop() }
}

/** Gives the registry on loopback a name of the outside: plain requests go to it, whatever host they are for. */
async function startProxy(target: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', `http://${target}`)
    const { method, headers } = request
    const onward = httpRequest(`http://${target}${pathname}${search}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  })
  // What comes through a tunnel is TLS, which the registry does not speak.
  server.on('connect', (_, socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function fetchJson<T>(path: string): Promise<T> {
  const response = await fetch(`http://${path}`, { headers: { accept: `${mediaTypes.manifest}, */*` } })
  assert.equal(response.status, 200)
  return (await response.json()) as T
}

/** The last line of the output. */
function digestOf({ stdout }: SlipwayResult): string | undefined {
  return stdout.trim().split('\n').at(-1)
}

function sizeOf(layers: readonly Descriptor[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0)
}

function tallyOf(result: SlipwayResult): Tally {
  return eventsOf(result, 'finished')[0]!['tally'] as Tally
}
