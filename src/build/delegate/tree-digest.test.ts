import assert from 'node:assert/strict'
import { utimes, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { treeOf, type TreeTable } from '../../../test/support/trees.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { folderTree } from '../context/folder.ts'
import { checkUnchanged, treeDigest } from './tree-digest.ts'

const table: TreeTable = { 'd/': 0o755, 'd/a': 'one', 'd/b': 'two', l: '-> d/a', other: 'x' }
const digestOf = (changes: TreeTable = {}, reads?: readonly string[]) =>
  treeDigest({ tree: treeOf({ ...table, ...changes }), reads })

for (const [what, changes] of Object.entries<TreeTable>({
  'a new file': { 'd/c': '' },
  'other content': { 'd/a': 'ONE' },
  'another mode': { 'd/': 0o700 },
  'another target': { l: '-> d/b' },
  'another type': { other: '-> x' },
})) {
  test(`${what} changes the digest`, async () => {
    assert.notEqual(await digestOf(changes), await digestOf())
  })
}

test('only what is read counts', async () => {
  const reads = ['d']
  assert.equal(await digestOf({ other: 'y' }, reads), await digestOf({}, reads))
  assert.notEqual(await digestOf({ 'd/a': 'y' }, reads), await digestOf({}, reads))
  assert.equal(await digestOf({ 'd/b': 'y' }, ['d/a']), await digestOf({}, ['d/a']))
  assert.notEqual(await digestOf({ missing: 'y' }, ['missing']), await digestOf({}, ['missing']))
})

test('where a read goes through a link, everything counts', async () => {
  assert.notEqual(await digestOf({ 'd/a': 'y' }, ['l']), await digestOf({}, ['l']))
})

test('a file that changed since it was looked at is told', async () => {
  await using folder = await temporaryFolder()
  await writeFile(folder.join('a'), 'one')
  await writeFile(folder.join('b'), 'one')
  const tree = folderTree(folder.path, { description: 'the test folder' })
  await treeDigest({ tree })
  checkUnchanged({ tree })
  await utimes(folder.join('a'), 1, 1)
  checkUnchanged({ tree, reads: ['b'] })
  assert.throws(() => checkUnchanged({ tree }), { code: 'SOURCE_CHANGED', message: /\/a changed/ })
})
