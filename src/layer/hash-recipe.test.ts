import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { newTally } from '../base/index.ts'
import { anyEntries } from '../../test/support/any-entries.ts'
import { collect, fileEntry, openFilesIn } from '../../test/support/layers.ts'
import { hashRecipe } from './hash-recipe.ts'
import { openRecipe } from './open-recipe.ts'
import { makeRecipe } from './recipe.ts'

test('the digest is that of the bytes', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, async (entries) => {
      const recipe = makeRecipe(entries)
      const hex = createHash('sha256')
        .update(await collect(openRecipe(recipe)))
        .digest('hex')
      assert.equal(await hashRecipe(recipe), `sha256:${hex}`)
    }),
    { numRuns: 30 },
  )
})

test('the digest does not depend on the time, mode or place of a source', async () => {
  await using folder = await temporaryFolder()
  const digests = await Promise.all(
    [0o644, 0o600, 0o755].map((mode, index) => {
      const file = folder.join(`f${index}`)
      writeFileSync(file, 'the same content')
      chmodSync(file, mode)
      utimesSync(file, index * 1000, index * 1_000_000)
      return hashRecipe(makeRecipe([fileEntry('bin/tool', file)]))
    }),
  )
  assert.equal(new Set(digests).size, 1)
})

test('the event loop turns while a large file is hashed, and an abort ends it there', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(folder.join('f'), '')
  truncateSync(folder.join('f'), 256 * 1024 * 1024)
  const recipe = makeRecipe([fileEntry('f', folder.join('f'))])
  const stop = new AbortController()
  const tally = newTally()
  const reason = new Error('enough')
  setImmediate(() => stop.abort(reason))
  await assert.rejects(hashRecipe(recipe, { signal: stop.signal, tally }), reason)
  assert.ok(tally.bytesHashed > 0 && tally.bytesHashed < recipe.size)
  assert.equal(openFilesIn(folder.path), 0)
  await assert.rejects(hashRecipe(recipe, { signal: stop.signal }), reason)
})
