import assert from 'node:assert/strict'
import { truncateSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { Failure, newTally } from '../base/index.ts'
import { fileEntry, textEntry } from '../../test/support/layers.ts'
import * as source from './hash-pool.ts'
import { hashRecipe } from './hash-recipe.ts'
import { makeRecipe, type Recipe } from './recipe.ts'

const megabyte = 1024 * 1024

/** Recipes of one sparse file each. */
function sparseRecipes(folder: TemporaryFolder, count: number, size: number): Recipe[] {
  return Array.from({ length: count }, (_, index) => {
    const file = folder.join(`f${index}`)
    writeFileSync(file, String(index))
    truncateSync(file, size + index)
    return makeRecipe([fileEntry('f', file), textEntry('inline', `inline ${index}`)])
  })
}

/** The pool as it is in the bundle, with its worker beside it. */
async function bundledPool(folder: TemporaryFolder): Promise<typeof source> {
  await build({
    entryPoints: {
      pool: new URL('hash-pool.ts', import.meta.url).pathname,
      'hash-worker': new URL('hash-worker.ts', import.meta.url).pathname,
    },
    outdir: folder.join('dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'silent',
  })
  writeFileSync(folder.join('dist', 'package.json'), '{"type":"module"}')
  return (await import(pathToFileURL(folder.join('dist', 'pool.js')).href)) as typeof source
}

for (const place of ['source', 'bundle'] as const) {
  test(`worker threads of the ${place} give the digests this thread gives, and count the same`, async () => {
    await using folder = await temporaryFolder()
    const { createHashPool } = place === 'source' ? source : await bundledPool(folder)
    const recipes = sparseRecipes(folder, 12, 20 * megabyte)
    const expected = await Promise.all(recipes.map((recipe) => hashRecipe(recipe)))
    const tally = newTally()
    const pool = createHashPool({ threads: 2 })
    assert.deepEqual(await Promise.all(recipes.map((recipe) => pool.hash(recipe, { tally }))), expected)
    await pool.close()
    const size = recipes.reduce((sum, recipe) => sum + recipe.size, 0)
    assert.equal(tally.bytesHashed, size)
  })
}

test('a failure comes out of a worker thread with its code, message and hint', async () => {
  await using folder = await temporaryFolder()
  const recipes = sparseRecipes(folder, 8, 40 * megabyte)
  const expected = await Promise.all(
    recipes.map(async (recipe, index) => {
      truncateSync(folder.join(`f${index}`), 5)
      return hashRecipe(recipe).catch((error: unknown) => error)
    }),
  )
  const { startLane } = await import('./hash-lane.ts')
  const lane = startLane()
  for (const [index, recipe] of recipes.entries()) {
    await assert.rejects(lane.hash(recipe, {}), (error) => {
      const wanted = expected[index]
      assert.ok(error instanceof Failure && wanted instanceof Failure)
      assert.deepEqual([error.code, error.message, error.hint], [wanted.code, wanted.message, wanted.hint])
      assert.equal(error.code, 'SOURCE_CHANGED')
      return true
    })
  }
  await lane.close()
})

test('an abort ends what runs and what waits, and the pool goes on', async () => {
  await using folder = await temporaryFolder()
  const recipes = sparseRecipes(folder, 6, 60 * megabyte)
  const pool = source.createHashPool({ threads: 1 })
  const stop = new AbortController()
  const reason = new Error('enough')
  const running = recipes.map((recipe) => pool.hash(recipe, { signal: stop.signal }))
  setImmediate(() => stop.abort(reason))
  for (const each of await Promise.allSettled(running)) {
    assert.equal(each.status, 'rejected')
    assert.equal((each as PromiseRejectedResult).reason, reason)
  }
  await assert.rejects(pool.hash(recipes[0]!, { signal: stop.signal }), reason)
  assert.equal(await pool.hash(recipes[0]!), await hashRecipe(recipes[0]!))
  await pool.close()
})

test('an abort reaches a recipe in a worker thread, which then takes the next', async () => {
  await using folder = await temporaryFolder()
  const [long, short] = [...sparseRecipes(folder, 1, 4000 * megabyte), makeRecipe([textEntry('f', 'text')])]
  const { startLane } = await import('./hash-lane.ts')
  const lane = startLane()
  await lane.ready
  const stop = new AbortController()
  const reason = new Error('enough')
  const tally = newTally()
  const running = lane.hash(long!, { signal: stop.signal, tally })
  setImmediate(() => stop.abort(reason))
  await assert.rejects(running, reason)
  assert.ok(tally.bytesHashed < long!.size)
  assert.equal(await lane.hash(short!, {}), await hashRecipe(short!))
  await lane.close()
})

test('closing rejects what is not done and what is asked for later', async () => {
  await using folder = await temporaryFolder()
  const recipes = sparseRecipes(folder, 3, 30 * megabyte)
  const pool = source.createHashPool({ threads: 0 })
  const running = Promise.allSettled(recipes.map((recipe) => pool.hash(recipe)))
  await new Promise((resolve) => setImmediate(resolve))
  await pool.close()
  assert.deepEqual(
    (await running).map((each) => each.status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  await assert.rejects(pool.hash(recipes[0]!), /closed/)
})
