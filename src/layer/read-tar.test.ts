import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { collect, entry, streamOf, textEntry } from '../../test/support/layers.ts'
import { headerBytes } from './header.ts'
import { openRecipe } from './open-recipe.ts'
import { readTar, type TarEntry } from './read-tar.ts'
import { makeRecipe } from './recipe.ts'

const archive = await collect(
  openRecipe(makeRecipe([textEntry('a', 'x'.repeat(2000)), textEntry('b', 'bbb'), textEntry('c', 'ccc')])),
)

async function listTar(bytes: Uint8Array): Promise<Omit<TarEntry, 'content'>[]> {
  const entries: Omit<TarEntry, 'content'>[] = []
  for await (const { content: _, ...fields } of readTar(streamOf(bytes))) entries.push(fields)
  return entries
}

/** A header block with texts put over the fields at their offsets, and the checksum made right again. */
function header(fields: Record<number, string>): Buffer {
  const bytes = headerBytes(entry({ path: 'name' }))
  for (const [offset, text] of Object.entries(fields)) bytes.write(text, Number(offset), 'latin1')
  return mendChecksum(bytes)
}

/** Makes the checksum of a block right, unless the block is all zero. */
function mendChecksum(block: Buffer): Buffer {
  if (block.every((byte) => byte === 0)) return block
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** A header of a type flag with a body, padded. */
function member(typeFlag: string, body: string, name = 'x'): Buffer {
  const bytes = Buffer.from(body, 'latin1')
  const head = header({
    0: `${name}\0\0\0\0`,
    124: bytes.length.toString(8).padStart(11, '0'),
    156: typeFlag,
  })
  return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

function record(text: string): string {
  for (let length = text.length + 2; ; length++) {
    const whole = `${length} ${text}\n`
    if (whole.length === length) return whole
  }
}

const paths = async (bytes: Uint8Array): Promise<string[]> => (await listTar(bytes)).map((each) => each.path)

test('content is read whole, in part or not at all', async () => {
  const seen: string[] = []
  for await (const { path, content } of readTar(streamOf(archive, 300))) {
    if (path === 'a') {
      for await (const chunk of content) {
        seen.push(`${path} ${chunk.length < 2000}`)
        break
      }
    }
    if (path === 'c') seen.push(`${path} ${(await collect(content)).toString()}`)
  }
  assert.deepEqual(seen, ['a true', 'c ccc'])
})

test('an archive of nothing has no entries', async () => {
  assert.deepEqual(await listTar(new Uint8Array()), [])
  assert.deepEqual(await listTar(new Uint8Array(1024)), [])
  assert.deepEqual(await listTar(new Uint8Array(10_240)), [])
})

test('a missing end, more zero blocks and other block counts are taken', async () => {
  assert.deepEqual(await paths(archive.subarray(0, -1024)), ['a', 'b', 'c'])
  assert.deepEqual(await paths(Buffer.concat([archive, Buffer.alloc(8192)])), ['a', 'b', 'c'])
})

test('paths and hard link targets become canonical, symlink targets stay', async () => {
  const bytes = Buffer.concat([
    header({ 0: './\0\0', 156: '5' }),
    header({ 0: './/usr/./bin/', 156: '5' }),
    header({ 0: '/etc/x' }),
    header({ 0: 'old/' }),
    header({ 0: 'hard', 156: '1', 157: './etc//x' }),
    header({ 0: 'soft', 156: '2', 157: '.././/x/' }),
  ])
  assert.deepEqual(
    (await listTar(bytes)).map(({ path, type, link }) => [path, type, link]),
    [
      ['', 'directory', undefined],
      ['usr/bin', 'directory', undefined],
      ['etc/x', 'file', undefined],
      ['old', 'directory', undefined],
      ['hard', 'hardlink', 'etc/x'],
      ['soft', 'symlink', '.././/x/'],
    ],
  )
})

test('whiteouts keep their names', async () => {
  assert.deepEqual(await paths(header({ 0: 'a/.wh.b' })), ['a/.wh.b'])
})

test('long names of GNU tar, the bytes as they are', async () => {
  const long = `${'d\xe4'.repeat(80)}/x`
  const bytes = Buffer.concat([
    member('L', `${long}\0`, '././@LongLink'),
    member('K', `${'t'.repeat(200)}\0`, '././@LongLink'),
    header({ 156: '2', 257: 'ustar  \0' }),
  ])
  const [read] = await listTar(bytes)
  assert.equal(read?.path, `${'d\udce4'.repeat(80)}/x`)
  assert.equal(read?.link, 't'.repeat(200))
})

test('PAX records: names and attributes as bytes, large and negative numbers, fractions cut', async () => {
  const records = [
    'path=p\xe4',
    'linkpath=l\xff',
    'uid=4294967294',
    'gid=2097152',
    'mtime=-1.5',
    'SCHILY.xattr.user.x=\xff\n\0=',
  ]
  const bytes = Buffer.concat([member('x', records.map(record).join('')), header({ 156: '2', 157: 'other' })])
  const xattrs = { 'user.x': new Uint8Array([0xff, 0x0a, 0, 0x3d]) }
  assert.deepEqual(await listTar(bytes), [
    {
      path: 'p\udce4',
      type: 'symlink',
      mode: 0o644,
      uid: 4_294_967_294,
      gid: 2_097_152,
      mtime: -2,
      size: 0,
      link: 'l\udcff',
      xattrs,
    },
  ])
})

test('PAX records do not reach the entry after next, nor do comments for all', async () => {
  const bytes = Buffer.concat([
    member('g', record('comment=0123')),
    member('x', record('path=one')),
    header({}),
    header({ 0: 'two\0' }),
  ])
  assert.deepEqual(await paths(bytes), ['one', 'two'])
})

test('numbers in base 256 and without magic (v7)', async () => {
  const [read] = await listTar(
    header({ 108: '\x80\0\0\0\xff\xff\xff\xfe', 257: '\0'.repeat(8), 329: 'junkjunk' }),
  )
  assert.equal(read?.uid, 4_294_967_294)
})

test('devices and fifos', async () => {
  const bytes = Buffer.concat([header({ 156: '3', 329: '0000001', 337: '0000003' }), header({ 156: '6' })])
  assert.deepEqual(
    (await listTar(bytes)).map(({ type, device }) => [type, device]),
    [
      ['character', { major: 1, minor: 3 }],
      ['fifo', undefined],
    ],
  )
})

test('an archive of tar-stream itself', async () => {
  const packed = pack()
  packed.entry({ name: 'dir', type: 'directory', mtime: new Date(5000) })
  packed.entry({ name: `dir/${'n'.repeat(120)}`, mtime: new Date(5000) }, 'text')
  packed.finalize()
  const names: string[] = []
  for await (const { path, content } of readTar(packed as AsyncIterable<Uint8Array>)) {
    names.push(`${path} ${(await collect(content)).toString()}`)
  }
  assert.deepEqual(names, ['dir ', `dir/${'n'.repeat(120)} text`])
})

const invalid: Record<string, [bytes: Uint8Array, message: RegExp]> = {
  'cut in a header': [archive.subarray(0, 100), /end of data/],
  'cut in content': [archive.subarray(0, 700), /end of data/],
  'cut in padding': [archive.subarray(0, 512 + 2001), /end of data/],
  'cut in a long name': [member('L', 'x'.repeat(2000)).subarray(0, 1024), /end of data/],
  'of text': [Buffer.from('hello '.repeat(200)), /header/],
  'with a wrong checksum': [Buffer.from(archive).fill('z', 0, 1), /header/],
  'with ".." in a path': [header({ 0: 'a/../../b' }), /"a\/\.\.\/\.\.\/b" has a "\.\."/],
  'with ".." in a hard link': [header({ 156: '1', 157: '../b' }), /"\.\.\/b"/],
  'with a sparse file of GNU tar': [header({ 156: 'S' }), /sparse/],
  'with a sparse file in PAX': [
    Buffer.concat([member('x', record('GNU.sparse.major=1')), header({})]),
    /sparse/,
  ],
  'with an unknown kind of entry': [header({ 156: 'M' }), /not supported/],
  'with a size that is no number': [header({ 124: 'abcdefghijk' }), /header/],
  'with a negative size': [header({ 124: `${'\xff'.repeat(11)}\xf0` }), /header/],
  'with a size in an unknown base': [header({ 124: '\x90\0\0\0\0\0\0\0\0\0\0\x01' }), /size/],
  'with a size beyond all numbers': [header({ 124: `\x80${'\xff'.repeat(11)}` }), /size/],
  'with an owner that is no number': [header({ 108: 'zzzzzzz' }), /uid/],
  'with a PAX size that is no number': [Buffer.concat([member('x', record('size=12x')), header({})]), /size/],
  'with a NUL in a PAX path': [Buffer.concat([member('x', record('path=a\0b')), header({})]), /NUL/],
  'with a PAX record without its end': [Buffer.concat([member('x', '99 path=a\n'), header({})]), /record/],
  'with a PAX record of negative length': [Buffer.concat([member('x', '-5 path=a\n'), header({})]), /record/],
  'with a PAX record without "="': [Buffer.concat([member('x', '7 path\n'), header({})]), /record/],
  'with one path for all': [Buffer.concat([member('g', record('path=a')), header({})]), /"path" for all/],
  'with a header of 5 MiB': [member('x', record(`comment=${'x'.repeat(5 * 1024 * 1024)}`)), /max size/],
}
for (const [name, [bytes, message]] of Object.entries(invalid)) {
  test(`an archive ${name} is refused`, { timeout: 10_000 }, async () => {
    await assert.rejects(listTar(bytes), (error) => {
      assert.equal((error as { code?: unknown }).code, 'ARCHIVE_INVALID')
      assert.match((error as Error).message, message)
      assert.match((error as Error).message, /^the archive is not a well-formed tar: /)
      return true
    })
  })
}

test(
  'an archive with wrong bytes anywhere gives entries or a failure, and comes to an end',
  { timeout: 60_000 },
  async () => {
    const long = Buffer.concat([
      member('x', record(`path=${'p'.repeat(200)}`) + record('SCHILY.xattr.user.x=1')),
      header({}),
      member('L', `${'n'.repeat(200)}\0`),
      archive,
    ])
    const damage = fc.array(fc.tuple(fc.nat(long.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(damage, fc.boolean(), fc.nat(long.length), async (changes, isMended, length) => {
        const bytes = Buffer.from(long.subarray(0, isMended ? undefined : length))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        if (isMended)
          for (let at = 0; at < bytes.length; at += 512) mendChecksum(bytes.subarray(at, at + 512))
        await listTar(bytes).catch((error: unknown) =>
          assert.equal((error as { code?: unknown }).code, 'ARCHIVE_INVALID'),
        )
      }),
      { numRuns: 500 },
    )
  },
)

test('a cut archive fails in the content that is being read', async () => {
  const reading = async (): Promise<void> => {
    for await (const { content } of readTar(streamOf(archive.subarray(0, 700)))) await collect(content)
  }
  await assert.rejects(reading(), { code: 'ARCHIVE_INVALID' })
})

test('an error of the source stream comes through as it is', async () => {
  const broken = new Error('connection lost')
  async function* source() {
    yield archive.subarray(0, 1000)
    throw broken
  }
  await assert.rejects(async () => {
    for await (const { content } of readTar(source())) await collect(content)
  }, broken)
})

test('leaving the loop ends the source stream', async () => {
  let ended = false
  async function* source() {
    try {
      for (;;) yield archive.subarray(0, -1024)
    } finally {
      ended = true
    }
  }
  let count = 0
  for await (const _ of readTar(source())) if (++count === 100) break
  assert.equal(count, 100)
  assert.ok(ended)
})

test('an abort ends reading with its reason, also while the source is silent', async () => {
  const stop = new AbortController()
  const reason = new Error('enough')
  async function* source() {
    yield archive.subarray(0, 1000)
    setImmediate(() => stop.abort(reason))
    await new Promise(() => {})
  }
  await assert.rejects(async () => {
    for await (const { content } of readTar(source(), { signal: stop.signal })) await collect(content)
  }, reason)
})
