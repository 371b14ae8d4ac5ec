/** Ctrl-C at any moment publishes nothing and leaves nothing half-written. */
import assert from 'node:assert/strict'
import { readdir, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import {
  allTags,
  checkEarlierLayout,
  checkLayoutFiles,
  checkNoLayout,
  isAlive,
  publishedTags,
  writeSlowProject,
} from '../support/interrupted.ts'
import { describeTree, readEntry, readTree } from '../support/file-tree.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { seededRandom, writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import {
  eventsOf,
  slipwayOk,
  startSlipway,
  type SlipwayEvent,
  type SlipwayResult,
} from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const seed = Number(process.env['SLIPWAY_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const random = seededRandom(seed)

/** A moment of a run: the `count`th event of a kind (or of all), and some milliseconds after it; or after the start. */
interface Moment {
  readonly kind?: string
  readonly count?: number
  readonly delayMs: number
  /** default SIGINT */
  readonly signal?: NodeJS.Signals
}

const events = ['plan', 'build-started', 'layer', 'upload-progress', 'build-finished', 'blob', 'published']
const moments: readonly Moment[] = [
  ...events.map((kind) => ({ kind, count: 1, delayMs: 0 })),
  // The last one is right before the names are moved.
  ...[0, 2, 8].map((delayMs) => ({ kind: 'image-finished', count: 6, delayMs })),
  ...Array.from({ length: 5 }, () => ({ count: 1 + Math.floor(random() * 110), delayMs: random() * 4 })),
  ...Array.from({ length: 5 }, () => ({ delayMs: random() * 1200 })),
]

before(() => void process.stdout.write(`SLIPWAY_TEST_SEED=${seed} repeats this run\n`))

const skip =
  skipWithoutDockerRegistry() ||
  ['skopeo', 'umoci'].map((name) => requirePart(name, hasProgram(name))).find(Boolean)

suite('Ctrl-C', { skip, timeout: 240_000 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
    await writeSlowProject(folder.join('project'))
    await writeProject(folder.join('small'), {
      'slipway.yaml':
        'hubs: [localhost/earlier]\nimages: [{ name: small, dockerfile: Dockerfile, context: . }]\n',
      Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n',
    })
    const options = { home: folder.join('home'), cwd: folder.join('small') }
    await slipwayOk(['bake', '--root', '.', '--save', folder.join('earlier')], options)
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  test('during a push leaves no tag, or has come too late', async () => {
    const ends = new Map<string, number>()
    for (const [index, moment] of moments.entries()) {
      const path = `push-${index}`
      const result = await cutOff(['--hub', `${registry.host}/${path}`, '--push'], moment, index)
      const isDone = checkEnd(result, moment)
      ends.set(String(isDone), (ends.get(String(isDone)) ?? 0) + 1)
      const tags = await publishedTags(registry.host, path)
      assert.deepEqual(tags, isDone ? allTags : [], describe(moment, result))
    }
    assert.ok((ends.get('false') ?? 0) >= 10, `only ${ends.get('false')} runs were cut off`)
  })

  test('during the writing of a layout leaves none, or the earlier one as it was', async () => {
    const index = await readFile(folder.join('earlier', 'index.json'), 'utf8')
    for (const [number, moment] of moments.entries()) {
      const layout = folder.join(`layout-${number}`)
      const hasEarlier = number % 2 === 0
      if (hasEarlier) await runProgram('cp', ['-a', folder.join('earlier'), layout])
      const result = await cutOff(['--save', layout], moment, number)
      const isDone = checkEnd(result, moment)
      if (isDone) await checkLayoutFiles(layout)
      else if (hasEarlier) await checkEarlierLayout(layout, index)
      else await checkNoLayout(layout)
    }
  })

  test('ends artifact commands and all they started', async () => {
    await writeProject(folder.join('commands'), {
      'slipway.yaml':
        'artifacts: { slow: { command: ./slow.sh } }\nimages: [{ name: a, dockerfile: Dockerfile, artifacts: [slow], files: [Dockerfile] }]\n',
      Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n',
      // The grandchild says its number last, so what was read then is complete.
      'slow.sh': { content: '#!/bin/sh\nsleep 1000 & echo "$$ $!"\nwait\n', mode: 0o755 },
    })
    const options = { home: folder.join('home'), cwd: folder.join('commands') }
    const result = await startSlipway(['bake', '--root', '.', '--progress=json'], {
      ...options,
      onEvent: (event, run) => void (event.kind === 'command-output' && run.interrupt()),
    }).ended
    assert.equal(result.status, 130, result.stderr)
    const [output] = eventsOf(result, 'command-output')
    const pids = String(output?.['text']).trim().split(' ').map(Number)
    assert.equal(pids.length, 2, String(output?.['text']))
    for (const pid of pids) assert.equal(await isAlive(pid), false, `process ${pid} lives on`)
    await checkNoLayout(folder.join('commands', '.slipway', 'oci'))
  })

  test('of the hard kind (kill -9) costs nothing but time: the next run is complete and right', async () => {
    for (const [kind, count] of [
      ['layer', 3],
      ['blob', 1],
      ['blob', 12],
      ['image-finished', 3],
      ['publishing', 1],
    ] as const) {
      const path = `killed-${kind}-${count}`
      const layout = folder.join(path)
      const output = ['--hub', `${registry.host}/${path}`, '--push', '--save', layout]
      const killed = await cutOff(output, { kind, count, delayMs: 0, signal: 'SIGKILL' }, 0)
      assert.equal(killed.signal, 'SIGKILL')
      // What was left is removed once it is old enough to be nobody's.
      for (const name of await readdir(join(layout, '.ingest')).catch(() => []))
        await utimes(join(layout, '.ingest', name), 0, 0)
      const options = { home: folder.join('home-0'), cwd: folder.join('project') }
      await slipwayOk(['bake', '--root', '.', ...output], options)
      assert.deepEqual(await publishedTags(registry.host, path), allTags)
      await checkLayoutFiles(layout)
      const image = `${registry.host}/${path}/two:second`
      for (const [name, source] of [
        ['registry', `docker://${image}`],
        ['layout', `oci:${layout}:${image}`],
      ] as const) {
        const copy = folder.join(`${path}-${name}`)
        await skopeoCopy(source, `oci:${copy}:two`, { platform: 'linux/arm64' })
        await runProgram('umoci', ['raw', 'unpack', '--rootless', '--image', `${copy}:two`, `${copy}-root`])
        const found = describeTree(await readTree(`${copy}-root`)).map((line) => line.split(' ').slice(3))
        const sha256 = async (file: string) => (await readEntry(folder.join('project', file))).sha256
        const size = String(4 << 20)
        assert.deepEqual(found, [
          ['shared', size, await sha256('shared')],
          ['two'],
          ['two-arm64', size, await sha256('two')],
        ])
      }
    }
  })

  /** Runs the bake with a cache of its own and interrupts it at a moment. */
  async function cutOff(output: readonly string[], moment: Moment, number: number): Promise<SlipwayResult> {
    const { kind, count, delayMs, signal = 'SIGINT' } = moment
    let seen = 0
    const onEvent = (event: SlipwayEvent) => {
      if (count === undefined || (kind !== undefined && event.kind !== kind)) return
      if (++seen === count) stop()
    }
    const run = startSlipway(['bake', '--root', '.', '--progress=json', ...output], {
      home: folder.join(`home-${number}`),
      cwd: folder.join('project'),
      onEvent,
    })
    const stop = () => {
      if (delayMs === 0) run.interrupt(signal)
      else setTimeout(() => run.interrupt(signal), delayMs)
    }
    if (count === undefined) stop()
    return run.ended
  }
})

/** Whether the run was complete; fails unless it ended as an interrupted or a complete run does. */
function checkEnd(result: SlipwayResult, moment: Moment): boolean {
  const { status, signal, stderr } = result
  const about = describe(moment, result)
  if (eventsOf(result, 'publishing').length > 0) {
    // Names move all or not at all: from here on Ctrl-C comes too late. A run that is over ends as the system does it.
    assert.ok(status === 0 || signal === 'SIGINT', about)
    assert.equal(eventsOf(result, 'published').length, 1, about)
    return true
  }
  // Before the first line of the program ran, there was nobody to say anything.
  if (signal === 'SIGINT' && stderr === '') return false
  assert.equal(status, 130, about)
  assert.match(stderr, /^interrupted: nothing was published$/m, about)
  return false
}

function describe(moment: Moment, { status, signal, stderr }: SlipwayResult): string {
  return `interrupted at ${JSON.stringify(moment)}: ended with ${status ?? signal}\n${stderr.slice(-2000)}`
}
