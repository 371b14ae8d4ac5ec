/**
 * A remembered digest is never that of other bytes: not for any way to write a file, not within a tick of the clock,
 * not for a clock that is set back, not with any damage to what is remembered.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, suite, test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newTally } from '../../src/base/index.ts'
import { newLayerBuilder, type LayerBuilder } from '../../src/build/index.ts'
import {
  createHashPool,
  fingerprintOf,
  hashRecipe,
  makeRecipe,
  type HashPool,
} from '../../src/layer/index.ts'
import { openLayerLog } from '../../src/store/index.ts'
import { hasProgram } from '../support/program.ts'
import { seededBytes, seededRandom } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { settle } from '../support/settle.ts'
import { slipway, slipwayOk, startSlipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const withoutPython = requirePart('python3', hasProgram('python3'))

suite('a stale answer', { timeout: 400_000 }, () => {
  let folder: TemporaryFolder
  let pool: HashPool
  before(async () => {
    folder = await temporaryFolder()
    pool = createHashPool({ threads: 0 })
  })
  after(async () => {
    await pool.close()
    await folder.remove()
  })

  const entry = { path: 'f', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const
  /** What a new process would do with the log: nothing is remembered but what is on the disk. */
  const builder = (log: string): LayerBuilder =>
    newLayerBuilder({ log: openLayerLog(log), pool, tally: newTally() })
  const digestNow = async (file: string, log: string) => {
    const fingerprint = fingerprintOf(lstatSync(file, { bigint: true }))
    const size = Number(fingerprint.size)
    const recipe = makeRecipe([{ ...entry, size, source: { kind: 'file', path: file, fingerprint } }])
    return builder(log).build(recipe)
  }
  /** The same tar, made of bytes that no cache has a say in. */
  const truth = (bytes: Uint8Array) =>
    hashRecipe(makeRecipe([{ ...entry, size: bytes.length, source: { kind: 'bytes', bytes } }]))

  const text = (round: number) => String(round).padStart(64, '.')
  const writers: Record<string, (file: string, content: string) => void> = {
    'written in place': (file, content) => writeFileSync(file, content),
    'put in its place by a rename': (file, content) => {
      writeFileSync(`${file}.new`, content)
      renameSync(`${file}.new`, file)
    },
    'written and given its old times (touch -r)': (file, content) => {
      const { atime, mtime } = statSync(file)
      writeFileSync(file, content)
      utimesSync(file, atime, mtime)
    },
    'replaced by a copy with its times (cp -p, mv)': (file, content) => {
      const { atime, mtime } = statSync(file)
      writeFileSync(`${file}.source`, content)
      copyFileSync(`${file}.source`, `${file}.new`)
      utimesSync(`${file}.new`, atime, mtime)
      renameSync(`${file}.new`, file)
    },
    'written through another name of it': (file, content) => {
      const twin = `${file}.twin`
      rmSync(twin, { force: true })
      linkSync(file, twin)
      writeFileSync(twin, content)
    },
    'removed and made again': (file, content) => {
      rmSync(file)
      writeFileSync(file, content)
    },
  }
  for (const [how, write] of Object.entries(writers)) {
    test(`is not given for a file that was ${how}, at once, hundreds of times`, async () => {
      const file = folder.join(`file ${how.length}-${how.slice(0, 5)}`)
      const log = `${file}.log`
      writeFileSync(file, text(-1))
      const pauses = seededRandom(how.length)
      let known = 0
      for (let round = 0; round < 300; round++) {
        write(file, text(round))
        // Mostly at once, sometimes around the tick of the clock, so that some answers are remembered.
        const pause = pauses()
        if (pause > 0.9) await sleep(Math.floor((pause - 0.9) * 600))
        const { diffId, state } = await digestNow(file, log)
        if (state === 'known') known++
        assert.equal(diffId, await truth(Buffer.from(text(round))), `round ${round}, ${state}`)
        const again = await digestNow(file, log)
        if (again.state === 'known') known++
        assert.equal(again.diffId, diffId)
      }
      assert.ok(known > 0, 'nothing was ever remembered, so nothing was tried')
    })
  }

  test('is not given for a file written through a mapping', { skip: withoutPython }, async () => {
    const file = folder.join('mapped')
    writeFileSync(file, text(-1))
    const program = `import mmap, os, sys
f = open(sys.argv[1], 'r+b')
for line in sys.stdin:
    m = mmap.mmap(f.fileno(), 0)
    m[0:64] = line.rstrip('\\n').encode()
    m.flush()
    m.close()
    print('done', flush=True)
`
    const python = spawn('python3', ['-c', program, file], { stdio: ['pipe', 'pipe', 'inherit'] })
    const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]()
    try {
      for (let round = 0; round < 200; round++) {
        python.stdin.write(`${text(round)}\n`)
        await answers.next()
        if (round % 20 === 0) await sleep(30)
        const { diffId, state } = await digestNow(file, `${file}.log`)
        assert.equal(diffId, await truth(Buffer.from(text(round))), `round ${round}, ${state}`)
      }
    } finally {
      python.stdin.end()
    }
  })

  test('is not given after the clock was set back, nor while files are from the future', async (context: TestContext) => {
    const file = folder.join('clock')
    const log = `${file}.log`
    writeFileSync(file, text(0))
    await settle(file)
    const real = Date.now()
    for (const hours of [-1, -1000, 1, 0]) {
      context.mock.timers.enable({ apis: ['Date'], now: real + hours * 3_600_000 })
      for (let round = 0; round < 20; round++) {
        writeFileSync(file, text(round))
        const { diffId, state } = await digestNow(file, log)
        // Looked at by a clock that is behind, the file is from the future, and nothing of it is kept.
        if (hours < 0) assert.equal(state, 'hashed')
        assert.equal(diffId, await truth(Buffer.from(text(round))), `${hours} h, round ${round}, ${state}`)
        // The file system goes on by the true clock: past its tick, the next content must be seen.
        if (hours > 0) await sleep(25)
      }
      context.mock.timers.reset()
    }
  })

  test('is not given for a file replaced while it is hashed: an error is', async () => {
    const file = folder.join('large')
    const contents = [seededBytes(1, 48 << 20), seededBytes(2, 48 << 20)] as const
    for (const how of ['in place', 'by rename'] as const) {
      writeFileSync(file, contents[0])
      await settle(file)
      const log = folder.join(`large ${how}.log`)
      const hashing = digestNow(file, log)
      await sleep(5)
      if (how === 'in place') writeFileSync(file, contents[1])
      else {
        writeFileSync(`${file}.new`, contents[1])
        renameSync(`${file}.new`, file)
      }
      const outcome = await hashing.catch((error: unknown) => error)
      // A rename leaves the open file as it was; a write into it is an error, and nothing is remembered of it.
      if (outcome instanceof Error) assert.match(outcome.message, /changed after it was looked at/)
      else assert.equal((outcome as { diffId: string }).diffId, await truth(contents[0]))
      assert.equal((await digestNow(file, log)).diffId, await truth(contents[1]))
    }
  })

  /** A project with its cache, and what a build of it gives. */
  const project = async (name: string) => {
    const root = folder.join(name)
    mkdirSync(root)
    writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\nCOPY a /a\nCOPY b /b\nADD c.tar /c\n')
    writeFileSync(join(root, 'a'), text(0))
    writeFileSync(join(root, 'b'), seededBytes(3, 100_000))
    writeFileSync(join(root, 'c.tar'), tarOf(text(7)))
    await settle(root)
    const home = `${root}-home`
    const args = (out: string) => [
      'build',
      '--compression',
      'gzip',
      '--save',
      `${root}-${out}`,
      '-t',
      'x.test/x:1',
      '.',
    ]
    const digest = async (...flags: string[]) => {
      const { stdout } = await slipwayOk([...args('out'), ...flags], { home, cwd: root })
      return stdout.trim().split('\n').at(-1)
    }
    return { root, home, args, digest, cache: join(home, 'cache') }
  }
  const tarOf = (content: string) => {
    const header = Buffer.alloc(512)
    header.write('f', 0)
    header.write('0000644\0', 100)
    header.write('0000000\0', 108)
    header.write('0000000\0', 116)
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.write('        0', 148)
    header.write('ustar\x0000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return Buffer.concat([header, Buffer.from(content.padEnd(512, '\0')), Buffer.alloc(1024)])
  }
  const filesOf = (cache: string) =>
    readdirSync(cache, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(cache, name)).isFile())
      .map((name) => ({ name, bytes: readFileSync(join(cache, name)) }))
  const restore = (
    cache: string,
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  ) => {
    for (const { name, bytes } of files) {
      mkdirSync(dirname(join(cache, name)), { recursive: true })
      writeFileSync(join(cache, name), bytes)
    }
  }

  test('is not given by two builds on one cache at once', async () => {
    const { root, home, args } = await project('two')
    for (let round = 0; round < 3; round++) {
      writeFileSync(join(root, 'a'), text(round))
      const both = await Promise.all(['l', 'r'].map((out) => slipwayOk(args(out), { home, cwd: root })))
      const [left, right] = both.map(({ stdout }) => stdout.trim().split('\n').at(-1))
      assert.equal(left, right)
      const { stdout } = await slipwayOk([...args('t'), '--no-cache'], { home, cwd: root })
      assert.equal(stdout.trim().split('\n').at(-1), left)
    }
  })

  test('is not given by what a build that was killed left', async () => {
    const { root, home, args, digest, cache } = await project('killed')
    const expected = await digest()
    for (let delay = 150; delay < 900; delay += 90) {
      rmSync(cache, { recursive: true, force: true })
      const running = startSlipway(args('dead'), { home, cwd: root })
      await sleep(delay)
      running.child.kill('SIGKILL')
      await running.ended
      rmSync(`${root}-out`, { recursive: true, force: true })
      assert.equal(await digest(), expected, `killed after ${delay} ms`)
    }
  })

  test('is not given by any file of the cache cut at any length, filled with rubbish, or swapped', async () => {
    const { root, digest, cache, home } = await project('damaged')
    const expected = await digest()
    const whole = filesOf(cache)
    assert.ok(whole.length >= 8, `only ${whole.length} files`)
    const random = seededRandom(11)
    const damages: ((bytes: Buffer) => Buffer)[] = [
      () => Buffer.alloc(0),
      (bytes) => bytes.subarray(0, 1),
      (bytes) => bytes.subarray(0, Math.floor(random() * bytes.length)),
      (bytes) => bytes.subarray(0, bytes.length - 1),
      (bytes) => seededBytes(5, bytes.length),
      (bytes) => Buffer.concat([bytes, seededBytes(6, 100)]),
      (bytes) => {
        const flipped = Buffer.from(bytes)
        for (let count = 0; count < 3; count++) flipped[Math.floor(random() * bytes.length)]! ^= 1 << 3
        return flipped
      },
    ]
    for (const [number, damage] of damages.entries()) {
      restore(
        cache,
        whole.map(({ name, bytes }) => ({ name, bytes: damage(bytes) })),
      )
      rmSync(`${root}-out`, { recursive: true, force: true })
      assert.equal(await digest(), expected, `damage ${number}`)
      for (const command of [
        ['cache', 'info'],
        ['cache', 'verify'],
        ['cache', 'prune', '--all'],
      ])
        assert.ok(
          [0, 1].includes((await slipway(command, { home, cwd: root })).status ?? -1),
          command.join(' '),
        )
    }
  })

  test('is not given by any single file of the cache that holds other bytes', async () => {
    const { root, digest, cache } = await project('single')
    const expected = await digest()
    const whole = filesOf(cache)
    for (const { name, bytes } of whole) {
      for (const other of [seededBytes(9, bytes.length), bytes.subarray(0, bytes.length >> 1)]) {
        rmSync(cache, { recursive: true })
        // Everything is made anew, so that only the one file is not as it was written.
        await digest()
        if (!filesOf(cache).some((file) => file.name === name)) continue
        writeFileSync(join(cache, name), other)
        rmSync(join(cache, 'builds'), { recursive: true, force: true })
        rmSync(join(cache, 'layers-2.log'), { force: true })
        rmSync(`${root}-out`, { recursive: true, force: true })
        assert.equal(await digest(), expected, `${name}, ${other.length} of ${bytes.length} bytes`)
      }
    }
  })

  test('is not given by a log cut at every length', async () => {
    const log = folder.join('every length.log')
    const files = ['x', 'y'].map((name) => folder.join(`every ${name}`))
    for (const file of files) writeFileSync(file, text(file.length))
    await settle(folder.path)
    for (const file of files) await digestNow(file, log)
    const whole = readFileSync(log)
    const expected = await truth(Buffer.from(text(files[0]!.length)))
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(log, whole.subarray(0, length))
      assert.equal((await digestNow(files[0]!, log)).diffId, expected, `cut at ${length}`)
    }
  })
})
