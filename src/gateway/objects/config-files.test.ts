import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { readConfigFiles } from './config-files.ts'

suite('files of -c', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slip-'))
    await mkdir(join(folder, 'deep/deeper'), { recursive: true })
    await mkdir(join(folder, '.git'))
    const names = [
      'b.yaml',
      'a.yml',
      'c.json',
      'deep/deeper/d.yaml',
      'README.md',
      '.hidden.yaml',
      '~e.yaml',
      'f.yaml~',
      '.git/g.yaml',
    ]
    for (const name of names) await writeFile(join(folder, name), name)
    await symlink('..', join(folder, 'deep/up'))
    await symlink('b.yaml', join(folder, 'z.yaml'))
    await symlink('nowhere', join(folder, 'broken.yaml'))
  })
  after(() => rm(folder, { recursive: true }))
  const paths = async (...config: string[]) =>
    (await readConfigFiles(config)).files.map(({ path }) => path.slice(folder.length + 1))

  test('folders are read whole and in order, without what is hidden, links once and loops not at all', async () => {
    assert.deepEqual(await paths(folder), ['a.yml', 'b.yaml', 'c.json', 'deep/deeper/d.yaml'])
  })

  test('a file that is named is read whatever it is called, and once', async () => {
    assert.deepEqual(
      await paths(join(folder, '.hidden.yaml'), join(folder, 'README.md'), join(folder, 'z.yaml'), folder),
      ['.hidden.yaml', 'README.md', 'z.yaml', 'a.yml', 'c.json', 'deep/deeper/d.yaml'],
    )
  })

  test('the standard input is a file among the others', async () => {
    const { files } = await readConfigFiles(['-', join(folder, 'b.yaml')], { standardInput: 'text' })
    assert.deepEqual(
      files.map(({ text }) => text),
      ['text', 'b.yaml'],
    )
    assert.equal(files[0]!.path, '<stdin>')
  })

  test('what is too large or no text is a problem of that file alone', async () => {
    await writeFile(join(folder, 'deep/bytes.yaml'), Buffer.from([0xff, 0xfe, 0x00]))
    const { files, problems, unread } = await readConfigFiles([folder], { sizeLimit: 10 })
    assert.deepEqual(
      problems.map(({ rule, message }) => [rule, message.slice(folder.length + 1)]),
      [
        ['unreadable-file', 'deep/bytes.yaml is not UTF-8 text'],
        ['file-too-large', 'deep/deeper/d.yaml is larger than 10 bytes'],
      ],
    )
    assert.equal(unread.length, 2)
    assert.equal(files.length, 3)
  })

  test('a path that is not there is refused', async () => {
    await assert.rejects(readConfigFiles([join(folder, 'none')]), {
      code: 'GATEWAY_CONFIG',
      message: `cannot read ${folder}/none: it does not exist`,
    })
  })
})
