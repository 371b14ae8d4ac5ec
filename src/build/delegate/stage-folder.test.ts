import assert from 'node:assert/strict'
import { lstat, readdir, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { describeTree, readTree } from '../../../test/support/file-tree.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { treeOf } from '../../../test/support/trees.ts'
import { virtualTree } from '../context/virtual.ts'
import { stageFolder } from './stage-folder.ts'

const paths = async (folder: string) =>
  describeTree(await readTree(folder)).map((line) =>
    line.replace(/ \d+:\d+ /, ' ').replace(/ \d+ [0-9a-f]{64}$/, ''),
  )

test('files, modes, links and names are as in the tree', async () => {
  await using folder = await temporaryFolder()
  const tree = treeOf({
    'd/': 0o555,
    'd/x': { size: 0, mode: 0o755 },
    l: '-> ../up',
    'e/': 0o700,
  })
  await stageFolder(tree, folder.join('out'))
  const found = await paths(folder.join('out'))
  assert.equal(found.length, 4)
  for (const line of ['directory 0555 d', 'file 0755 d/x', 'symlink 0777 l -> ../up', 'directory 0700 e'])
    assert.ok(found.includes(line), `${line} is not in ${found.join('\n')}`)
})

test('names that are not UTF-8 keep their bytes', async () => {
  await using folder = await temporaryFolder()
  await stageFolder(treeOf({ 'n\udcff': 'text' }), folder.join('out'))
  const [name] = await readdir(folder.join('out'), { encoding: 'buffer' })
  assert.deepEqual(name, Buffer.from([0x6e, 0xff]))
})

test('a listed file is there under its second name when that is asked for, and its source is left alone', async () => {
  await using folder = await temporaryFolder()
  await writeFile(folder.join('tool'), 'binary', { mode: 0o755 })
  const before = await lstat(folder.join('tool'), { bigint: true })
  const file = { name: 'amd64/tool', alias: 'tool', source: folder.join('tool') }
  const tree = virtualTree([file], { description: 'the files of the plan' })
  await stageFolder(tree, folder.join('one'))
  await stageFolder(tree, folder.join('two'), ['tool'])
  assert.deepEqual(await paths(folder.join('one')), ['directory 0755 amd64', 'file 0755 amd64/tool'])
  assert.deepEqual(await paths(folder.join('two')), [
    'directory 0755 amd64',
    'file 0755 amd64/tool',
    'file 0755 tool',
  ])
  const after = await lstat(folder.join('tool'), { bigint: true })
  assert.equal(after.ctimeNs, before.ctimeNs)
})
