import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConfigFiles } from '../objects/config-files.ts'
import { readSettledFiles } from './settled-files.ts'

const files = (texts: Record<string, string>): ConfigFiles => ({
  files: Object.entries(texts).map(([path, text]) => ({ path, text })),
  problems: [],
  unread: [],
})

async function looks(before: Record<string, string> | undefined, ...rounds: Record<string, string>[]) {
  let count = 0
  const result = await readSettledFiles({
    read: async () => files(rounds[Math.min(count++, rounds.length - 1)]!),
    before: before && files(before),
    pauseMs: 1,
    capMs: 50,
  })
  return { count, texts: Object.fromEntries(result.files.map(({ path, text }) => [path, text])) }
}

const cases: readonly [
  name: string,
  before: Record<string, string> | undefined,
  rounds: Record<string, string>[],
  count: number,
][] = [
  ['the first look is taken as it is', undefined, [{ a: '' }], 1],
  ['a file that is whole', { a: 'x\n' }, [{ a: 'y\n' }], 1],
  ['a new file', { a: 'x\n' }, [{ a: 'x\n', b: 'z\n' }], 1],
  ['emptied, then written', { a: 'x\n' }, [{ a: '' }, { a: 'y\n' }], 2],
  ['removed, then written', { a: 'x\n' }, [{}, { a: 'y\n' }], 2],
  ['cut in a line, then whole', { a: 'x\n' }, [{ a: 'y: [' }, { a: 'y: []\n' }], 2],
  ['removed for good', { a: 'x\n' }, [{}], 3],
  ['empty for good', { a: 'x\n' }, [{ a: '' }], 3],
  ['written in pieces', { a: 'x\n' }, [{ a: '' }, { a: 'y' }, { a: 'yy' }, { a: 'yyy\n' }], 4],
]
for (const [name, before, rounds, count] of cases) {
  test(`files that are being written: ${name}`, async () => {
    const result = await looks(before, ...rounds)
    assert.deepEqual(result.texts, rounds.at(-1))
    assert.equal(result.count, count)
  })
}

test('a file that is found empty again and again while it is written is not believed to be empty', async () => {
  let count = 0
  const result = await readSettledFiles({
    read: async () => ({
      files: [{ path: 'a', text: count < 6 ? '' : 'whole\n', stamp: String(count++) }],
      problems: [],
      unread: [],
    }),
    before: files({ a: 'x\n' }),
    pauseMs: 1,
  })
  assert.equal(result.files[0]!.text, 'whole\n')
})

test('a file that never comes to rest stays as it was, and others are taken', async () => {
  let count = 0
  const result = await readSettledFiles({
    read: async () => ({
      files: [
        { path: 'a', text: '', stamp: String(count++) },
        { path: 'b', text: 'new\n' },
      ],
      problems: [],
      unread: [],
    }),
    before: files({ a: 'x\n', b: 'old\n' }),
    pauseMs: 1,
    capMs: 10,
  })
  assert.deepEqual(Object.fromEntries(result.files.map(({ path, text }) => [path, text])), {
    a: 'x\n',
    b: 'new\n',
  })
})
