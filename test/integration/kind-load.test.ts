/** `--load=kind` into nodes that are real containerds: each gets what it lacks, and names come last. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { containerdLines, skipWithoutContainerd } from '../support/containerd.ts'
import { startKindCluster, type KindCluster, type KindNode } from '../support/kind-cluster.ts'
import {
  changeShellImage,
  shellImagePlatforms,
  shellImageSizes,
  writeShellImage,
} from '../support/shell-image.ts'
import { eventsOf, slipway, slipwayOk, startSlipway, type SlipwayOptions } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const name = 'docker.io/library/app:1'
const skip = (await Promise.all(containerdLines.map(skipWithoutContainerd))).find((reason) => reason)

describe('a kind cluster', { skip: skip ?? false, timeout: 120_000 }, () => {
  let cluster: KindCluster
  let nodes: readonly KindNode[]
  let folder: TemporaryFolder
  let options: SlipwayOptions
  before(async () => {
    cluster = await startKindCluster('demo', containerdLines)
    nodes = cluster.nodes
    folder = await temporaryFolder()
    await writeShellImage(folder.join('app'))
    options = { home: folder.join('home'), cwd: folder.path, env: cluster.env }
  })
  after(async () => {
    await cluster?.dispose()
    await folder?.remove()
  })

  const bytesOfNodes = async () => {
    const bytes: number[] = []
    for (const node of nodes) bytes.push(await node.takeBytes())
    return bytes
  }
  const load = async (...flags: string[]) => {
    await bytesOfNodes()
    const result = await slipwayOk(['build', '--load=kind:demo', '-t', 'app:1', ...flags, 'app'], options)
    return { result, bytes: await bytesOfNodes(), digest: result.stdout.trim().split('\n').at(-1)! }
  }
  let containers = 0
  const onAll = async <T>(work: (node: KindNode) => Promise<T>) => Promise.all(nodes.map(work))
  const run = (image = name) =>
    onAll(({ ctr }) => ctr(['run', '--rm', '--net-host', image, `c-${++containers}`]))
  const column = (text: string, index: number) =>
    text
      .split('\n')
      .slice(1)
      .map((row) => row.split(/\s+/)[index]!)
  const images = () => onAll(async ({ ctr }) => column(await ctr(['images', 'ls']), 0))
  const digests = () => onAll(async ({ ctr }) => column(await ctr(['images', 'ls']), 2))
  const leases = () => onAll(async ({ ctr }) => column(await ctr(['leases', 'ls']), 0))
  const collect = () =>
    onAll(async ({ ctr }) => {
      await ctr(['leases', 'create', '--id', 'none'])
      await ctr(['leases', 'delete', '--sync', 'none'])
    })
  const isWhole = async (image = name) => {
    for (const { ctr } of nodes) {
      const row = (await ctr(['images', 'check'])).split('\n').find((text) => text.startsWith(`${image} `))
      assert.match(row ?? '', / complete \(4\/4\) /)
    }
  }

  test('every node has the image under its full name and our digest, and runs it', async () => {
    const { bytes, digest } = await load()
    for (const count of bytes) assert.ok(count > shellImageSizes.base + shellImageSizes.app)
    assert.deepEqual(await images(), [[name], [name]])
    assert.deepEqual(await digests(), [[digest], [digest]])
    await isWhole()
    assert.deepEqual(await run(), ['one', 'one'])
    assert.deepEqual(await leases(), [[], []])
  })

  test('nodes are asked once and run the command that kind runs', async () => {
    const calls = (await cluster.calls()).toSorted()
    const imports = calls.filter((call) => call.includes('import'))
    assert.deepEqual(
      imports,
      nodes.map(
        ({ name: node }) =>
          `exec --privileged -i ${node} ctr --namespace=k8s.io images import --all-platforms --no-unpack -`,
      ),
    )
    assert.equal(calls.length, 1 + 2 * nodes.length)
  })

  test('after one changed file each node gets that layer only', async () => {
    await changeShellImage(folder.join('app'), 'two')
    const { bytes } = await load()
    for (const count of bytes)
      assert.ok(count > shellImageSizes.app && count < shellImageSizes.app + 40_000, `${count} bytes`)
    await collect()
    await isWhole()
    assert.deepEqual(await run(), ['two', 'two'])
  })

  test('a node that lost the image gets all of it, the other nothing', async () => {
    await nodes[0]!.ctr(['images', 'rm', '--sync', name])
    const { bytes } = await load()
    assert.ok(bytes[0]! > shellImageSizes.base && bytes[1]! < 30_000, `${bytes.join()} bytes`)
    assert.deepEqual(await run(), ['two', 'two'])
  })

  test('nodes that have all of it are only asked', async () => {
    const before = (await cluster.calls()).length
    const { bytes } = await load()
    assert.deepEqual(bytes, [0, 0])
    const calls = (await cluster.calls()).slice(before)
    assert.ok(calls.length > 0 && calls.every((call) => !call.includes('import')), calls.join('\n'))
  })

  test('blobs that a node collects after it was asked are sent once more', async () => {
    await changeShellImage(folder.join('app'), 'three')
    await cluster.beforeImport(nodes[0]!.name, `ctr --namespace=k8s.io images rm --sync ${name} >&2`)
    const { bytes } = await load()
    assert.ok(bytes[0]! > shellImageSizes.base + 2 * shellImageSizes.app, `${bytes.join()} bytes`)
    await isWhole()
    assert.deepEqual(await run(), ['three', 'three'])
  })

  test('an index works without the layers of the platform that nodes do not run', async () => {
    const index = 'docker.io/library/app:index'
    const { bytes, digest } = await load('-t', 'app:index', '--platform', shellImagePlatforms)
    for (const count of bytes) assert.ok(count < 40_000, `${count} bytes`)
    await collect()
    assert.ok((await digests()).every((list) => list.includes(digest)))
    await isWhole(index)
    assert.deepEqual(await run(index), ['three', 'three'])
    await onAll(({ ctr }) => ctr(['images', 'rm', '--sync', index]))
  })

  test('the name of the cluster comes from KIND_CLUSTER_NAME, and latest is warned of', async () => {
    const env = { ...cluster.env, KIND_CLUSTER_NAME: 'demo' }
    const result = await slipwayOk(['build', '--load=kind', '-t', 'app', 'app'], { ...options, env })
    const warnings = eventsOf(result, 'warning').map(({ message }) => message)
    assert.equal(warnings.length, 1)
    assert.match(String(warnings[0]), /docker\.io\/library\/app:latest: it pulls what is tagged "latest"/)
    await onAll(({ ctr }) => ctr(['images', 'rm', '--sync', 'docker.io/library/app:latest']))
  })

  test('a cluster that is not there is not there', async () => {
    const { status, stderr } = await slipway(['build', '--load=kind:prod', '-t', 'a:1', 'app'], options)
    assert.equal(status, 1)
    assert.match(stderr, /there is no kind cluster "prod" in docker/)
    assert.match(stderr, /there are: demo/)
  })

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`after ${signal} in the middle the name leads where it led, and no lease is left`, async () => {
      const before = await digests()
      await changeShellImage(folder.join('app'), signal)
      const end = await startSlipway(
        ['build', '--load=kind:demo', '-t', 'app:1', '-t', 'app:new', '--progress=json', 'app'],
        {
          ...options,
          onEvent: ({ kind }, { interrupt }) => void (kind === 'blob-started' && interrupt(signal)),
        },
      ).ended
      assert.deepEqual([end.status, end.signal], signal === 'SIGINT' ? [130, null] : [null, signal])
      await settled(async () => (await leases()).flat().length === 0)
      assert.deepEqual(await digests(), before)
      assert.deepEqual(await run(), ['three', 'three'])
    })
  }

  test('an import that fails names its node and what ctr said', async () => {
    await changeShellImage(folder.join('app'), 'failed')
    await cluster.beforeImport(nodes[1]!.name, 'echo "ctr: it broke" >&2; exit 1')
    const { status, stderr } = await slipway(['build', '--load=kind:demo', '-t', 'app:1', 'app'], options)
    assert.equal(status, 1)
    assert.match(stderr, /cannot load images into the node demo-worker/)
    assert.match(stderr, /ctr: it broke/)
    assert.deepEqual(await run(), ['three', 'three'])
  })

  test('a node that is lost in the middle is named, and the other one is left as it was', async () => {
    await changeShellImage(folder.join('app'), 'lost')
    const error = `Error response from daemon: container ${nodes[0]!.name} is not running`
    await cluster.beforeImport(nodes[0]!.name, `head -c 100000 > /dev/null; echo "${error}" >&2; exit 137`)
    const { status, stderr } = await slipway(['build', '--load=kind:demo', '-t', 'app:1', 'app'], options)
    assert.equal(status, 1)
    assert.match(
      stderr,
      /cannot load images into the node demo-control-plane: it is not there or does not run/,
    )
    assert.deepEqual(await run(), ['three', 'three'])
    assert.deepEqual(await leases(), [[], []])
  })

  test('a node that does not run is told before any work', async () => {
    await nodes[1]!.stop()
    const { status, stderr } = await slipway(['build', '--load=kind:demo', '-t', 'app:1', 'app'], options)
    assert.equal(status, 1)
    assert.match(
      stderr,
      /cannot ask the node demo-worker what images it has: it is not there or does not run/,
    )
    assert.match(stderr, /container demo-worker is not running/)
  })
})

/** Waits for what a process that was killed leaves to others to clean up. */
async function settled(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries++) assert.ok(tries < 50, 'it did not settle')
}
