/** `bake --watch`: what is built again when a file changes, and what is not. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { checkLayoutFiles, isAlive } from '../support/interrupted.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { slipway, slipwayOk, type SlipwayEvent } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { startWatching } from '../support/watching.ts'

const plan = (hub: string, more = '') => `hubs: [${hub}/demo]
tags: [dev]
platforms: [linux/amd64]
images:
  - { name: web, dockerfile: Dockerfile, files: [web.bin, shared.bin, static], args: { NAME: web.bin } }
  - { name: api, dockerfile: api.dockerfile, files: [api.bin, shared.bin] }
${more}`

const dockerfile = `FROM scratch
ARG NAME
COPY shared.bin /shared
COPY static /srv
COPY $NAME /app
`

suite('bake --watch', { timeout: 240_000 }, () => {
  let folder: TemporaryFolder
  let count = 0
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder?.remove())

  const project = async (hub = 'x.test', files: Record<string, string> = {}) => {
    const root = folder.join(`p${count++}`)
    await writeProject(root, {
      '.git/': '',
      'slipway.yaml': plan(hub),
      Dockerfile: dockerfile,
      'api.dockerfile': 'FROM scratch\nCOPY shared.bin /shared\nCOPY api.bin /api\n',
      'web.bin': seededBytes(count, 300_000),
      'api.bin': seededBytes(count + 100, 200_000),
      'shared.bin': seededBytes(99, 100_000),
      'static/index.html': 'page',
      ...files,
    })
    const options = { home: folder.join('home'), cwd: root }
    const watch = (...flags: string[]) => startWatching(['bake', '--watch', ...flags], options)
    const save = (...flags: string[]) => watch('--save', `${root}-out`, ...flags)
    return { root, watch, save, out: `${root}-out`, file: (name: string) => `${root}/${name}` }
  }
  const built = (events: readonly SlipwayEvent[]) =>
    events
      .filter(({ kind }) => kind === 'build-finished')
      .map(({ build }) => (build as { image: string }).image)
      .toSorted()
  const names = ({ changed }: SlipwayEvent) => (changed as string[]).map((path) => path.split('/').at(-1))
  const digests = async (layout: string) => {
    const { manifests } = JSON.parse(await readFile(`${layout}/index.json`, 'utf8')) as {
      manifests: { digest: string; annotations: Record<string, string> }[]
    }
    return Object.fromEntries(
      manifests.map((entry) => [
        entry.annotations['org.opencontainers.image.ref.name']!.replace(/^.*\/|:dev$/g, ''),
        entry.digest,
      ]),
    )
  }

  /** What a tag leads to in a registry. */
  const tagOf = async (host: string, name: string) => {
    const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' }
    const answer = await fetch(`http://${host}/v2/demo/${name}/manifests/dev`, { headers })
    assert.equal(answer.status, 200)
    return answer.headers.get('docker-content-digest')
  }

  suite('with a registry', { skip: skipWithoutDockerRegistry() }, () => {
    let registry: DockerRegistry
    before(async () => {
      registry = await startDockerRegistry()
    })
    after(() => registry?.stop())

    test('each round writes its own trace and page, and says why its layers are new', async () => {
      const { save, file, root } = await project()
      const flags = ['--trace', 'out/trace.json', '--report', 'out/run.html', '--explain', '--skip-artifacts']
      await mkdir(file('out'))
      await using watching = await save(...flags)
      const traced = async () => {
        const { traceEvents } = JSON.parse(await readFile(file('out/trace.json'), 'utf8')) as {
          traceEvents: { name: string; ts?: number }[]
        }
        return { text: JSON.stringify(traceEvents), last: Math.max(...traceEvents.map(({ ts = 0 }) => ts)) }
      }
      const first = await traced()
      assert.match(first.text, /api/)
      await sleep(1000)
      await writeFile(file('web.bin'), seededBytes(7, 300_001))
      await watching.next('round-finished')
      await until('the trace is that of the second round', async () => (await traced()).text !== first.text)
      const second = await traced()
      assert.match(second.text, /web/)
      assert.doesNotMatch(second.text, /api/, 'only what was built in the round is in its timeline')
      assert.ok(second.last < first.last + 1_000_000, 'the timeline of a round begins with the round')
      await until('the page is that of the second round', async () =>
        (await readFile(file('out/run.html'), 'utf8')).includes('300001'),
      )
      await writeFile(file('api.dockerfile'), 'FROM scratch\nCOPY nowhere /\n')
      await watching.next('round-failed')
      await until('the trace is that of the failed round', async () => (await traced()).text !== second.text)
      const { stdout } = await watching.stop()
      assert.match(
        stdout,
        /web\.bin -> web: 1 new layer.*\nweb linux\/amd64, against .*\n.*\n +web\.bin: size 300000 -> 300001/,
      )
      assert.deepEqual((await readdir(`${root}/out`)).toSorted(), ['run.html', 'trace.json'])
    })

    test('a changed file has only its images built, and only its layer sent', async () => {
      const { file, watch } = await project(registry.host)
      await using watching = await watch('--push')
      const tag = (name: string) => tagOf(registry.host, name)
      const before = [await tag('web'), await tag('api')]
      await writeFile(file('web.bin'), seededBytes(7, 310_000))
      const round = await watching.next('round-finished')
      assert.deepEqual(names(round), ['web.bin'])
      assert.deepEqual(round['moved'], ['web'])
      assert.equal(round['newLayers'], 1)
      const bytes = Number(round['bytes'])
      assert.ok(bytes > 310_000 && bytes < 310_000 + 6_000, `${bytes} bytes were sent`)
      assert.equal(typeof round['sinceWriteMs'], 'number')
      const events = watching.take()
      assert.deepEqual(built(events), ['web'])
      const sent = events.filter(({ kind, state }) => kind === 'blob' && state === 'uploaded')
      assert.deepEqual(
        sent.map(({ bytes: size }) => (Number(size) > 310_000 ? 'layer' : 'config')).toSorted(),
        ['config', 'layer'],
        'the layer and the config of the image',
      )
      const now = [await tag('web'), await tag('api')]
      assert.notEqual(now[0], before[0])
      assert.equal(now[1], before[1])
    })

    test('a change in the middle of a round cancels it before names move', async () => {
      const { file, watch } = await project(registry.host)
      let isArmed = false
      await using watching = await watch('--push')
      const tag = () => tagOf(registry.host, 'web')
      const before = await tag()
      const large = seededBytes(8, 30_000_000)
      watching.running.child.stderr!.on('data', (text: string) => {
        if (isArmed && text.includes('"bytes":30001664')) {
          isArmed = false
          void writeFile(file('web.bin'), seededBytes(9, 320_000))
        }
      })
      isArmed = true
      await writeFile(file('web.bin'), large)
      const cancelled = await watching.next('round-cancelled', 'round-finished')
      assert.equal(cancelled.kind, 'round-cancelled')
      assert.equal(await tag(), before)
      const round = await watching.next('round-finished', 'round-failed')
      assert.equal(round.kind, 'round-finished')
      assert.deepEqual(round['moved'], ['web'])
      assert.notEqual(await tag(), before)
      const bytes = Number(round['bytes'])
      assert.ok(bytes > 320_000 && bytes < 326_000, `${bytes} bytes were sent`)
    })
  })

  const changes: Record<string, { change: (root: string) => Promise<unknown>; images?: string[] }> = {
    'a file that is replaced by another, as editors do': {
      async change(root) {
        await writeFile(`${root}/.web.bin.tmp`, 'new content')
        await rename(`${root}/.web.bin.tmp`, `${root}/web.bin`)
      },
    },
    'a file that is removed, and written a moment later': {
      async change(root) {
        await rm(`${root}/web.bin`)
        await sleep(80)
        await writeFile(`${root}/web.bin`, '')
        await sleep(80)
        await writeFile(`${root}/web.bin`, 'new content')
      },
    },
    'a file that is cut and written again': {
      async change(root) {
        await writeFile(`${root}/web.bin`, '')
        await sleep(5)
        await writeFile(`${root}/web.bin`, 'new content')
      },
    },
    'a new file in a folder that is copied': {
      change: (root) => writeFile(`${root}/static/new.html`, 'new'),
    },
    'a file that is gone from a folder': { change: (root) => rm(`${root}/static/index.html`) },
    'a folder that is replaced': {
      async change(root) {
        await rm(`${root}/static`, { recursive: true })
        await mkdir(`${root}/static`)
        await writeFile(`${root}/static/other.html`, 'other')
      },
    },
    'a Dockerfile': {
      change: (root) => writeFile(`${root}/Dockerfile`, `${dockerfile}LABEL a=b\n`),
    },
    'a file of several images': {
      change: (root) => writeFile(`${root}/shared.bin`, 'shared'),
      images: ['api', 'web'],
    },
  }
  for (const [what, { change, images = ['web'] }] of Object.entries(changes)) {
    test(`${what} is seen`, async () => {
      const { root, save, out } = await project()
      await using watching = await save()
      const before = await digests(out)
      await change(root)
      const round = await watching.next('round-finished', 'round-failed')
      assert.equal(round.kind, 'round-finished', JSON.stringify(round))
      assert.deepEqual((round['moved'] as string[]).toSorted(), images)
      assert.deepEqual(built(watching.take()), images)
      const now = await digests(out)
      const moved = Object.keys(now).filter((name) => now[name] !== before[name])
      assert.deepEqual(moved.toSorted(), images)
      await slipwayOk(['bake', '--save', `${root}-anew`], { home: folder.join('home'), cwd: root })
      assert.deepEqual(now, await digests(`${root}-anew`))
    })
  }

  test('what changes nothing moves nothing, and what nobody looks at builds nothing', async () => {
    const { root, save, out, file } = await project()
    await using watching = await save()
    const before = await digests(out)
    await writeFile(file('notes.txt'), 'nobody copies this')
    await sleep(100)
    await writeFile(file('web.bin'), await readFile(file('web.bin')))
    const round = await watching.next('round-finished')
    assert.deepEqual(names(round), ['web.bin'])
    assert.deepEqual([round['moved'], round['newLayers']], [[], 0])
    assert.deepEqual(await digests(out), before)
    assert.ok(root)
  })

  test('an image of the plan that others stand on has them built too', async () => {
    const more = '  - { name: top, dockerfile: top.dockerfile, files: [static] }\n'
    const { root, save, file } = await project('x.test', {
      'slipway.yaml': plan('x.test', more).replace('name: web', 'name: web, base: true'),
      'top.dockerfile': 'FROM x.test/demo/web:dev\nCOPY static /more\n',
    })
    await using watching = await save()
    await writeFile(file('web.bin'), 'new')
    const round = await watching.next('round-finished')
    assert.deepEqual(round['moved'], ['top'])
    assert.deepEqual(built(watching.take()), ['top', 'web'])
    assert.ok(root)
  })

  test('a round that fails says where, leaves names alone, and the next change mends it', async () => {
    const { root, save, out, file } = await project()
    const watching = await save()
    const before = await digests(out)
    await writeFile(file('Dockerfile'), `${dockerfile}COPY missing /\n`)
    const failed = await watching.next('round-failed')
    assert.equal(failed['code'], 'SOURCE_NOT_FOUND')
    await writeFile(file('api.bin'), 'new')
    await watching.next('round-failed')
    assert.deepEqual(await digests(out), before)
    await writeFile(file('Dockerfile'), dockerfile)
    const round = await watching.next('round-finished')
    assert.deepEqual(round['moved'], ['api'], 'what changed while it could not be built is built')
    const { status, stderr } = await watching.stop()
    assert.equal(status, 0)
    assert.match(stderr, /error: "missing" is not in .*\n {2}Dockerfile:6:6/)
    assert.ok(root)
  })

  test('a file that is deleted and comes back', async () => {
    const { save, out, file } = await project()
    await using watching = await save()
    const before = await digests(out)
    await rm(file('web.bin'))
    assert.equal((await watching.next('round-failed'))['code'], 'ARTIFACT_NOT_FOUND')
    await writeFile(file('web.bin'), 'back')
    assert.deepEqual((await watching.next('round-finished'))['moved'], ['web'])
    assert.notEqual((await digests(out))['web'], before['web'])
  })

  test('a first round that fails waits for its files', async () => {
    const { root, save, out, file } = await project()
    await rm(file('web.bin'))
    await using watching = await save()
    await writeFile(file('web.bin'), 'there')
    assert.deepEqual(((await watching.next('round-finished'))['moved'] as string[]).toSorted(), [
      'api',
      'web',
    ])
    assert.deepEqual(Object.keys(await digests(out)).toSorted(), ['api', 'web'])
    assert.ok(root)
  })

  test('the plan is read again when it changes, and goes on as it was when it cannot be', async () => {
    const { save, out, file } = await project()
    await using watching = await save()
    await writeFile(file('slipway.yaml'), 'images: 3\n')
    assert.equal((await watching.next('round-failed'))['code'], 'PLAN_INVALID')
    const more = '  - { name: third, dockerfile: api.dockerfile, files: [api.bin, shared.bin] }\n'
    await writeFile(file('slipway.yaml'), plan('x.test', more))
    assert.deepEqual((await watching.next('round-finished'))['moved'], ['third'])
    assert.deepEqual(Object.keys(await digests(out)).toSorted(), ['api', 'third', 'web'])
    await writeFile(file('api.bin'), 'new')
    assert.deepEqual(((await watching.next('round-finished'))['moved'] as string[]).toSorted(), [
      'api',
      'third',
    ])
  })

  test('artifact commands run once; what they make is watched', async () => {
    const { root, save, file } = await project('x.test', {
      'slipway.yaml': `tags: [dev]
platforms: [linux/amd64]
artifacts:
  app: { command: 'echo run >> runs; echo made > app.bin', outputs: [app.bin], perPlatform: false }
images:
  - { name: app, dockerfile: Dockerfile, artifacts: [app] }
`,
      Dockerfile: 'FROM scratch\nCOPY app.bin /app\n',
    })
    await using watching = await save()
    await writeFile(file('app.bin'), 'made elsewhere')
    assert.deepEqual((await watching.next('round-finished'))['moved'], ['app'])
    assert.equal(await readFile(file('runs'), 'utf8'), 'run\n')
    assert.ok(root)
  })

  test('an archive always has all images', async () => {
    const { watch, file, root } = await project()
    await using watching = await watch('-o', `type=oci,dest=${root}.tar`)
    await writeFile(file('web.bin'), 'new')
    assert.deepEqual((await watching.next('round-finished'))['moved'], ['web'])
    const archive = await readFile(`${root}.tar`, 'latin1')
    assert.match(archive, /demo\/web:dev/)
    assert.match(archive, /demo\/api:dev/)
  })

  test('files that are looked at again and again are seen too', async () => {
    const { root, watch, file } = await project()
    await using watching = await watch('--save', `${root}-out`, '--watch=poll')
    await writeFile(file('static/new.html'), 'new')
    assert.deepEqual((await watching.next('round-finished'))['moved'], ['web'])
  })

  suite('--then', () => {
    test('runs after each good round, with its images, one at a time; a failure does not end it', async () => {
      const { root, save, file, out } = await project()
      const log = `${root}.log`
      const command = `echo "start $SLIPWAY_ROUND" >> ${log}; sleep 0.5; echo "end $SLIPWAY_IMAGES" >> ${log}; exit 3`
      const watching = await save('--then', command)
      const first = await digests(out)
      const write = async (name: string, text: string) => {
        await writeFile(file(name), text)
        return watching.next('round-finished')
      }
      // Both end while the command of the first round runs.
      await write('web.bin', 'two')
      await write('api.bin', 'three')
      const now = await digests(out)
      const lines = async () => (await readFile(log, 'utf8')).trim().split('\n')
      while ((await lines()).length < 4) await sleep(20)
      assert.deepEqual(await lines(), [
        'start 1',
        `end x.test/demo/web:dev@${first['web']} x.test/demo/api:dev@${first['api']}`,
        'start 3',
        `end x.test/demo/web:dev@${now['web']} x.test/demo/api:dev@${now['api']}`,
      ])
      const { status, stderr } = await watching.stop()
      assert.equal(status, 0)
      assert.match(stderr, /--then: exit status 3/)
    })

    test('passes its output on, and ends with Ctrl-C with all that it started', async () => {
      const { root, save } = await project()
      const watching = await save('--then', `echo "hello from $$"; sleep 100 & echo $! > ${root}.pid; wait`)
      let pid = ''
      while (pid === '') {
        await sleep(10)
        pid = (await readFile(`${root}.pid`, 'utf8').catch(() => '')).trim()
      }
      const { status, stdout } = await watching.stop()
      assert.equal(status, 0)
      assert.match(stdout, /hello from \d+/)
      assert.equal(await isAlive(Number(pid)), false)
    })
  })

  test('Ctrl-C in the middle of a round ends well and leaves nothing half-written', async () => {
    const { save, out, file } = await project()
    const watching = await save()
    const before = await digests(out)
    await writeFile(file('web.bin'), seededBytes(5, 20_000_000))
    await watching.next('build-started')
    const { status } = await watching.stop()
    assert.equal(status, 0)
    await checkLayoutFiles(out)
    const now = await digests(out)
    assert.equal(now['api'], before['api'])
    assert.deepEqual((await readdir(out)).toSorted(), ['blobs', 'index.json', 'oci-layout'])
  })

  for (const [flags, message] of [
    [['--then', 'true'], /--then means nothing without --watch/],
    [['--watch', '-o', 'type=oci,dest=-'], /--watch cannot write archives to the standard output/],
    [['--watch', '--no-clobber'], /--watch moves names again and again/],
    [['--watch=always'], /'always' is invalid/],
  ] as const) {
    test(`${flags.join(' ')} is refused`, async () => {
      const { root } = await project()
      const result = await slipway(['bake', ...flags], { home: folder.join('home'), cwd: root })
      assert.equal(result.status, 2)
      assert.match(result.stderr, message)
    })
  }
})
