import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyEntries } from '../../test/support/any-entries.ts'
import { makeRecipe, recipeKey } from './recipe.ts'
import { formatRecipe, parseRecipe } from './recipe-text.ts'

test('a recipe that was written and read is the same one', () => {
  fc.assert(
    fc.property(anyEntries, (entries) => {
      const recipe = makeRecipe(entries)
      const read = parseRecipe(formatRecipe(recipe))
      assert.equal(recipeKey(read), recipeKey(recipe))
      assert.equal(read.size, recipe.size)
    }),
  )
})

test('files keep their path and fingerprint', () => {
  const fingerprint = {
    dev: 1n,
    ino: 2n ** 63n,
    size: 3n,
    mtimeNs: -5n,
    ctimeNs: 10n ** 18n,
    mode: 0o100644n,
  }
  const source = { kind: 'file', path: '/a\udcff', fingerprint } as const
  const recipe = makeRecipe([
    { path: 'x', type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: 3, source },
  ])
  assert.deepEqual(parseRecipe(formatRecipe(recipe)), recipe)
})
