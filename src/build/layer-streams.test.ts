import assert from 'node:assert/strict'
import { lstatSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { newTally } from '../base/index.ts'
import { fingerprintOf, hashRecipe, makeRecipe, parseCodec, type Recipe } from '../layer/index.ts'
import { formatReference, type Digest } from '../oci/index.ts'
import { memoryLayerLog } from '../store/index.ts'
import type { Destination, UnhashedLayer } from './dest/destination.ts'
import type { BuildEvent } from './events.ts'
import { newLayerStreams } from './layer-streams.ts'
import type { ResolvedImage } from './plan/model.ts'

const digest: Digest = `sha256:${'1'.repeat(64)}`
const image = { tags: ['localhost:5000/a:1', 'ghcr.io/a:1'] } as unknown as ResolvedImage
const large = 9 * 1024 * 1024

function recipeOf(size: number, file = '/out/program', ctimeNs = 0n): Recipe {
  const fingerprint = { dev: 1n, ino: 1n, size: BigInt(size), mtimeNs: 0n, ctimeNs, mode: 0o100755n }
  const source = { kind: 'file', path: file, fingerprint } as const
  return makeRecipe([{ path: 'program', type: 'file', mode: 0o755, uid: 0, gid: 0, mtime: 0, size, source }])
}

interface Offer {
  readonly to: string
  readonly past: UnhashedLayer['past']
  readonly references: readonly string[]
}

/** Destinations that write down what they are offered; `takes` says whether they take it. */
function streamsTo(...specs: { readonly takes: boolean; readonly gzipFor?: string }[]) {
  const offers: Offer[] = []
  const destinations = specs.map(({ takes, gzipFor }, index): Destination => ({
    name: `d${index}`,
    codecFor: (reference) => parseCodec(reference?.registry === gzipFor ? 'gzip' : 'none'),
    async stream({ past }, references) {
      offers.push({ to: `d${index}`, past, references: references.map(formatReference) })
      return takes ? digest : undefined
    },
    stage: async () => [],
    commit: async () => {},
    abandon: async () => {},
  }))
  const slots = memoryLayerLog()
  return {
    offers,
    streams: newLayerStreams({ slots: () => slots, destinationsOf: () => destinations, tally: newTally() }),
  }
}

test('a large layer that nobody knows is offered to one destination after the other', async () => {
  const { offers, streams } = streamsTo({ takes: false }, { takes: true }, { takes: true })
  const streamed = await streams.stream(recipeOf(large), image)
  assert.deepEqual([streamed?.digest, streamed?.sentTo], [digest, 'd1'])
  assert.deepEqual(
    offers.map(({ to, past }) => [to, past]),
    [
      ['d0', 'nothing'],
      ['d1', 'nothing'],
    ],
  )
})

test('how far a stream is gets told', async () => {
  const slots = memoryLayerLog()
  const events: BuildEvent[] = []
  const folder = await temporaryFolder()
  const path = folder.join('program')
  await writeFile(path, Buffer.alloc(large))
  const fingerprint = fingerprintOf(lstatSync(path, { bigint: true }))
  const source = { kind: 'file', path, fingerprint } as const
  const entry = { path: 'program', type: 'file', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: large } as const
  const taker: Destination = {
    name: 'registry',
    async stream({ open, digest: find }) {
      for await (const _ of open()) await new Promise((resolve) => setTimeout(resolve, 20))
      return find()
    },
    stage: async () => [],
    commit: async () => {},
    abandon: async () => {},
  }
  const streams = newLayerStreams({
    slots: () => slots,
    destinationsOf: () => [taker],
    tally: newTally(),
    emit: (event) => events.push(event),
  })
  const recipe = makeRecipe([{ ...entry, source }])
  assert.equal((await streams.stream(recipe, image))?.digest, await hashRecipe(recipe))
  await folder.remove()
  assert.ok(events.length > 0)
  for (const event of events) {
    assert.ok(event.kind === 'layer-sending' && event.sent > 0 && event.sent <= event.size)
    assert.deepEqual([event.destination, event.source, event.size], ['registry', '/program', recipe.size])
  }
})

test('a small layer is hashed', async () => {
  const { offers, streams } = streamsTo({ takes: true })
  assert.equal(await streams.stream(recipeOf(1024 * 1024), image), undefined)
  assert.deepEqual(offers, [])
})

test('names that want it compressed are left out', async () => {
  const { offers, streams } = streamsTo({ takes: true, gzipFor: 'ghcr.io' })
  await streams.stream(recipeOf(large), image)
  assert.deepEqual(offers[0]?.references, ['localhost:5000/a:1'])
})

test('files that were a layer in these sizes are hashed, whatever else about them is new', async () => {
  const { offers, streams } = streamsTo({ takes: true })
  const [first, second] = [recipeOf(large), recipeOf(large + 1)]
  streams.remember(first, digest)
  assert.equal(await streams.stream(recipeOf(large, '/out/program', 5n), image), undefined)
  await streams.stream(second, image)
  streams.remember(second, digest)
  // Back to what it was before, as by another branch.
  assert.equal(await streams.stream(first, image), undefined)
  await streams.stream(recipeOf(large, '/out/other'), image)
  assert.deepEqual(
    offers.map(({ past }) => past),
    ['other sizes', 'nothing'],
  )
})
