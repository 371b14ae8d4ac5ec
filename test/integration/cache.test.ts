/** `slipway cache`: sees all that runs keep, removes what it is told to and breaks no build, finds what is wrong. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { startRegistryServer } from '../../src/registry/index.ts'
import { cachePlaces, openRegistryFolder } from '../../src/store/index.ts'
import { runProgram } from '../support/program.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { settle } from '../support/settle.ts'
import { eventsOf, slipway, slipwayOk, startSlipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

interface Info {
  readonly parts: { name: string; entries: number; bytes: number; outdated: { entries: number } }[]
  readonly unknown: string[]
  readonly bytes: number
}

suite('the cache', { timeout: 300_000 }, () => {
  let folder: TemporaryFolder
  let count = 0
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder?.remove())

  const project = async (files: Parameters<typeof writeProject>[1]) => {
    const root = folder.join(`p${count++}`)
    const home = `${root}-home`
    await writeProject(root, files)
    await settle(root)
    const build = (...args: string[]) =>
      slipwayOk(['build', '--save', `${root}-out`, '-t', 'x.test/x:1', ...args, '.'], { home, cwd: root })
    const cache = (...args: string[]) => slipway(['cache', ...args], { home, cwd: root })
    const info = async () => JSON.parse((await cache('info', '--json')).stdout) as Info
    const entries = async (name: string) => (await info()).parts.find((part) => part.name === name)?.entries
    return { root, home, build, cache, info, entries, kept: join(home, 'cache') }
  }
  const digestOf = (result: { stdout: string }) => result.stdout.trim().split('\n').at(-1)!

  test('info knows every name that runs of all kinds leave', async () => {
    const store = await openRegistryFolder(folder.join('registry'))
    const registry = await startRegistryServer({ address: { host: '127.0.0.1', port: 0 }, store, emit() {} })
    const web = createServer((_request, response) => response.setHeader('etag', '"1"').end('downloaded'))
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}/file`
    try {
      const { root, home, build, cache, info } = await project({
        Dockerfile: `FROM ${registry.host}/base:1\nCOPY --from=${registry.host}/base:1 /data /copy\nADD a.tar /a/\nADD ${address} /d\n`,
        'base/Dockerfile': 'FROM scratch\nCOPY data /data\nCOPY large /large\n',
        'base/data': 'of the base',
        'base/large': Buffer.alloc(9 * 2 ** 20),
      })
      await runProgram('tar', ['-cf', 'a.tar', 'base/data'], { cwd: root })
      await settle(root)
      await slipwayOk(['build', '--push', '-t', `${registry.host}/base:1`, 'base'], { home, cwd: root })
      await build('--compression', 'gzip', '--sbom', '--provenance=max')
      const { parts, unknown } = await info()
      assert.deepEqual(unknown, [])
      const filled = parts.filter(({ entries }) => entries > 0).map(({ name }) => name)
      const expected = Object.keys(cachePlaces).filter(
        (name) => !['delegated', 'git', 'hosts'].includes(name),
      )
      assert.deepEqual(
        filled.filter((name) => name !== 'git' && name !== 'hosts'),
        expected,
      )
      const text = (await cache('info')).stdout
      for (const name of expected) assert.match(text, new RegExp(`^${name} `, 'm'))
      const verified = await cache('verify')
      assert.equal(verified.status, 0, verified.stdout + verified.stderr)
      assert.match(verified.stdout, /all is as it was written/)
    } finally {
      web.close()
      await registry.close()
      await store.close()
    }
  })

  test('prune removes what is asked for, dry-run nothing, and what is not ours stays', async () => {
    const { build, cache, info, kept, entries } = await project({
      Dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\n',
      a: 'one',
      b: 'two',
    })
    const first = digestOf(await build('--compression', 'gzip'))
    await mkdir(join(kept, 'builds/0.0.9'), { recursive: true })
    await writeFile(join(kept, 'builds/0.0.9/k'), 'old')
    await writeFile(join(kept, 'layers-1.log'), 'old')
    await writeFile(join(kept, 'mine.txt'), 'not of slipway')
    assert.deepEqual((await info()).unknown, ['mine.txt'])
    assert.match((await cache('prune', '--dry-run')).stdout, /6 B would be removed/)
    assert.match((await cache('prune')).stdout, /6 B removed/)
    assert.deepEqual(await readdir(join(kept, 'builds')), ['source'])
    assert.equal(await entries('layers'), 2)

    const [blob = ''] = await readdir(join(kept, 'packed-1'))
    const old = new Date(Date.now() - 40 * 86_400_000)
    await utimes(join(kept, 'packed-1', blob), old, old)
    assert.match((await cache('prune', '--older-than', '6w')).stdout, /^0 B removed/)
    assert.match((await cache('prune')).stdout, /packed +compressed layers +1 /)
    assert.equal(await entries('packed'), 1)

    assert.match((await cache('prune', '--keep-storage', '1kB')).stdout, /removed/)
    assert.ok((await info()).bytes <= 1000)
    await cache('prune', '--all')
    assert.equal((await info()).bytes, 0)
    assert.deepEqual((await info()).unknown, ['mine.txt'])
    const again = await build('--compression', 'gzip')
    assert.equal(digestOf(again), first)
    for (const [flags, words] of [
      [['--older-than', 'soon'], /--older-than "soon" cannot be understood/],
      [['--keep-storage', '4 gold'], /--keep-storage "4 gold"/],
      [['--all', '--older-than', '1d'], /cannot be together/],
    ] as const) {
      const refused = await cache('prune', ...flags)
      assert.equal(refused.status, 2)
      assert.match(refused.stderr, words)
    }
  })

  test('prune takes nothing from a build that runs', async () => {
    const asked = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const web = createServer((_request, response) => {
      asked.resolve()
      void goOn.promise.then(() => response.end('slow'))
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const { root, home, build, cache, kept } = await project({ Dockerfile: 'FROM scratch\nADD a.tar /\n' })
    await writeFile(join(root, 'data'), seededBytes(7, 300_000))
    await runProgram('tar', ['-cf', 'a.tar', 'data'], { cwd: root })
    await settle(root)
    await build()
    const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}/file`
    await writeFile(join(root, 'Dockerfile'), `FROM scratch\nADD a.tar /\nADD ${address} /\n`)
    // It has looked at the unpacked archive, and stands in the middle of its work.
    const running = startSlipway(['build', '--save', `${root}-out2`, '-t', 'x.test/x:1', '.'], {
      home,
      cwd: root,
    })
    try {
      await asked.promise
      const during = await cache('prune', '--all')
      assert.match(during.stdout, /kept .* of .*archives, which running builds may use: process \d+/)
    } finally {
      goOn.resolve()
      web.close()
    }
    const { status, stderr } = await running.ended
    assert.equal(status, 0, stderr)
    assert.doesNotMatch((await cache('prune', '--all')).stdout, /kept/)
    assert.deepEqual(await readdir(join(kept, 'in-use')), ['pruned'])
  })

  test('a build that was killed holds nothing', async () => {
    const { cache, kept } = await project({ Dockerfile: 'FROM scratch\n' })
    await mkdir(join(kept, 'in-use'), { recursive: true })
    const child = spawn('true')
    await new Promise((resolve) => child.once('exit', resolve))
    await writeFile(join(kept, 'in-use', `${child.pid}-0-${(await import('node:os')).hostname()}`), '')
    await mkdir(join(kept, 'git-1/x'), { recursive: true })
    await writeFile(join(kept, 'git-1/x/file'), 'text')
    assert.match((await cache('prune', '--all')).stdout, /^git /m)
    assert.deepEqual(await readdir(join(kept, 'in-use')), ['pruned'])
  })

  test('builds and prunes at once do not harm each other', async () => {
    const { root, home, cache } = await project({
      Dockerfile: 'FROM scratch\nADD a.tar /\nCOPY Dockerfile /\n',
    })
    await writeFile(join(root, 'data'), seededBytes(8, 500_000))
    await runProgram('tar', ['-cf', 'a.tar', 'data'], { cwd: root })
    await settle(root)
    const digests = new Set<string>()
    const builds = async (lane: number) => {
      for (let round = 0; round < 2; round++) {
        const args = [
          'build',
          '--compression',
          'gzip',
          '--save',
          `${root}-l${lane}-${round}`,
          '-t',
          'x.test/x:1',
          '.',
        ]
        digests.add(digestOf(await slipwayOk(args, { home, cwd: root })))
      }
    }
    let isDone = false
    const prunes = async () => {
      while (!isDone) assert.equal((await cache('prune', '--all')).status, 0)
    }
    const pruning = prunes()
    await Promise.all([builds(0), builds(1)]).finally(() => (isDone = true))
    await pruning
    assert.equal(digests.size, 1)
  })

  test('verify names and removes a digest that is wrong, and all that repeats it', async () => {
    const { root, build, cache, kept } = await project({
      Dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\n',
      a: 'one',
      b: 'two',
    })
    const first = digestOf(await build('--compression', 'gzip'))
    const log = join(kept, 'layers-2.log')
    const lines = (await readFile(log, 'latin1')).split('\n').filter((line) => line !== '')
    // The digest of one layer under the key of the other, as a bug or a lying clock would leave it.
    const { crc32 } = await import('node:zlib')
    const [key, , size, day] = lines[0]!.split(' ')
    const body = [key, lines[1]!.split(' ')[1], size, day].join(' ')
    await writeFile(log, `\n${body} ${crc32(body).toString(16).padStart(8, '0')}\n`, { flag: 'a' })
    await rm(join(kept, 'builds'), { recursive: true })
    assert.notEqual(digestOf(await build()), first, 'the wrong digest is believed')
    const [blob = ''] = await readdir(join(kept, 'packed-1'))
    await writeFile(join(kept, 'packed-1', blob), 'rubbish')
    const found = await cache('verify')
    assert.equal(found.status, 1, found.stderr)
    assert.match(found.stdout, new RegExp(`wrong: layer of ${root}/[ab]: remembered as`))
    assert.match(
      found.stdout,
      new RegExp(`wrong: ${join(kept, 'packed-1', blob)}: its content has the digest`),
    )
    assert.match(found.stdout, /2 entries removed/)
    assert.equal(digestOf(await build('--compression', 'gzip')), first)
    const json = JSON.parse((await cache('verify', '--json')).stdout) as { faults: unknown[] }
    assert.deepEqual(json.faults, [])
  })

  test('verify leaves layers of files that changed since, and forgets those it knows nothing of', async () => {
    const { root, build, cache, kept } = await project({
      Dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\n',
      a: 'one',
      b: 'two',
    })
    await build()
    await rename(join(root, 'a'), join(root, 'c'))
    assert.match((await cache('verify')).stdout, /1 layers are of files that changed since/)
    await rm(join(kept, 'recipes-1'), { recursive: true })
    const found = await cache('verify')
    assert.equal(found.status, 0)
    assert.match(found.stdout, /2 layers forgotten/)
    await rename(join(root, 'c'), join(root, 'a'))
    assert.equal(
      eventsOf(await build('--label', 'a=b'), 'layer').filter(({ state }) => state === 'hashed').length,
      2,
    )
    assert.ok((await stat(join(kept, 'recipes-1'))).isDirectory())
  })
})
