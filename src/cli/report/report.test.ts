import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, test } from 'node:test'
import { Failure } from '../../base/index.ts'
import { formatError, printable } from './failure.ts'
import { describeEvent } from './plain.ts'
import { formatTable } from './table.ts'
import { ttyReporter } from './tty.ts'
import { formatBytes, formatSeconds } from './units.ts'

const stream = Object.assign(new PassThrough(), {
  columns: 60,
  isTTY: false,
}) as unknown as NodeJS.WriteStream

describe('units', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [99_950, '100 kB'],
    [999_600, '1.0 MB'],
    [1_374_000_000, '1.4 GB'],
  ] as const) {
    test(`${bytes} bytes are ${text}`, () => assert.equal(formatBytes(bytes), text))
  }
  for (const [seconds, text] of [
    [0.004, '0.00 s'],
    [0.996, '1.0 s'],
    [12.3, '12 s'],
    [125, '2m 05s'],
  ] as const) {
    test(`${seconds} s is ${text}`, () => assert.equal(formatSeconds(seconds), text))
  }
})

test('tables line up', () =>
  assert.deepEqual(
    formatTable(
      [{ title: 'IMAGE' }, { title: 'NEW', align: 'right' }],
      [
        ['web', '12'],
        ['a-long-name', '3'],
      ],
      stream,
    ),
    ['IMAGE        NEW', 'web           12', 'a-long-name    3'],
  ))

describe('waits for a registry', () => {
  const retry = { kind: 'registry-retry', registry: 'r.example', what: 'push layer', reason: '503' } as const
  for (const [event, line] of [
    [{ ...retry, attempt: 1, delayMs: 0, waitedMs: 0 }, 'push layer: 503, trying again at once'],
    [{ ...retry, attempt: 1, delayMs: 250, waitedMs: 250 }, 'push layer: 503, trying again in 0.25 s'],
    [
      { ...retry, attempt: 3, delayMs: 90_000, waitedMs: 180_000 },
      'push layer: 503, trying again in 90 s (attempt 4, 3m 00s in all)',
    ],
    [
      { kind: 'registry-slowed', registry: 'r.example', delayMs: 7000, uploads: 4, requests: 8 },
      'r.example asks us to slow down: waiting 7.0 s, then 4 uploads at a time',
    ],
  ] as const) {
    test(line, () => {
      assert.deepEqual(describeEvent(event, stream), [line])
      const shown = new PassThrough()
      const terminal = Object.assign(shown, { columns: 200, isTTY: true }) as unknown as NodeJS.WriteStream
      const reporter = ttyReporter(terminal)
      reporter.emit(event)
      reporter.close()
      assert.match(String(shown.read()), new RegExp(`^${RegExp.escape(line)}\n`))
    })
  }
})

describe('errors', () => {
  test('show message, place, code frame and hint', () => {
    const at = { file: 'slipway.yaml', line: 12, column: 5, endColumn: 10, lineText: '    basee: debian' }
    assert.deepEqual(
      formatError(
        new Failure('PLAN_INVALID', 'unknown key "basee"', { at, hint: 'did you mean "base"?' }),
        stream,
      ),
      [
        'error: unknown key "basee"',
        '  slipway.yaml:12:5',
        '   12 |     basee: debian',
        '      |     ^^^^^',
        '  hint: did you mean "base"?',
      ],
    )
  })
  test('show what a command printed, and every further failure', () => {
    const other = new Failure('USAGE', 'second')
    const lines = formatError(
      new Failure('ARTIFACT_COMMAND', 'first', { output: 'a\nb\n', others: [other] }),
      stream,
    )
    assert.deepEqual(lines, ['error: first', '  | a', '  | b', 'error: second'])
  })
  test('a bug says that it is one', () =>
    assert.match(
      formatError(new TypeError('x'), stream).join('\n'),
      /^bug: TypeError: x[^]*defect of slipway/,
    ))
  test('control characters do not reach the terminal', () =>
    assert.equal(printable('a\u001b[31mb\u0007'), 'a\\x1b[31mb\\x07'))
})

test('live lines are cut to the width, erased at the end, and count shared layers once', async () => {
  const written: string[] = []
  const terminal = Object.assign(new PassThrough(), { columns: 60, isTTY: true })
  terminal.on('data', (part: Buffer) => written.push(part.toString()))
  const reporter = ttyReporter(terminal as unknown as NodeJS.WriteStream)
  const build = {
    image: 'an-image-with-a-name-that-is-longer-than-the-terminal-is-wide',
    platform: 'linux/amd64',
  }
  const digest = `sha256:${'0'.repeat(64)}` as const
  reporter.emit({ kind: 'plan', images: 1, builds: 2, commands: 0 })
  reporter.emit({ kind: 'build-started', build })
  for (let n = 0; n < 2; n++)
    reporter.emit({ kind: 'layer', build, state: 'hashed', digest, bytes: 5_000_000 })
  await new Promise((resolve) => setTimeout(resolve, 150))
  reporter.close()
  const text = written.join('')
  assert.match(text, /0\/2 builds {2}hashed 5\.0 MB {2}moved 0 B/)
  assert.ok(text.split('\n').every((line) => line.replaceAll(/\u001b\[\d*[A-Za-z]/g, '').length <= 60))
  assert.ok(text.endsWith('\u001b[2A\u001b[0J'))
})
