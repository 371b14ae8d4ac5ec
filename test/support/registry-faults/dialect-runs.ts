/** What it takes to push to each dialect: the same runs against all of them. */
import assert from 'node:assert/strict'
import type { BuiltImage } from '../../../src/build/index.ts'
import { sha256 } from '../../../src/oci/index.ts'
import { openRegistry } from '../../../src/registry/index.ts'
import { testImage, testLayer } from '../built-images.ts'
import { memoryHabits } from '../fault-client.ts'
import { dialects, type DialectName } from './dialects.ts'
import { formatRequests, pushImages, type Run } from './run.ts'
import { startFaultRegistry, type FaultRegistry } from './server.ts'

const bigBytes = 24 << 20

export const dialectRuns = [
  'new image',
  'same image again',
  'to two repositories at once',
  'on a base that may not be mounted',
  'layer of 24 MiB',
  'another of 24 MiB, in a later run',
] as const

export type DialectRunName = (typeof dialectRuns)[number]

/** All runs against one registry, each a run of its own with the habits of those before; its content is read back. */
export async function measureDialect(name: DialectName): Promise<Record<DialectRunName, Run>> {
  const { dialect, isGuarded } = dialects[name]
  const server = await startFaultRegistry({ ...dialect, ...(isGuarded && { auth: { scheme: 'bearer' } }) })
  const habits = memoryHabits()
  const push = async (image: BuiltImage) => {
    const run = await pushImages(server, [image], { habits })
    assert.equal(run.error, undefined, run.shown)
    await readBack(server, image)
    return run
  }
  try {
    const small = await imageOf(server, ['acme/api:1'], 'small')
    const base = await testLayer({ files: { base: `base of ${name}` } })
    server.keep('sealed/base', base.blob.descriptor.digest, Buffer.from(await bytesOf(base.blob.open())))
    const origin = { registry: server.host, repository: 'sealed/base' }
    const based = { ...base, blob: { ...base.blob, origin } }
    return {
      'new image': await push(small),
      'same image again': await push(small),
      'to two repositories at once': await push(await imageOf(server, ['acme/api:2', 'acme/web:2'], 'both')),
      'on a base that may not be mounted': await push(
        testImage({ name: 'api', tags: [`${server.host}/acme/api:3`], layers: [based] }),
      ),
      'layer of 24 MiB': await push(await imageOf(server, ['acme/api:4'], 'b'.repeat(bigBytes))),
      'another of 24 MiB, in a later run': await push(
        await imageOf(server, ['acme/api:5'], 'c'.repeat(bigBytes)),
      ),
    }
  } finally {
    await server.stop()
  }
}

/** The text of a golden file: a line for each run. */
export function describeRuns(runs: Record<DialectRunName, Run>): string {
  return dialectRuns.map((name) => `${name}: ${formatRequests(runs[name].requests)}\n`).join('')
}

async function imageOf(server: FaultRegistry, names: readonly string[], text: string): Promise<BuiltImage> {
  const layer = await testLayer({ files: { a: text } })
  return testImage({ name: 'api', tags: names.map((name) => `${server.host}/${name}`), layers: [layer] })
}

/** Reads the image by each of its names, by a client that knows nothing, and proves every digest. */
async function readBack(server: FaultRegistry, image: BuiltImage): Promise<void> {
  const registry = openRegistry(server.host)
  try {
    for (const { repository, tag } of image.references) {
      const found = await registry.getManifest(repository, tag ?? 'latest')
      assert.deepEqual(found?.descriptor.digest, image.top.descriptor.digest)
      for (const { config, layers } of image.platforms) {
        for (const { descriptor } of [config, ...layers.map(({ blob }) => blob)]) {
          assert.equal(sha256(await bytesOf(registry.openBlob(repository, descriptor)())), descriptor.digest)
        }
      }
    }
  } finally {
    await registry.close()
  }
  const unfinished = server.requests.filter(({ headers }) => headers['transfer-encoding'] !== undefined)
  assert.deepEqual(unfinished, [], 'no body goes out without its length')
}

async function bytesOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
