import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { Failure, newTally } from '../base/index.ts'
import { collect, entry, fileEntry, openFilesIn, textEntry } from '../../test/support/layers.ts'
import { hashRecipe } from './hash-recipe.ts'
import { openRecipe } from './open-recipe.ts'
import { makeRecipe, type Recipe } from './recipe.ts'

const megabyte = 1024 * 1024

test('a range is the slice of the whole and reads only its own files', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(folder.join('big'), randomBytes(3 * megabyte + 77))
  writeFileSync(folder.join('small'), 'small')
  const recipe = makeRecipe([
    entry({ path: 'a', type: 'directory' }),
    fileEntry('a/big', folder.join('big')),
    textEntry('a/inline', 'x'.repeat(700)),
    fileEntry('b', folder.join('small')),
    textEntry(`${'long/'.repeat(60)}z`, 'end'),
  ])
  const whole = await collect(openRecipe(recipe))
  assert.equal(whole.length, recipe.size)
  const position = fc.oneof(
    fc.nat(recipe.size),
    fc.nat(2000),
    fc.nat(4000).map((back) => recipe.size - back),
  )
  await fc.assert(
    fc.asyncProperty(position, position, async (one, other) => {
      const [start, end] = [Math.min(one, other), Math.max(one, other)]
      assert.ok(whole.subarray(start, end).equals(await collect(openRecipe(recipe, { start, end }))))
    }),
    { numRuns: 60 },
  )
  const tally = newTally()
  await collect(openRecipe(recipe, { start: whole.indexOf('small'), tally }))
  assert.equal(tally.bytesRead, 5)
})

test('a range that is none is a bug', async () => {
  const recipe = makeRecipe([])
  for (const [start, end] of [
    [-1, 5],
    [5, 4],
    [0, recipe.size + 1],
  ] as const)
    await assert.rejects(collect(openRecipe(recipe, { start, end })), RangeError)
  assert.equal((await collect(openRecipe(recipe, { start: 1024 }))).length, 0)
})

test('an empty recipe is two zero blocks', async () => {
  assert.ok((await collect(openRecipe(makeRecipe([])))).equals(Buffer.alloc(1024)))
})

test('chunks are full, and stay as they are while the next one is made', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(folder.join('big'), randomBytes(5 * megabyte))
  const recipe = makeRecipe([fileEntry('big', folder.join('big')), textEntry('a', 'a'), textEntry('z', 'z')])
  const digestOf = (chunk: Uint8Array) => createHash('sha256').update(chunk).digest('hex')
  const lengths: number[] = []
  let before: { chunk: Uint8Array; digest: string } | undefined
  for await (const chunk of openRecipe(recipe)) {
    if (before) assert.equal(digestOf(before.chunk), before.digest)
    before = { chunk, digest: digestOf(chunk) }
    lengths.push(chunk.length)
  }
  assert.deepEqual(
    lengths.slice(0, -1),
    Array.from({ length: 5 }, () => megabyte),
  )
})

test('bytes read and hashed are counted', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(folder.join('f'), Buffer.alloc(2 * megabyte))
  const recipe = makeRecipe([fileEntry('f', folder.join('f')), textEntry('g', 'inline')])
  const tally = newTally()
  await collect(openRecipe(recipe, { tally }))
  assert.deepEqual([tally.bytesRead, tally.bytesHashed], [2 * megabyte, 0])
  await hashRecipe(recipe, { tally })
  assert.deepEqual([tally.bytesRead, tally.bytesHashed], [4 * megabyte, recipe.size])
})

