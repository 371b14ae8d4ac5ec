import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Entry } from './entry.ts'
import { entry } from '../../test/support/layers.ts'
import { headerBytes, headerSize } from './header.ts'
import { splitPath } from './pax.ts'

/** A block of 512 bytes with texts at their offsets and NUL everywhere else. */
function block(fields: Record<number, string>): Buffer {
  const bytes = Buffer.alloc(512)
  for (const [offset, text] of Object.entries(fields)) bytes.write(text, Number(offset), 'latin1')
  return bytes
}

/** A header block: its checksum counts its own field as spaces. */
function header(fields: Record<number, string>): Buffer {
  const sum = block({ ...fields, 148: '        ' }).reduce((total, byte) => total + byte, 0)
  return block({ ...fields, 148: `${sum.toString(8).padStart(6, '0')}\0 ` })
}

const plain = {
  100: '0000644\0',
  108: '0000000\0',
  116: '0000000\0',
  124: '00000000000\0',
  136: '00000000000\0',
  257: 'ustar\x0000',
  329: '0000000\0',
  337: '0000000\0',
}
const long = 'd'.repeat(60)

const golden: { name: string; entry: Entry; expected: Buffer[] }[] = [
  {
    name: 'a file with owner, time and size',
    entry: entry({
      path: 'usr/bin/tool',
      mode: 0o4755,
      uid: 1000,
      gid: 65534,
      mtime: 1_700_000_000,
      size: 1234,
    }),
    expected: [
      header({
        ...plain,
        0: 'usr/bin/tool',
        100: '0004755\0',
        108: '0001750\0',
        116: '0177776\0',
        124: '00000002322\0',
        136: '14524770400\0',
        156: '0',
      }),
    ],
  },
  {
    name: 'a directory, which ends in a slash',
    entry: entry({ path: 'tmp', type: 'directory', mode: 0o1777 }),
    expected: [header({ ...plain, 0: 'tmp/', 100: '0001777\0', 156: '5' })],
  },
  {
    name: 'the root',
    entry: entry({ path: '', type: 'directory', mode: 0o755 }),
    expected: [header({ ...plain, 0: './', 100: '0000755\0', 156: '5' })],
  },
  {
    name: 'a symbolic link',
    entry: entry({ path: 'bin', type: 'symlink', mode: 0o777, link: 'usr/bin' }),
    expected: [header({ ...plain, 0: 'bin', 100: '0000777\0', 156: '2', 157: 'usr/bin' })],
  },
  {
    name: 'a hard link',
    entry: entry({ path: 'b', type: 'hardlink', link: 'a' }),
    expected: [header({ ...plain, 0: 'b', 156: '1', 157: 'a' })],
  },
  {
    name: 'a device',
    entry: entry({ path: 'dev/null', type: 'character', device: { major: 1, minor: 3 } }),
    expected: [header({ ...plain, 0: 'dev/null', 156: '3', 329: '0000001\0', 337: '0000003\0' })],
  },
  {
    name: 'a path split at the last slash that fits',
    entry: entry({ path: `${long}/${long}/file` }),
    expected: [header({ ...plain, 0: 'file', 156: '0', 345: `${long}/${long}` })],
  },
  {
    name: 'a name in UTF-8, as a PAX record and as it is',
    entry: entry({ path: 'ä' }),
    expected: [
      header({ ...plain, 0: 'PaxHeaders.0', 124: '00000000013\0', 156: 'x' }),
      block({ 0: '11 path=\xc3\xa4\n' }),
      header({ ...plain, 0: '\xc3\xa4', 156: '0' }),
    ],
  },
  {
    name: 'a short name that is not UTF-8, as it is',
    entry: entry({ path: '\udce4' }),
    expected: [header({ ...plain, 0: '\xe4', 156: '0' })],
  },
  {
    name: 'numbers that ustar cannot hold, in one order',
    entry: entry({ path: 'n', uid: 2_097_152, gid: 4_294_967_294, mtime: -1, size: 8_589_934_592 }),
    expected: [
      header({ ...plain, 0: 'PaxHeaders.0', 124: '00000000100\0', 156: 'x' }),
      block({ 0: '19 size=8589934592\n15 uid=2097152\n18 gid=4294967294\n12 mtime=-1\n' }),
      header({ ...plain, 0: 'n', 156: '0' }),
    ],
  },
  {
    name: 'attributes in byte order of their names',
    entry: entry({ path: 'x', xattrs: { 'user.b': Buffer.of(0xff, 0x0a, 0), 'user.a': Buffer.from('1') } }),
    expected: [
      header({ ...plain, 0: 'PaxHeaders.0', 124: '00000000064\0', 156: 'x' }),
      block({ 0: '25 SCHILY.xattr.user.a=1\n' + '27 SCHILY.xattr.user.b=\xff\n\0\n' }),
      header({ ...plain, 0: 'x', 156: '0' }),
    ],
  },
]

for (const { name, entry: given, expected } of golden) {
  test(`the header of ${name}`, () => {
    assert.deepEqual(readable(headerBytes(given)), readable(Buffer.concat(expected)))
  })
}

/** Runs of bytes between NULs, by offset. */
function readable(bytes: Buffer): string[] {
  return Array.from(bytes.toString('latin1').matchAll(/[^\0]+/g), (match) => `${match.index}: ${match[0]}`)
}

test('a path is split so that Go would split it the same way', () => {
  const cases: [path: string, prefix: number | undefined][] = [
    ['a'.repeat(100), 0],
    ['a'.repeat(101), undefined],
    [`a/${'b'.repeat(100)}`, 1],
    [`a/${'b'.repeat(101)}`, undefined],
    [`${'a'.repeat(155)}/${'b'.repeat(100)}`, 155],
    [`${'a'.repeat(156)}/${'b'.repeat(10)}`, undefined],
    [`${'a'.repeat(50)}/${'b'.repeat(50)}/${'c'.repeat(50)}`, 101],
    [`${'a'.repeat(60)}/${'b'.repeat(60)}/`, 60],
    [`/${'b'.repeat(100)}`, undefined],
  ]
  for (const [path, prefix] of cases) assert.equal(splitPath(Buffer.from(path))?.prefix.length, prefix, path)
})

test('a header is as long as was said without making it', () => {
  const anyEntry = fc.record({
    path: fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }),
    uid: fc.nat(0xffffffff),
    mtime: fc.integer(),
    size: fc.maxSafeNat(),
    attribute: fc.uint8Array({ maxLength: 1200 }),
  })
  fc.assert(
    fc.property(anyEntry, ({ attribute, ...fields }) => {
      const given = entry({ ...fields, xattrs: { 'user.x': attribute } })
      const { length } = headerBytes(given)
      assert.equal(headerSize(given), length)
      assert.equal(length % 512, 0)
    }),
  )
})
