import assert from 'node:assert/strict'
import { lstatSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { setTimeout as sleep } from 'node:timers/promises'
import { pack, type Header } from 'tar-stream'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { fingerprintOf, type FileSource } from '../../layer/index.ts'
import { newArchives } from './archives.ts'

type Member = Partial<Header> & { readonly name: string; readonly content?: string }

async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const archive = pack()
  for (const { content = '', ...header } of members)
    archive.entry({ mode: 0o644, ...header } as Header, content)
  archive.finalize()
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Buffer>))
}

function sourceOf(path: string): FileSource {
  return { kind: 'file', path, fingerprint: fingerprintOf(lstatSync(path, { bigint: true })) }
}

const members: Member[] = [
  { name: 'bin/', type: 'directory', mode: 0o750, uid: 3, gid: 4 },
  { name: 'bin/tool', mode: 0o4755, uid: 3, content: 'a program' },
  { name: '../../etc/climbs', content: 'inside' },
  { name: '/etc/absolute', content: 'inside too' },
  { name: 'link', type: 'symlink', linkname: '../../outside' },
  { name: 'hard', type: 'link', linkname: '../bin/tool' },
]

describe('newArchives', () => {
  test('unpacks an archive with names that stay inside', async () => {
    await using folder = await temporaryFolder()
    await writeFile(folder.join('a.tar.gz'), gzipSync(await tarOf(members)))
    const archive = await newArchives({ cache: folder.join('cache') }).open(
      sourceOf(folder.join('a.tar.gz')),
      'a.tar.gz',
    )
    const shown = archive!.entries.map(
      ({ type, mode, uid, gid, path, link }) =>
        `${type} ${mode.toString(8)} ${uid}:${gid} ${path} ${link ?? ''}`,
    )
    assert.deepEqual(shown, [
      'directory 750 3:4 bin ',
      'file 4755 3:0 bin/tool ',
      'file 644 0:0 etc/climbs ',
      'file 644 0:0 etc/absolute ',
      'symlink 644 0:0 link ../../outside',
      'hardlink 644 0:0 hard bin/tool',
    ])
    const source = archive!.entries[1]!.source as { path: string }
    assert.equal(await readFile(source.path, 'utf8'), 'a program')
    assert.equal(lstatSync(source.path).mode & 0o7777, 0o600)
  })

  test('takes a file for an archive by its content, not by its name', async () => {
    await using folder = await temporaryFolder()
    const archives = newArchives({ cache: folder.join('cache') })
    await writeFile(folder.join('x.bin'), await tarOf(members))
    await writeFile(folder.join('text.tar'), 'no archive at all '.repeat(100))
    await writeFile(folder.join('text.tar.gz'), gzipSync('no archive at all '.repeat(100)))
    await writeFile(folder.join('empty.tar'), Buffer.alloc(1024))
    await writeFile(folder.join('magic.gz'), Buffer.from('1f8b08', 'hex'))
    assert.ok(await archives.open(sourceOf(folder.join('x.bin')), 'x'))
    for (const name of ['text.tar', 'text.tar.gz', 'empty.tar', 'magic.gz'])
      assert.equal(await archives.open(sourceOf(folder.join(name)), name), undefined, name)
  })

  test('does not read an unchanged archive again, and unpacks again when a part of its copy is gone', async () => {
    await using folder = await temporaryFolder()
    const path = folder.join('a.tar')
    await writeFile(path, await tarOf(members))
    // so that the file is older than the tick of the clock
    await sleep(30)
    const source = sourceOf(path)
    const open = () => newArchives({ cache: folder.join('cache') }).open(source, 'a.tar')
    const first = await open()
    await rm(path)
    assert.deepEqual(await open(), first)
    await rm((first!.entries[1]!.source as { path: string }).path)
    await assert.rejects(open(), { code: 'SOURCE_CHANGED' })
  })

  test('leaves nothing behind when it fails', async () => {
    await using folder = await temporaryFolder()
    const path = folder.join('a.tar')
    const whole = await tarOf([...members, { name: 'big', content: 'x'.repeat(5000) }])
    await writeFile(path, whole.subarray(0, whole.length - 4096))
    const archives = newArchives({ cache: folder.join('cache') })
    await assert.rejects(archives.open(sourceOf(path), 'a.tar'), {
      code: 'ARCHIVE_INVALID',
      message: /a\.tar/,
    })
    assert.deepEqual(await readdir(folder.join('cache/archives-1')), [])
  })

  for (const [name, member, code] of [
    ['a whiteout', { name: 'a/.wh.b' }, 'SOURCE_UNSUPPORTED'],
    ['a file below a whiteout', { name: '.wh.a/b' }, 'SOURCE_UNSUPPORTED'],
    ['an owner beyond 32 bits', { name: 'a', pax: { uid: '4294967295' } }, 'ARCHIVE_INVALID'],
    ['a sparse file', { name: 'a', pax: { 'GNU.sparse.major': '1' } }, 'ARCHIVE_INVALID'],
  ] as const) {
    test(`refuses ${name}`, async () => {
      await using folder = await temporaryFolder()
      await writeFile(folder.join('a.tar'), await tarOf([member as Member]))
      const archives = newArchives({ cache: folder.join('cache') })
      await assert.rejects(archives.open(sourceOf(folder.join('a.tar')), 'a.tar'), { code })
    })
  }

  test('stops at its limits', async () => {
    await using folder = await temporaryFolder()
    await writeFile(
      folder.join('bomb.tar.gz'),
      gzipSync(await tarOf([{ name: 'zeros', content: '\0'.repeat(1 << 22) }])),
    )
    await writeFile(
      folder.join('many.tar'),
      await tarOf(Array.from({ length: 5 }, (_, index) => ({ name: `f${index}` }))),
    )
    const archives = newArchives({ cache: folder.join('cache'), limits: { bytes: 1 << 20, entries: 4 } })
    const message = /unpacks to more than (1048576 bytes|4 entries)$/
    for (const name of ['bomb.tar.gz', 'many.tar'])
      await assert.rejects(archives.open(sourceOf(folder.join(name)), name), {
        code: 'ARCHIVE_INVALID',
        message,
      })
  })

  test('keeps file capabilities and drops every other attribute', async () => {
    await using folder = await temporaryFolder()
    const pax = { 'SCHILY.xattr.security.capability': 'caps', 'SCHILY.xattr.user.note': 'x' }
    await writeFile(folder.join('a.tar'), await tarOf([{ name: 'a', pax }]))
    const archive = await newArchives({ cache: folder.join('cache') }).open(
      sourceOf(folder.join('a.tar')),
      'a',
    )
    const xattrs = archive!.entries[0]!.xattrs
    assert.deepEqual(xattrs, { 'security.capability': Buffer.from('caps') })
  })
})
