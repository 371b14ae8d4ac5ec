import assert from 'node:assert/strict'
import { lstatSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { seededBytes } from '../../test/support/project.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { newTally } from '../base/index.ts'
import { fingerprintOf } from './fingerprint.ts'
import { hashRecipe } from './hash-recipe.ts'
import { hashedRecipe } from './hashed-recipe.ts'
import { openRecipe } from './open-recipe.ts'
import { makeRecipe, type Recipe } from './recipe.ts'

const size = 3_000_000

async function recipeOf(t: { after(work: () => unknown): void }): Promise<{ recipe: Recipe; path: string }> {
  const folder = await temporaryFolder()
  t.after(folder.remove)
  const path = folder.join('program')
  writeFileSync(path, seededBytes(1, size))
  const fingerprint = fingerprintOf(lstatSync(path, { bigint: true }))
  const source = { kind: 'file', path, fingerprint } as const
  const recipe = makeRecipe([
    { path: 'program', type: 'file', mode: 0o755, uid: 0, gid: 0, mtime: 0, size, source },
  ])
  return { recipe, path }
}

async function join(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(Uint8Array.from(chunk))
  return Buffer.concat(parts)
}

test('one pass gives the bytes and their digest, each file read once', async (t) => {
  const { recipe } = await recipeOf(t)
  const tally = newTally()
  const hashed = hashedRecipe(recipe, { tally })
  assert.equal(hashed.digest(), undefined)
  assert.deepEqual(await join(hashed.open()), await join(openRecipe(recipe)))
  assert.equal(hashed.digest(), await hashRecipe(recipe))
  assert.deepEqual([tally.bytesRead, tally.bytesHashed], [size, recipe.size])
})

test('a pass that is left early has no digest, the next one has', async (t) => {
  const { recipe } = await recipeOf(t)
  const hashed = hashedRecipe(recipe)
  for await (const _ of hashed.open()) break
  assert.equal(hashed.digest(), undefined)
  await join(hashed.open())
  assert.equal(hashed.digest(), await hashRecipe(recipe))
  for await (const _ of hashed.open()) break
  assert.equal(hashed.digest(), undefined)
})

test('a file that is overwritten while it is read gives no digest', async (t) => {
  const { recipe, path } = await recipeOf(t)
  const hashed = hashedRecipe(recipe)
  await assert.rejects(
    async () => {
      for await (const _ of hashed.open()) writeFileSync(path, seededBytes(2, size))
    },
    { code: 'SOURCE_CHANGED' },
  )
  assert.equal(hashed.digest(), undefined)
})
