/** `--explain`: for every layer that is new, what made it so. */
import assert from 'node:assert/strict'
import { chmod, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { startRegistryServer } from '../../src/registry/index.ts'
import { openRegistryFolder } from '../../src/store/index.ts'
import { writeProject } from '../support/project.ts'
import { settle } from '../support/settle.ts'
import { eventsOf, slipwayOk, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

suite('--explain', { timeout: 200_000 }, () => {
  let folder: TemporaryFolder
  let count = 0
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder?.remove())

  const dockerfile = 'FROM scratch\nARG V=1\nENV V=$V\nCOPY app /bin/app\nCOPY static /srv\n'
  const project = async (files: Parameters<typeof writeProject>[1] = {}) => {
    const root = folder.join(`p${count++}`)
    await writeProject(root, {
      Dockerfile: dockerfile,
      app: 'program',
      'static/a': 'a',
      'static/b': 'b',
      ...files,
    })
    await settle(root)
    const home = `${root}-home`
    const run = (...args: string[]) =>
      slipwayOk(['build', '--save', `${root}-out`, '-t', 'x.test/x:1', ...args, '.'], { home, cwd: root })
    /** What is told between two runs of which the second comes after a change. */
    const after = async (change: () => Promise<unknown>, ...args: string[]) => {
      await run()
      await change()
      await settle(root)
      return run('--explain', ...args)
    }
    return { root, home, run, after, path: (name: string) => join(root, name) }
  }
  /** The lines below the table of images. */
  const told = ({ stdout }: SlipwayResult) => stdout.split('\n\n').slice(2).join('\n')

  test('says that an image was never built, and then that it is unchanged', async () => {
    const { run } = await project()
    assert.match(
      told(await run('--explain')),
      /never built before with this cache\n {2}:4 COPY app .*: hashed, sent to layout/,
    )
    const second = await run('--explain')
    assert.match(told(second), /^unchanged: p\d+ linux\/\w+$/m)
    assert.deepEqual(
      eventsOf(second, 'explained').map(({ changes, layers }) => [changes, layers]),
      [[[], []]],
    )
  })

  test('compares with the last build, also when the one before it was the same', async () => {
    const { run } = await project()
    await run('--build-arg', 'V=a')
    await run('--build-arg', 'V=b')
    const third = await run('--build-arg', 'V=a', '--explain')
    const text = told(third)
    assert.match(text, /^p\d+ linux\/\w+, against its build of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/m)
    assert.match(text, /build argument V changed\n {2}ENV V: "b" -> "a"/)
    assert.match(told(await run('--build-arg', 'V=a', '--explain')), /^unchanged/m)
  })

  test('is silent without the flag', async () => {
    const { run } = await project()
    const plain = await run()
    assert.deepEqual(eventsOf(plain, 'explained'), [])
    assert.equal(told(plain), '')
  })

  const cases: [string, (path: (name: string) => string) => Promise<unknown>, string[], RegExp][] = [
    [
      'a size',
      (path) => writeFile(path('app'), 'program two'),
      [],
      /app: size 7 -> 11, mtime \S+ -> \S+ \(\/bin\/app\)/,
    ],
    [
      'other bytes of the same size',
      (path) => writeFile(path('app'), 'PROGRAM'),
      [],
      /app: mtime \S+ -> \S+, ctime/,
    ],
    [
      'other bytes with the old times',
      async (path) => {
        const { atime, mtime } = await stat(path('app'))
        await utimes(path('app'), atime, mtime)
        await writeFile(path('app'), 'PROGRAM')
        await utimes(path('app'), atime, mtime)
      },
      [],
      /app: .*ctime \S+ -> \S+/,
    ],
    [
      'a file in its place',
      async (path) => {
        await writeFile(path('new'), 'program')
        await rename(path('new'), path('app'))
      },
      [],
      /app: mtime .*inode \d+ -> \d+/,
    ],
    ['a mode', (path) => chmod(path('app'), 0o755), [], /app: mode 0644 -> 0755/],
    ['a file more', (path) => writeFile(path('static/c'), 'c'), [], /static\/c: added \(\/srv\/c\)/],
    ['a file less', (path) => rm(path('static/b')), [], /static\/b: removed \(\/srv\/b\)/],
    [
      'an argument',
      async () => undefined,
      ['--build-arg', 'V=2'],
      /build argument V added\n {2}ENV V: "1" -> "2"/,
    ],
    ['a label', async () => undefined, ['--label', 'a=b'], /label a: unset -> "b"/],
    [
      'the Dockerfile',
      (path) => writeFile(path('Dockerfile'), dockerfile.replace('/srv', '/www')),
      [],
      /Dockerfile:5 changed: "COPY static \/srv" -> "COPY static \/www"\n.*\n {4}static\/a: added \(\/www\/a\)|Dockerfile:5 changed/,
    ],
    [
      'an instruction more',
      (path) => writeFile(path('Dockerfile'), `${dockerfile}COPY app /again\n`),
      [],
      /:6 COPY app \/again .*\n {4}no layer was made by this instruction before/,
    ],
    ['ignore rules', (path) => writeFile(path('.dockerignore'), 'static/b\n'), [], /\.dockerignore added/],
    ['--no-cache', async () => undefined, ['--no-cache'], /--no-cache asked for it/],
  ]
  for (const [what, change, args, words] of cases) {
    test(`names ${what}`, async () => {
      const { after, path } = await project()
      const result = await after(() => change(path), ...args)
      assert.match(told(result), words)
      assert.equal(eventsOf(result, 'explained').length, 1)
    })
  }

  test('names a base that moved, a cache that lost layers, and files that were written moments before', async () => {
    const store = await openRegistryFolder(folder.join('registry'))
    const registry = await startRegistryServer({ address: { host: '127.0.0.1', port: 0 }, store, emit() {} })
    try {
      const { root, home, run, after, path } = await project({
        Dockerfile: `FROM ${registry.host}/base:1\nCOPY app /bin/app\n`,
        'base/Dockerfile': 'FROM scratch\nCOPY data /data\n',
        'base/data': 'one',
      })
      const push = () =>
        slipwayOk(['build', '--push', '-t', `${registry.host}/base:1`, 'base'], { home, cwd: root })
      await push()
      const moved = await after(async () => {
        await writeFile(path('base/data'), 'two!')
        await push()
      })
      assert.match(
        told(moved),
        new RegExp(`base ${registry.host}/base:1 moved: [0-9a-f]{12} -> [0-9a-f]{12}`),
      )
      await rm(join(home, 'cache/layers-2.log'))
      await rm(join(home, 'cache/builds'), { recursive: true })
      assert.match(told(await run('--explain')), /COPY app .*hashed\n {4}the cache no longer knows it/)
      const racy = await after(async () => {
        const soon = new Date(Date.now() + 3_600_000)
        await utimes(path('app'), soon, soon)
        await run()
      })
      assert.match(told(racy), /written moments before the last run/)
    } finally {
      await registry.close()
      await store.close()
    }
  })
})
