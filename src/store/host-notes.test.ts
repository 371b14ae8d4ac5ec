import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { openHostNotes } from './host-notes.ts'

test('a note is read back by another process, under any name of a host', async () => {
  await using folder = await temporaryFolder()
  for (const host of ['ghcr.io', '127.0.0.1:5000', '[::1]:5000', '../x']) {
    await openHostNotes(folder.path).write(host, { host })
    assert.deepEqual(await openHostNotes(folder.path).read(host), { host })
  }
  assert.equal((await readdir(folder.path)).length, 4)
  assert.equal(await openHostNotes(folder.path).read('quay.io'), undefined)
})

test('a broken note is no note, and the next one replaces it', async () => {
  await using folder = await temporaryFolder()
  const notes = openHostNotes(folder.path)
  for (const text of ['', '{"version":', '\u0000\u0000']) {
    await writeFile(join(folder.path, 'ghcr.io.json'), text)
    assert.equal(await notes.read('ghcr.io'), undefined)
  }
  await notes.write('ghcr.io', { a: 1 })
  assert.equal(await readFile(join(folder.path, 'ghcr.io.json'), 'utf8'), '{"a":1}\n')
})

test('a note that cannot be kept is lost and nothing else', async () => {
  await using folder = await temporaryFolder()
  await mkdir(join(folder.path, 'ghcr.io.json'))
  await openHostNotes(folder.path).write('ghcr.io', { a: 1 })
  assert.deepEqual(await readdir(folder.path), ['ghcr.io.json'])
  assert.equal(await openHostNotes(folder.path).read('ghcr.io'), undefined)
})
