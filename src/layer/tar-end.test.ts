import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { pack } from 'tar-stream'
import { readTar } from './read-tar.ts'

async function tarOf(name: string): Promise<Buffer> {
  const archive = pack()
  archive.entry({ name }, 'content')
  archive.finalize()
  return Buffer.concat(await Array.fromAsync(archive as AsyncIterable<Buffer>))
}

async function names(bytes: Buffer, chunk: number): Promise<string[]> {
  let isEnded = false
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < bytes.length; offset += chunk) yield bytes.subarray(offset, offset + chunk)
    isEnded = true
  }
  const found = (await Array.fromAsync(readTar(chunks()))).map(({ path }) => path)
  assert.ok(isEnded, 'the source is read to its end')
  return found
}

describe('a tar ends at two zero blocks', () => {
  const cases: readonly (readonly [string, (first: Buffer, second: Buffer) => Buffer])[] = [
    ['with another tar behind it', (first, second) => Buffer.concat([first, second])],
    ['with text behind it', (first) => Buffer.concat([first, Buffer.from('no tar at all '.repeat(99))])],
    ['with zeros behind it that fill no block', (first) => Buffer.concat([first, Buffer.alloc(700)])],
    ['without the zero blocks', (first) => first.subarray(0, -1024)],
    ['without the padding of the last file', (first) => first.subarray(0, 512 + 'content'.length)],
    ['with one zero block', (first) => first.subarray(0, -512)],
  ]
  for (const [name, make] of cases) {
    for (const chunk of [100, 512, 1 << 20]) {
      test(`${name}, in chunks of ${chunk}`, async () =>
        assert.deepEqual(await names(make(await tarOf('a'), await tarOf('b')), chunk), ['a']))
    }
  }
  test('and content or padding that is cut off is refused', async () => {
    const bytes = await tarOf('a')
    for (const length of [512 + 'content'.length - 1, 512 + 'content'.length + 1, 300])
      await assert.rejects(names(bytes.subarray(0, length), 1 << 20), { code: 'ARCHIVE_INVALID' })
  })
  test('and one zero block between entries is refused', async () => {
    const bytes = Buffer.concat([(await tarOf('a')).subarray(0, -512), await tarOf('b')])
    await assert.rejects(names(bytes, 1 << 20), {
      code: 'ARCHIVE_INVALID',
      message: /zero block stands between/,
    })
  })
})
