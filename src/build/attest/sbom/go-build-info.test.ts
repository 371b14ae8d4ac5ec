import assert from 'node:assert/strict'
import { createReadStream, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasProgram, runProgram } from '../../../../test/support/program.ts'
import { memoryFile } from './byte-file.ts'
import { parseModuleInfo, readGoBuildInfo, type GoBuildInfo, type GoModule } from './go-build-info.ts'
import { newGoStream } from './go-stream.ts'

/** Programs of Go that come with packages of npm. */
const tsgolint = programOf(`@oxlint-tsgolint/${process.platform}-${process.arch}`, 'tsgolint')

test('build information of a real program is what go says of it', async (t) => {
  if (!hasProgram('go')) return t.skip('go is not installed')
  const info = readGoBuildInfo(memoryFile(readFileSync(tsgolint)))
  assert.ok(info)
  const { stdout } = await runProgram('go', ['version', '-m', tsgolint])
  const [head, ...lines] = stdout.split('\n')
  assert.equal(`${tsgolint}: ${info.goVersion}`, head)
  assert.deepEqual(
    format(info),
    lines.filter((line) => line.trim() !== ''),
  )
})

test('a program that streams by says the same, whatever the chunks are', async () => {
  const expected = readGoBuildInfo(memoryFile(readFileSync(tsgolint)))
  assert.ok(expected && expected.deps.length > 0)
  for (const highWaterMark of [9_973, 65_536, 1 << 20]) {
    const stream = newGoStream()
    for await (const chunk of createReadStream(tsgolint, { highWaterMark }))
      if (stream.take(chunk as Buffer) === 'enough') break
    assert.deepEqual(stream.end(), expected)
  }
})

test('a program of another language has none', () => {
  assert.equal(readGoBuildInfo(memoryFile(readFileSync(process.execPath))), undefined)
})

test('texts by pointers, as Go wrote them before 1.18, in both byte orders and word sizes', () => {
  const modules = frame('path\texample.com/old\nmod\texample.com/old\t(devel)\t\n')
  for (const isBigEndian of [false, true]) {
    for (const size of [4, 8] as const) {
      const bytes = oldProgram({ version: 'go1.16.15', modules, isBigEndian, size })
      assert.deepEqual(readGoBuildInfo(memoryFile(bytes)), {
        goVersion: 'go1.16.15',
        path: 'example.com/old',
        main: { path: 'example.com/old', version: '(devel)' },
        deps: [],
        settings: {},
      })
      const stream = newGoStream()
      assert.equal(stream.take(bytes), 'more')
      assert.equal(stream.end(), 'pointers')
    }
  }
})

test('replaced modules, quoted settings and a build without modules', () => {
  const lines = [
    'path\texample.com/app',
    'mod\texample.com/app\tv1.2.0\th1:main=',
    'dep\texample.com/a\tv1.0.0',
    '=>\t../a\t(devel)\t',
    'dep\texample.com/b\tv1.1.0\th1:b=',
    'build\t-tags=x,y',
    'build\t"-ldflags"="-X main.v=\\"1 2\\""',
    'build\tvcs.revision=abc',
    '',
  ]
  assert.deepEqual(parseModuleInfo('go1.24.2', frame(lines.join('\n'))), {
    goVersion: 'go1.24.2',
    path: 'example.com/app',
    main: { path: 'example.com/app', version: 'v1.2.0', sum: 'h1:main=' },
    deps: [
      { path: 'example.com/a', version: 'v1.0.0', replace: { path: '../a', version: '(devel)' } },
      { path: 'example.com/b', version: 'v1.1.0', sum: 'h1:b=' },
    ],
    settings: { '-tags': 'x,y', '-ldflags': '-X main.v="1 2"', 'vcs.revision': 'abc' },
  })
  assert.deepEqual(parseModuleInfo('go1.20', Buffer.alloc(0)), {
    goVersion: 'go1.20',
    deps: [],
    settings: {},
  })
  assert.equal(parseModuleInfo('rust', frame('path\tx\n')), undefined)
})

test('no damage to a program makes reading it fail', () => {
  const whole = oldProgram({ version: 'go1.16', modules: frame('path\tx\n'), isBigEndian: false, size: 8 })
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 })
  fc.assert(
    fc.property(damage, fc.nat(whole.length), (changes, length) => {
      const bytes = Buffer.from(whole.subarray(0, length))
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
      readGoBuildInfo(memoryFile(bytes))
      const stream = newGoStream()
      stream.take(bytes)
      stream.end()
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      (bytes) => void parseModuleInfo('go1', Buffer.from(bytes)),
    ),
  )
})

function programOf(name: string, file: string): string {
  return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file)
}

/** As `go version -m` prints it. */
function format({ path, main, deps, settings }: GoBuildInfo): string[] {
  const moduleLines = (kind: string, { path: name, version, sum = '', replace }: GoModule): string[] => [
    replace ? `\t${kind}\t${name}\t${version}` : `\t${kind}\t${name}\t${version}\t${sum}`,
    ...(replace ? moduleLines('=>', replace) : []),
  ]
  return [
    `\tpath\t${path}`,
    ...(main ? moduleLines('mod', main) : []),
    ...deps.flatMap((dep) => moduleLines('dep', dep)),
    ...Object.entries(settings).map(([key, value]) => `\tbuild\t${key}=${value}`),
  ]
}

/** Module information between its two marks. */
function frame(text: string): Buffer {
  const mark = Buffer.alloc(16, 0x30)
  return Buffer.concat([mark, Buffer.from(text), mark])
}

interface OldProgram {
  readonly version: string
  readonly modules: Buffer
  readonly isBigEndian: boolean
  readonly size: 4 | 8
}

/** An ELF file of one data segment without sections: headers, build information, two string headers, the texts. */
function oldProgram({ version, modules, isBigEndian, size }: OldProgram): Buffer {
  const base = 0x400000
  const [dataAt, stringsAt] = [128, 160]
  const textsAt = stringsAt + 4 * size
  const bytes = Buffer.alloc(textsAt + version.length + modules.length)
  const half = (value: number, at: number) =>
    isBigEndian ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at)
  const int = (value: number, at: number) =>
    isBigEndian ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at)
  const word = (value: number, at: number) => {
    if (size === 4) int(value, at)
    else if (isBigEndian) bytes.writeBigUInt64BE(BigInt(value), at)
    else bytes.writeBigUInt64LE(BigInt(value), at)
  }
  const is64 = size === 8
  bytes.set([0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, isBigEndian ? 2 : 1, 1])
  word(64, is64 ? 32 : 28)
  half(is64 ? 56 : 32, is64 ? 54 : 42)
  half(1, is64 ? 56 : 44)
  int(1, 64)
  int(2, is64 ? 68 : 88)
  word(dataAt, is64 ? 72 : 68)
  word(base, is64 ? 80 : 72)
  word(bytes.length - dataAt, is64 ? 96 : 80)
  bytes.write('\xff Go buildinf:', dataAt, 'latin1')
  bytes.set([size, isBigEndian ? 1 : 0], dataAt + 14)
  const addressOf = (offset: number) => base + offset - dataAt
  word(addressOf(stringsAt), dataAt + 16)
  word(addressOf(stringsAt + 2 * size), dataAt + 16 + size)
  word(addressOf(textsAt), stringsAt)
  word(version.length, stringsAt + size)
  word(addressOf(textsAt + version.length), stringsAt + 2 * size)
  word(modules.length, stringsAt + 3 * size)
  bytes.write(version, textsAt)
  bytes.set(modules, textsAt + version.length)
  return bytes
}
