/** What we write, read back by our reader of untrusted archives and by one that shares no code with either. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { unpackTar } from 'modern-tar'
import { isUtf8Pathname } from '../base/index.ts'
import type { Entry } from './entry.ts'
import { anyEntries } from '../../test/support/any-entries.ts'
import { collect, entry, streamOf } from '../../test/support/layers.ts'
import { headerBytes } from './header.ts'
import { openRecipe } from './open-recipe.ts'
import { readTar } from './read-tar.ts'
import { makeRecipe } from './recipe.ts'

const inline = ({ source }: Entry): Buffer => Buffer.from(source?.kind === 'bytes' ? source.bytes : [])

test('our reader gets back every entry and its content', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, fc.integer({ min: 1, max: 3000 }), async (entries, chunkLength) => {
      const recipe = makeRecipe(entries)
      const tar = await collect(openRecipe(recipe))
      const read: object[] = []
      for await (const { content, ...fields } of readTar(streamOf(tar, chunkLength)))
        read.push({ ...fields, content: await collect(content) })
      assert.deepEqual(read, recipe.entries.map(expected))
    }),
    { numRuns: 200 },
  )
})

/** The entry as it is read: content instead of its source. */
function expected({ source, ...fields }: Entry): object {
  return { ...fields, content: source?.kind === 'bytes' ? Buffer.from(source.bytes) : Buffer.alloc(0) }
}

const modernTypes: Record<Entry['type'], string> = {
  file: 'file',
  directory: 'directory',
  symlink: 'symlink',
  hardlink: 'link',
  character: 'character-device',
  block: 'block-device',
  fifo: 'fifo',
}

test('modern-tar reads the same entries', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntries, async (entries) => {
      // It decodes every name as UTF-8.
      const recipe = makeRecipe(
        entries.filter((each) => isUtf8Pathname(each.path + (each.link ?? ''))).filter(isWhole),
      )
      const read = await unpackTar(await collect(openRecipe(recipe)), { strict: true })
      assert.deepEqual(
        read.map(({ header, data }) => ({
          name: header.name,
          type: header.type,
          mode: header.mode,
          uid: header.uid,
          gid: header.gid,
          mtime: header.mtime?.getTime(),
          link: header.linkname || undefined,
          content: Buffer.from(data ?? []),
        })),
        recipe.entries.map((each) => ({
          name: each.type === 'directory' ? `${each.path}/` : each.path,
          type: modernTypes[each.type],
          mode: each.mode,
          uid: each.uid,
          gid: each.gid,
          mtime: each.mtime * 1000,
          link: each.link,
          content: inline(each),
        })),
      )
    }),
    { numRuns: 200 },
  )

  /** Hard links whose target is left out are left out too. */
  function isWhole(each: Entry, _index: number, all: readonly Entry[]): boolean {
    return each.type !== 'hardlink' || all.some((other) => other.path === each.link)
  }
})

test('a size beyond 8 GiB comes back from the header alone', async () => {
  const size = 20 * 1024 ** 3
  const source = { kind: 'file', path: 'x', fingerprint: fakeFingerprint(size) } as const
  const [huge] = makeRecipe([entry({ path: 'huge', size, source })]).entries
  const sizes: number[] = []
  await assert.rejects(
    async () => {
      for await (const each of readTar(streamOf(headerBytes(huge!)))) sizes.push(each.size)
    },
    { code: 'ARCHIVE_INVALID' },
  )
  assert.deepEqual(sizes, [size])
})

function fakeFingerprint(size: number) {
  return { dev: 0n, ino: 0n, size: BigInt(size), mtimeNs: 0n, ctimeNs: 0n, mode: 0n }
}
