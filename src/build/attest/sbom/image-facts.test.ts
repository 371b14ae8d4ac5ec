import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { collect, textEntry } from '../../../../test/support/layers.ts'
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { makeRecipe, openRecipe, type Entry } from '../../../layer/index.ts'
import { bytesBlob, mediaTypes, sha256 } from '../../../oci/index.ts'
import type { BuiltLayer } from '../../layers.ts'
import { newImageFacts } from './image-facts.ts'

const status = (name: string) => textEntry('var/lib/dpkg/status', `Package: ${name}\nVersion: 1\n`)
const npm = (path: string, name = 'a') =>
  textEntry(`${path}/package.json`, JSON.stringify({ name, version: '1.0.0' }))

/** A layer of ours: its recipe is at hand. */
async function own(...entries: Entry[]): Promise<BuiltLayer> {
  const recipe = makeRecipe(entries)
  const { blob, diffId } = await base(...entries)
  return {
    blob: { ...blob, open: unread },
    diffId,
    recipe: async () => recipe,
    state: 'hashed',
    isProven: true,
  }
}

/** A layer of a base: there is nothing but its tar. Names of whiteouts are taken as they are. */
async function base(...entries: Entry[]): Promise<BuiltLayer> {
  const plain = entries.map((entry) => ({ ...entry, path: entry.path.replace('.wh.', '_wh_') }))
  const tar = await collect(openRecipe(makeRecipe(plain)))
  return layerOf(restoreWhiteouts(tar))
}

function layerOf(tar: Buffer): BuiltLayer {
  const blob = bytesBlob(mediaTypes.layer, tar)
  return { blob, diffId: sha256(tar), state: 'base', isProven: true }
}

/** Headers get their names and checksums back: our own layers cannot hold such names. */
function restoreWhiteouts(tar: Buffer): Buffer {
  for (let at = tar.indexOf('_wh_'); at >= 0; at = tar.indexOf('_wh_', at)) {
    tar.write('.wh.', at)
    const block = tar.subarray(at - (at % 512), at - (at % 512) + 512)
    block.fill(' ', 148, 156)
    const sum = block.reduce((total, byte) => total + byte, 0)
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  }
  return tar
}

// oxlint-disable-next-line require-yield
async function* unread(): AsyncGenerator<Uint8Array> {
  throw new Error('layers of ours are not read as a tar')
}

test('what a higher layer replaces, removes or hides is gone', async () => {
  await using folder = await temporaryFolder()
  const facts = newImageFacts({ cache: folder.path })
  const names = async (...layers: BuiltLayer[]) => (await facts(layers)).map(({ path }) => path)
  const lower = await base(status('old'), npm('app/node_modules/a'), npm('app/node_modules/b', 'b'))
  const all = ['app/node_modules/a/package.json', 'app/node_modules/b/package.json', 'var/lib/dpkg/status']
  assert.deepEqual(await names(lower), all)
  assert.deepEqual(await names(lower, await own(textEntry('etc/x', ''))), all)

  const [replaced, ...others] = (await facts([lower, await own(status('new'))])).toReversed()
  assert.deepEqual(replaced?.facts, {
    kind: 'dpkg',
    packages: [{ name: 'new', version: '1', architecture: '' }],
  })
  assert.equal(others.length, 2)

  const removed = await base(textEntry('app/node_modules/.wh.a', ''))
  assert.deepEqual(await names(lower, removed), all.slice(1))
  const opaque = await base(textEntry('app/.wh..wh..opq', ''))
  assert.deepEqual(await names(lower, opaque), all.slice(2))
  const hidden = await own(textEntry('app', 'a file in its place'))
  assert.deepEqual(await names(lower, hidden), all.slice(2))
  const emptied = await own(textEntry('var/lib/dpkg/status', ''))
  assert.deepEqual(await names(lower, emptied), all.slice(0, 2))
  assert.deepEqual(await names(lower, removed, await own(npm('app/node_modules/a'))), all)
})

test('a layer is looked at once: later its facts come from the cache', async () => {
  await using folder = await temporaryFolder()
  const layer = await base(status('x'))
  const before = await newImageFacts({ cache: folder.path })([layer])
  const again = await newImageFacts({ cache: folder.path })([
    { ...layer, blob: { ...layer.blob, open: unread } },
  ])
  assert.deepEqual(again[0]?.facts, before[0]?.facts)
  // cut short, it is made again
  const cached = folder.join('packages-1', `${layer.diffId.slice('sha256:'.length)}.json`)
  await writeFile(cached, '[["var/lib')
  assert.deepEqual(await newImageFacts({ cache: folder.path })([layer]), before)
})

test('of a layer that may have changed since it was hashed nothing is kept', async () => {
  await using folder = await temporaryFolder()
  const layer = { ...(await own(status('x'))), isProven: false }
  await newImageFacts({ cache: folder.path })([layer])
  const other = await newImageFacts({ cache: folder.path })([
    { ...(await own(status('y'))), diffId: layer.diffId },
  ])
  assert.deepEqual(other[0]?.facts, {
    kind: 'dpkg',
    packages: [{ name: 'y', version: '1', architecture: '' }],
  })
})
