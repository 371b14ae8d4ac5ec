/** Builds of earlier runs: taken when nothing changed, never when anything did. */
import assert from 'node:assert/strict'
import {
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { runProgram } from '../support/program.ts'
import { settle } from '../support/settle.ts'
import { eventsOf, slipwayOk, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const dockerfile = `FROM scratch
ARG GREETING=hello
COPY app /usr/bin/app
COPY static /srv
COPY lib*.so /lib/
LABEL greeting=$GREETING
`

suite('a build that was done before', { timeout: 400_000 }, () => {
  let folder: TemporaryFolder
  let count = 0
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder?.remove())

  /** A project whose files are old enough to be trusted. */
  const project = async (files: Record<string, string> = {}) => {
    const root = folder.join(`p${count++}`)
    const all = {
      Dockerfile: dockerfile,
      app: 'program 1',
      'static/index.html': 'page',
      'static/img/a.svg': 'drawing',
      'libone.so': 'one',
      ...files,
    }
    for (const [name, text] of Object.entries(all)) {
      await mkdir(dirname(join(root, name)), { recursive: true })
      await writeFile(join(root, name), text)
    }
    await settle(root)
    const home = `${root}-home`
    const build = (...args: string[]): Promise<SlipwayResult> =>
      slipwayOk(['build', ...args, '--save', `${root}-out`, '-t', 'x.test/x:1', '.'], { home, cwd: root })
    return { root, home, build }
  }
  const digestOf = (result: SlipwayResult): string => result.stdout.trim().split('\n').at(-1)!
  const wasEvaluated = async (home: string, work: () => Promise<SlipwayResult>) => {
    const folderOf = join(home, 'cache/builds/source')
    const names = await readdir(folderOf).catch(() => [])
    const times = await Promise.all(names.map(async (name) => (await stat(join(folderOf, name))).mtimeMs))
    const result = await work()
    const after = await readdir(folderOf).catch(() => [])
    const later = await Promise.all(after.map(async (name) => (await stat(join(folderOf, name))).mtimeMs))
    return { result, evaluated: Math.max(0, ...times) !== Math.max(0, ...later) }
  }

  test('is not evaluated again, and is the same', async () => {
    const { home, build } = await project()
    const first = await build()
    const { result, evaluated } = await wasEvaluated(home, () => build())
    assert.equal(digestOf(result), digestOf(first))
    assert.equal(evaluated, false)
    assert.deepEqual(
      eventsOf(result, 'layer').map(({ state }) => state),
      ['known', 'known', 'known'],
    )
  })

  test('gives a new destination its bytes', async () => {
    const { root, build } = await project()
    const first = await build()
    await rm(`${root}-out`, { recursive: true })
    assert.equal(digestOf(await build()), digestOf(first))
    const index = JSON.parse(await readFile(`${root}-out/index.json`, 'utf8')) as {
      manifests: { digest: string }[]
    }
    assert.equal(index.manifests[0]!.digest, digestOf(first))
    const manifest = JSON.parse(
      await readFile(`${root}-out/blobs/sha256/${digestOf(first).slice(7)}`, 'utf8'),
    ) as { layers: { digest: string; size: number }[] }
    for (const { digest, size } of manifest.layers)
      assert.equal((await stat(`${root}-out/blobs/sha256/${digest.slice(7)}`)).size, size)
  })

  test('warns again', async () => {
    const { build } = await project({ Dockerfile: `${dockerfile}COPY none*.txt /\n` })
    const warnings = async () => eventsOf(await build(), 'warning').map(({ message }) => message)
    const first = await warnings()
    assert.equal(first.length, 1)
    assert.deepEqual(await warnings(), first)
  })

  test('is tried again after an error', async () => {
    const { root, build } = await project()
    await build()
    await rename(join(root, 'app'), join(root, 'gone'))
    await assert.rejects(build(), /"app" is not in/)
    await rename(join(root, 'gone'), join(root, 'app'))
    await build()
  })

  const changes: Record<string, (root: string) => Promise<unknown>> = {
    'another content': (root) => writeFile(join(root, 'app'), 'program 22'),
    'another content of the same size': (root) => writeFile(join(root, 'app'), 'program 2'),
    'the same size and the old mtime (touch -r)': async (root) => {
      const { atime, mtime } = await stat(join(root, 'app'))
      await writeFile(join(root, 'app'), 'program 2')
      await utimes(join(root, 'app'), atime, mtime)
    },
    'another file put in its place with all its times (cp -p, mv)': async (root) => {
      const { atime, mtime } = await stat(join(root, 'app'))
      await writeFile(join(root, 'new'), 'program 2')
      await utimes(join(root, 'new'), atime, mtime)
      await rename(join(root, 'new'), join(root, 'app'))
    },
    'a file more in a folder': (root) => writeFile(join(root, 'static/img/b.svg'), 'more'),
    'a file less in a folder': (root) => rm(join(root, 'static/img/a.svg')),
    'a folder more': (root) => mkdir(join(root, 'static/empty')),
    'another mode': (root) => runProgram('chmod', ['755', join(root, 'app')]),
    'another mode of a folder': (root) => runProgram('chmod', ['700', join(root, 'static/img')]),
    'a file more that a pattern matches': (root) => writeFile(join(root, 'libtwo.so'), 'two'),
    'another Dockerfile of the same size': (root) =>
      writeFile(join(root, 'Dockerfile'), dockerfile.replace('hello', 'world')),
    'a .dockerignore': (root) => writeFile(join(root, '.dockerignore'), 'static/img\n'),
    'a .dockerignore of the Dockerfile': (root) =>
      writeFile(join(root, 'Dockerfile.dockerignore'), 'libone.so\n'),
    'a link instead of a file': async (root) => {
      await rename(join(root, 'static/index.html'), join(root, 'page'))
      await symlink('img/a.svg', join(root, 'static/index.html'))
    },
  }
  for (const [name, change] of Object.entries(changes)) {
    test(`is another after ${name}`, async () => {
      const { root, build } = await project()
      const first = digestOf(await build())
      await change(root)
      const changed = digestOf(await build())
      assert.notEqual(changed, first)
      assert.equal(digestOf(await build('--no-cache')), changed)
    })
  }

  test('is another after a link leads elsewhere, and for other arguments, labels and platforms', async () => {
    const { root, build } = await project()
    await symlink('index.html', join(root, 'static/start'))
    const digests = [digestOf(await build())]
    await rm(join(root, 'static/start'))
    await symlink('img', join(root, 'static/start'))
    digests.push(digestOf(await build()))
    digests.push(digestOf(await build('--build-arg', 'GREETING=hi')))
    digests.push(digestOf(await build('--label', 'a=b')))
    digests.push(digestOf(await build('--annotation', 'a=b')))
    digests.push(digestOf(await build('--platform', 'linux/arm64')))
    assert.equal(new Set(digests).size, digests.length)
  })

  test('is not trusted when a file was written in the moment of the run', async () => {
    const { root, home, build } = await project()
    await writeFile(join(root, 'app'), 'program 2')
    const first = await wasEvaluated(home, () => build())
    const text = await readFile(join(root, 'app'), 'utf8')
    assert.equal(text, 'program 2')
    // Either the run started late enough to be sure of the file, or nothing was remembered; both are right.
    await writeFile(join(root, 'app'), 'program 3')
    assert.notEqual(digestOf(await build()), digestOf(first.result))
  })

  test('cut or changed memory is as good as none', async () => {
    const { home, build } = await project()
    const first = digestOf(await build())
    const memory = join(home, 'cache/builds/source')
    const [name] = await readdir(memory)
    const path = join(memory, name!)
    const whole = await readFile(path, 'utf8')
    for (const length of [0, 1, 5, 20, Math.floor(whole.length / 2), whole.length - 1]) {
      await writeFile(path, whole)
      await truncate(path, length)
      assert.equal(digestOf(await build()), first, `cut at ${length}`)
    }
    await writeFile(path, whole.replace('"GREETING', '"GREETINF').replace(/greeting/g, 'greetinh'))
    assert.equal(digestOf(await build()), first)
    await rm(memory, { recursive: true })
    await writeFile(memory, 'a file where a folder should be')
    assert.equal(digestOf(await build()), first)
  })
})