const size = 3 * megabyte
const changes: Record<string, { how: RegExp; change: (file: string, other: string) => void }> = {
  truncated: { how: /had 3145728 bytes and now has 1000/, change: (file) => truncateSync(file, 1000) },
  grown: { how: /now has 3145729/, change: (file) => writeFileSync(file, 'x', { flag: 'a' }) },
  'rewritten with the same size': {
    how: /written to/,
    change: (file) => writeFileSync(file, Buffer.alloc(size, 'y'), { flag: 'r+' }),
  },
  'rewritten with its old time': {
    how: /attributes changed/,
    change: (file) => {
      const { atime, mtime } = statSync(file)
      writeFileSync(file, Buffer.alloc(size, 'y'), { flag: 'r+' })
      utimesSync(file, atime, mtime)
    },
  },
  replaced: {
    how: /another file took its place/,
    change: (file, other) => {
      writeFileSync(other, Buffer.alloc(size, 'x'))
      renameSync(other, file)
    },
  },
  'made executable': { how: /attributes changed/, change: (file) => chmodSync(file, 0o755) },
  removed: { how: /it is gone/, change: (file) => rmSync(file) },
}
const readers: Record<string, (recipe: Recipe) => Promise<unknown>> = {
  opened: (recipe) => collect(openRecipe(recipe)),
  hashed: (recipe) => hashRecipe(recipe),
}
for (const [name, { how, change }] of Object.entries(changes)) {
  for (const [verb, readAll] of Object.entries(readers)) {
    test(`a file that was ${name} before it is ${verb} is a failure that names it`, async () => {
      await using folder = await temporaryFolder()
      const file = folder.join('source')
      writeFileSync(file, Buffer.alloc(size, 'x'))
      // Whole seconds come back exactly through utimes.
      utimesSync(file, 1000, 1000)
      const recipe = makeRecipe([fileEntry('f', file)])
      change(file, folder.join('other'))
      await assert.rejects(readAll(recipe), (error) => {
        assert.ok(error instanceof Failure)
        assert.equal(error.code, 'SOURCE_CHANGED')
        assert.ok(error.message.includes(file))
        assert.match(error.message, how)
        return true
      })
      assert.equal(openFilesIn(folder.path), 0)
    })
  }
  if (name === 'removed' || name === 'replaced') continue
  test(`a file that is ${name} while it is read is a failure before its last byte is handed out`, async () => {
    await using folder = await temporaryFolder()
    const file = folder.join('source')
    writeFileSync(file, Buffer.alloc(size, 'x'))
    const recipe = makeRecipe([fileEntry('f', file)])
    let taken = 0
    await assert.rejects(
      async () => {
        for await (const chunk of openRecipe(recipe)) {
          if (taken === 0) change(file, folder.join('other'))
          taken += chunk.length
        }
      },
      { code: 'SOURCE_CHANGED' },
    )
    assert.ok(taken < 512 + size)
    assert.equal(openFilesIn(folder.path), 0)
  })
}

test('a file that cannot be opened is a failure of the file system', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(folder.join('f'), 'x')
  const given = fileEntry('f', folder.join('f'))
  const source = { ...given.source, path: folder.join('x'.repeat(300)) } as typeof given.source
  await assert.rejects(hashRecipe(makeRecipe([{ ...given, source: source! }])), { code: 'FILE_SYSTEM' })
})

test('leaving the loop closes the file', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(folder.join('f'), Buffer.alloc(size))
  for await (const _ of openRecipe(makeRecipe([fileEntry('f', folder.join('f'))]))) {
    assert.equal(openFilesIn(folder.path), 1)
    break
  }
  assert.equal(openFilesIn(folder.path), 0)
})

test('an abort ends reading with its reason and closes the file', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(folder.join('f'), Buffer.alloc(20 * megabyte))
  const recipe = makeRecipe([fileEntry('f', folder.join('f'))])
  const reason = new Error('enough')
  let taken = 0
  const reading = new AbortController()
  await assert.rejects(async () => {
    for await (const chunk of openRecipe(recipe, { signal: reading.signal })) {
      taken += chunk.length
      reading.abort(reason)
    }
  }, reason)
  assert.equal(taken, megabyte)
  assert.equal(openFilesIn(folder.path), 0)
  await assert.rejects(collect(openRecipe(recipe, { signal: reading.signal })), reason)
})
