/** What a run of a plan does, in which order and how often, seen from outside. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { eventsOf, slipway, slipwayOk, startSlipway, type SlipwayEvent } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

interface Tally {
  readonly bytesRead: number
  readonly bytesHashed: number
  readonly bytesSent: number
  readonly requests: Readonly<Record<string, number>>
}

const platforms = 'platforms: [linux/amd64, linux/arm64]'

const tools = `
hubs: [localhost/tools]
${platforms}
variants: { debug: { default: true }, distroless: {} }
artifacts:
  tool:
    command: 'mkdir -p $TARGET_OUT_LINUX; env | grep ^TARGET_ | sort | tee $TARGET_OUT_LINUX/tool; echo $TARGET_ARCH >> runs'
images:
  - { name: one, dockerfile: Dockerfile, artifacts: [tool], files: ['\${TARGET_OUT_LINUX}/tool'] }
  - { name: two, dockerfile: Dockerfile, artifacts: [tool], files: ['\${TARGET_OUT_LINUX}/tool'] }
`

const bases = `
${platforms}
variants: { debug: { default: true }, distroless: {} }
images:
${[1, 2, 3].map((number) => `  - { name: image${number}, dockerfile: Dockerfile, files: [large, file${number}], args: { FILE: file${number} } }`).join('\n')}
  - { name: middle, dockerfile: Dockerfile.middle, context: rootfs, base: true, variants: [] }
  - { name: base, dockerfile: Dockerfile.base, context: rootfs, base: true, variants: [] }
`

suite('a run of a plan', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
    await writeProject(folder.join('tools'), {
      'slipway.yaml': tools,
      Dockerfile: 'FROM scratch\nARG TARGETARCH\nCOPY ${TARGETARCH}/tool /tool\n',
    })
  })
  after(() => folder?.remove())
  const inTools = () => ({ home: folder.join('home'), cwd: folder.join('tools') })

  test('runs a command once per platform, with the platform in its environment', async () => {
    const result = await slipwayOk(['bake', '--root', '.'], inTools())
    const runs = (await readFile(folder.join('tools', 'runs'), 'utf8')).trim().split('\n')
    assert.deepEqual(runs.toSorted(), ['amd64', 'arm64'])
    assert.equal(eventsOf(result, 'build-finished').length, 8)
    for (const architecture of runs) {
      const out = folder.join('tools', 'out', `linux_${architecture}`)
      const id = `tool linux/${architecture}`
      const of = (kind: string) => eventsOf(result, kind).filter((event) => event['id'] === id)
      assert.equal(of('command-started').length, 1)
      assert.equal(of('command-finished').length, 1)
      const text = of('command-output').map((event) => String(event['text']))
      assert.deepEqual(text.join('').trim().split('\n'), [
        `TARGET_ARCH=${architecture}`,
        'TARGET_OS=linux',
        `TARGET_OUT=${out}`,
        `TARGET_OUT_LINUX=${out}`,
        'TARGET_VARIANT=',
      ])
    }
  })

  test('runs no command with --skip-artifacts, and takes what is there', async () => {
    const ran = await slipwayOk(['bake', '--root', '.', '--save', folder.join('ran')], inTools())
    const before = await readFile(folder.join('tools', 'runs'), 'utf8')
    const skipped = await slipwayOk(['bake', '--root', '.', '--skip-artifacts'], inTools())
    assert.deepEqual(eventsOf(skipped, 'command-started'), [])
    assert.equal(await readFile(folder.join('tools', 'runs'), 'utf8'), before)
    assert.deepEqual(digests(skipped.events), digests(ran.events))
    await rm(folder.join('tools', 'out', 'linux_arm64', 'tool'))
    const { status, stderr } = await slipway(['bake', '--root', '.', '--skip-artifacts'], inTools())
    assert.equal(status, 1)
    assert.match(stderr, /artifact for linux\/arm64 .* is not there: looked for out\/linux_arm64\/tool/)
  })

  test('starts an image when its own artifacts are ready, while the command of another runs', async () => {
    const cwd = folder.join('waiting')
    await writeProject(cwd, {
      'slipway.yaml': `
artifacts:
  fast: { command: 'echo fast > fast' }
  slow: { command: 'until [ -e finished ]; do sleep 0.02; done; echo slow > slow' }
images:
  - { name: late, dockerfile: Dockerfile, artifacts: [slow], files: [slow] }
  - { name: early, dockerfile: Dockerfile, artifacts: [fast], files: [fast] }
platforms: [linux/amd64]
`,
      Dockerfile: 'FROM scratch\nCOPY * /\n',
    })
    // The slow command waits for the other image: were that to wait for it, the run would never end.
    const result = await startSlipway(['bake', '--root', '.', '--progress=json'], {
      home: folder.join('home'),
      cwd,
      onEvent: (event) => {
        if (event.kind === 'image-finished') void writeFile(`${cwd}/finished`, '')
      },
    }).ended
    assert.equal(result.status, 0, result.stderr)
    const order = result.events.flatMap(({ kind, build, id }) =>
      kind === 'image-finished' ? [imageOf(build)] : kind === 'command-finished' ? [id] : [],
    )
    assert.deepEqual(order, ['fast linux/amd64', 'early', 'slow linux/amd64', 'late'])
  })

  test('builds the default variant once for the tag without a suffix and the one with it', async () => {
    const variants = ['--variant', 'default', '--variant', 'debug', '--skip-artifacts']
    const args = ['bake', 'one', '--root', '.', '--platform', 'linux/amd64', '--save', folder.join('double')]
    const result = await slipwayOk([...args, ...variants], inTools())
    assert.equal(eventsOf(result, 'build-started').length, 1)
    const [published] = eventsOf(result, 'published')
    assert.deepEqual(published?.['references'], [
      'localhost/tools/one:latest',
      'localhost/tools/one:latest-debug',
    ])
    const index = JSON.parse(await readFile(folder.join('double', 'index.json'), 'utf8')) as {
      manifests: { digest: string }[]
    }
    assert.equal(new Set(index.manifests.map(({ digest }) => digest)).size, 1)
  })
})

suite('a push of a plan', { skip: skipWithoutDockerRegistry(), timeout: 120_000 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
    const from = (name: string) => `FROM ${registry.host}/demo/${name}:latest\n`
    await writeProject(folder.path, {
      'slipway.yaml': bases,
      'Dockerfile.base': 'FROM scratch\nCOPY base /usr/base\n',
      'Dockerfile.middle': `${from('base')}COPY middle /usr/middle\n`,
      Dockerfile: `${from('middle')}ARG FILE\nCOPY large /usr/large\nCOPY \${FILE} /usr/\n`,
      large: seededBytes(1, 3_000_000),
      ...Object.fromEntries([1, 2, 3].map((number) => [`file${number}`, seededBytes(number, 50_000)])),
      'rootfs/base': seededBytes(4, 70_000),
      'rootfs/middle': 'in the middle',
    })
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })
  const push = () =>
    slipwayOk(['bake', '--root', '.', '--hub', `${registry.host}/demo`, '--push'], {
      home: folder.join('home'),
      cwd: folder.path,
    })

  test('builds bases first and once, hashes and sends every layer once', async () => {
    const result = await push()
    const started = eventsOf(result, 'build-started').map(({ build }) => buildOf(build))
    assert.equal(new Set(started).size, started.length, `built twice: ${started.join(', ')}`)
    assert.equal(started.length, 2 + 2 + 3 * 2 * 2)
    // What stands on a base has its layers before its own.
    const layers = new Map<string, string[]>()
    for (const { build, digest } of eventsOf(result, 'layer'))
      layers.set(buildOf(build), [...(layers.get(buildOf(build)) ?? []), String(digest)])
    const base = layers.get('base linux/arm64')!
    const middle = layers.get('middle linux/arm64')!
    const image = layers.get('image2 distroless linux/arm64')!
    assert.deepEqual([base.length, middle.length, image.length], [1, 2, 4])
    assert.deepEqual(middle.slice(0, 1), base)
    assert.deepEqual(image.slice(0, 2), middle)

    const sizes = new Map(
      eventsOf(result, 'layer').map(({ digest, bytes }) => [String(digest), Number(bytes)]),
    )
    // base, middle, large and three files, the same for every variant and platform
    assert.equal(sizes.size, 6)
    const layerBytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    const tally = tallyOf(result.events)
    assert.equal(tally.bytesHashed, layerBytes)
    const blobs = eventsOf(result, 'blob')
    for (const digest of sizes.keys()) {
      const states = blobs.filter((blob) => blob['digest'] === digest).map((blob) => blob['state'])
      assert.equal(
        states.filter((state) => state === 'uploaded').length,
        1,
        `${digest}: ${states.join(', ')}`,
      )
      assert.deepEqual(
        new Set(states.filter((state) => state !== 'uploaded')),
        new Set(states.length > 1 ? ['mounted'] : []),
      )
    }
    // Bases were not asked for, so they have no name.
    const response = await fetch(`http://${registry.host}/v2/demo/base/tags/list`)
    assert.equal(response.status, 404)
  })

  test('makes one HEAD request per name the second time, and sends, reads and hashes nothing', async () => {
    const result = await push()
    const { requests, bytesSent, bytesHashed, bytesRead } = tallyOf(result.events)
    assert.deepEqual(requests, { 'HEAD manifest': 6 })
    assert.deepEqual([bytesSent, bytesHashed, bytesRead], [0, 0, 0])
    assert.deepEqual(eventsOf(result, 'blob'), [])
  })

  test('sends only what changed when one file did', async () => {
    await writeFile(folder.join('file2'), seededBytes(77, 60_000))
    const result = await push()
    const { bytesSent, bytesHashed, requests } = tallyOf(result.events)
    const [layer] = eventsOf(result, 'layer').filter(({ state }) => state === 'hashed')
    assert.equal(bytesHashed, layer?.['bytes'])
    const uploads = eventsOf(result, 'blob').filter(({ state }) => state === 'uploaded')
    // The layer, and a config for each platform: the variants are the same.
    assert.equal(uploads.length, 3)
    assert.equal(requests['PUT upload'], 3)
    assert.ok(bytesSent < Number(layer?.['bytes']) + 20_000, `${bytesSent} bytes`)
    assert.ok(!existsSync(folder.join('.slipway')), 'a layout was written that nobody asked for')
  })
})

function tallyOf(events: readonly SlipwayEvent[]): Tally {
  return events.find(({ kind }) => kind === 'finished')!['tally'] as Tally
}

function imageOf(build: unknown): string {
  return (build as { image: string }).image
}

function buildOf(build: unknown): string {
  const { image, variant, platform } = build as { image: string; variant?: string; platform: string }
  return [image, variant, platform].filter((part) => part !== undefined).join(' ')
}

function digests(events: readonly SlipwayEvent[]): string[] {
  return events
    .filter(({ kind }) => kind === 'build-finished')
    .map(({ build, digest }) => `${buildOf(build)} ${String(digest)}`)
    .toSorted()
}
