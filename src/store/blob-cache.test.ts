import assert from 'node:assert/strict'
import { mkdir, readdir, truncate, utimes, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { bytesOpener, digestHex, sha256, type Opener } from '../oci/index.ts'
import { openBlobCache } from './blob-cache.ts'

const bytesOf = (text: string) => bytesOpener(Buffer.from(text))()

async function read(opener: Opener | undefined, range = {}): Promise<string> {
  assert.ok(opener, 'the blob is not there')
  const chunks: Uint8Array[] = []
  for await (const chunk of opener(range)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('blob cache', () => {
  test('gives back what was written, whole and in part, to this process and the next', async () => {
    await using folder = await temporaryFolder()
    const path = folder.join('packed')
    const first = openBlobCache(path, { cap: 1000 })
    assert.equal(await first.find({ digest: sha256('x'), size: 1 }), undefined)
    const name = await first.write(bytesOf('hello'))
    assert.deepEqual(name, { digest: sha256('hello'), size: 5 })
    for (const cache of [first, openBlobCache(path, { cap: 1000 })]) {
      assert.equal(await read(await cache.find(name)), 'hello')
      assert.equal(await read(await cache.find(name), { start: 1, end: 3 }), 'el')
      assert.equal(await read(await cache.find(name), { start: 5 }), '')
    }
    assert.deepEqual(await readdir(path), [digestHex(name.digest)])
  })

  test('gives large blobs in chunks that stay as they are until the second one after them', async () => {
    await using folder = await temporaryFolder()
    const cache = openBlobCache(folder.path, { cap: 1e9 })
    const bytes = Buffer.from(Array.from({ length: 7 }, (_, index) => String(index).repeat(500_000)).join(''))
    const opener = await cache.find(await cache.write(bytesOpener(bytes)()))
    const found = Buffer.alloc(bytes.length)
    let position = 0
    let before: Uint8Array = new Uint8Array()
    for await (const chunk of opener!()) {
      found.set(before, position - before.length)
      position += chunk.length
      before = chunk
    }
    found.set(before, position - before.length)
    assert.ok(found.equals(bytes))
  })

  test('a file that was cut or changed is not used and goes', async () => {
    await using folder = await temporaryFolder()
    const content = 'x'.repeat(50)
    await fc.assert(
      fc.asyncProperty(fc.nat(content.length), fc.string(), async (length, tail) => {
        const name = await openBlobCache(folder.path, { cap: 1000 }).write(bytesOf(content))
        const path = folder.join(digestHex(name.digest))
        await truncate(path, length)
        await writeFile(path, tail, { flag: 'a' })
        const cache = openBlobCache(folder.path, { cap: 1000 })
        const isWhole = content.slice(0, length) + tail === content
        assert.equal((await cache.find(name)) !== undefined, isWhole)
        assert.equal((await readdir(folder.path)).length, isWhole ? 1 : 0)
      }),
      { numRuns: 50 },
    )
  })

  test('what was used longest ago goes when there is too much', async () => {
    await using folder = await temporaryFolder()
    const cache = openBlobCache(folder.path, { cap: 20 })
    const names = []
    for (const [age, text] of ['first-----', 'second----', 'third-----'].entries()) {
      const name = await cache.write(bytesOf(text))
      const used = new Date(Date.now() - 60_000 + age * 1000)
      await utimes(folder.join(digestHex(name.digest)), used, used)
      names.push(name)
    }
    await cache.find(names[0]!)
    await cache.trim()
    const kept = await Promise.all(names.map(async (name) => (await cache.find(name)) !== undefined))
    assert.deepEqual(kept, [true, false, true])
  })

  test('what a killed process left goes after a while, what a running one writes stays', async () => {
    await using folder = await temporaryFolder()
    const old = new Date(Date.now() - 3_600_000)
    for (const pid of [4_194_999, process.pid]) {
      await writeFile(folder.join(`${pid}-abc.tmp`), 'half')
      await utimes(folder.join(`${pid}-abc.tmp`), old, old)
    }
    await writeFile(folder.join('4194999-young.tmp'), 'half')
    const cache = openBlobCache(folder.path, { cap: 0 })
    await cache.write(bytesOf('too much'))
    await cache.trim()
    const kept = ['4194999-young.tmp', `${process.pid}-abc.tmp`]
    assert.deepEqual((await readdir(folder.path)).toSorted(), kept.toSorted())
  })

  test('an error of the stream comes through and leaves nothing', async () => {
    await using folder = await temporaryFolder()
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half')
      throw new Error('the wire was cut')
    }
    await assert.rejects(openBlobCache(folder.path, { cap: 1000 }).write(broken()), /the wire was cut/)
    assert.deepEqual(await readdir(folder.path), [])
  })

  test('a folder that cannot be used costs the copy and not the answer', async () => {
    await using folder = await temporaryFolder()
    await writeFile(folder.join('file'), '')
    for (const path of [folder.join('file'), folder.join('file', 'below')]) {
      const cache = openBlobCache(path, { cap: 1000 })
      const name = await cache.write(bytesOf('hello'))
      assert.equal(name.digest, sha256('hello'))
      assert.equal(await cache.find(name), undefined)
      await cache.trim()
    }
    const taken = openBlobCache(folder.join('taken'), { cap: 1000 })
    await mkdir(folder.join('taken', digestHex(sha256('hello')), 'x'), { recursive: true })
    assert.equal((await taken.write(bytesOf('hello'))).size, 5)
    assert.equal(await taken.find({ digest: sha256('hello'), size: 5 }), undefined)
  })
})
