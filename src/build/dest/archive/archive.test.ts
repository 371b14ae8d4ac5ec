import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { testImage, testLayer, wrongBlob, type TestLayer } from '../../../../test/support/built-images.ts'
import { newTally } from '../../../base/index.ts'
import { readTar } from '../../../layer/index.ts'
import { formatReference } from '../../../oci/index.ts'
import type { BuildEvent } from '../../events.ts'
import type { BuiltImage } from '../../image.ts'
import { archiveDestination } from './archive-destination.ts'
import { fileSink, streamSink } from './archive-sink.ts'
import { imageArchive } from './image-archive.ts'
import { tarBytes, tarSize } from './tar-members.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-archive-'))
after(() => rmSync(folder, { recursive: true }))
const amd64 = { os: 'linux', architecture: 'amd64' }
const arm64 = { os: 'linux', architecture: 'arm64' }

let [base, app] = [] as unknown as [TestLayer, TestLayer]
let [web, api] = [] as unknown as [BuiltImage, BuiltImage]
before(async () => {
  base = await testLayer({ files: { 'etc/os': 'demo' } })
  app = await testLayer({ files: { a: 'a', b: 'b'.repeat(3000) } })
  web = testImage({
    name: 'web',
    tags: ['x.test/web:2', 'web:1'],
    layers: [base, app],
    platforms: [amd64, arm64],
  })
  api = testImage({ name: 'api', tags: [], layers: [base] })
})

async function contentOf(chunks: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  for await (const { path, type, content } of readTar(chunks)) {
    const parts: Uint8Array[] = []
    for await (const chunk of content) parts.push(Buffer.from(chunk))
    files.set(type === 'directory' ? `${path}/` : path, Buffer.concat(parts).toString())
  }
  return files
}

describe('an archive of images', () => {
  test('holds each blob once and its documents last', async () => {
    const { content, documents } = imageArchive([web, api], { format: 'docker', platform: arm64 })
    const files = await contentOf(tarBytes([...content, ...documents]))
    const names = [...files.keys()]
    assert.deepEqual(names.slice(0, 2), ['blobs/', 'blobs/sha256/'])
    assert.deepEqual(names.slice(-3), ['index.json', 'manifest.json', 'oci-layout'])
    // two layers, three configs, two manifests, an index, and the manifest of the image of one platform
    assert.equal(names.length, 2 + 2 + 3 + 2 + 1 + 1 + 3)
    const [first, second] = JSON.parse(files.get('manifest.json')!)
    assert.equal(first.Config, `blobs/sha256/${web.platforms[1]!.config.descriptor.digest.slice(7)}`)
    assert.deepEqual(first.RepoTags, ['docker.io/library/web:1', 'x.test/web:2'])
    assert.deepEqual([first.Layers.length, second.Layers.length, second.RepoTags], [2, 1, []])
    const { manifests } = JSON.parse(files.get('index.json')!)
    assert.deepEqual(
      manifests.map((entry: { annotations?: object }) => Object.values(entry.annotations ?? {}).at(-1)),
      ['docker.io/library/web:1', 'x.test/web:2', undefined],
    )
  })
  test('has the size it announces, whatever it leaves out', async () => {
    const omit = new Set([app.blob.descriptor.digest])
    const { content, documents } = imageArchive([web], { format: 'oci', platform: amd64, omit })
    let size = 0
    for await (const chunk of tarBytes([...content, ...documents])) size += chunk.length
    assert.equal(size, tarSize([...content, ...documents]))
    assert.ok(!content.some(({ blob }) => blob?.descriptor.digest === app.blob.descriptor.digest))
  })
  test('does not tell in which order images were ready', async () => {
    const options = { format: 'docker', platform: amd64 } as const
    const bytes = async (images: BuiltImage[]) => {
      const { content, documents } = imageArchive(images, options)
      return JSON.stringify([...(await contentOf(tarBytes([...content, ...documents])))])
    }
    const swapped = { ...web, references: web.references.toReversed() }
    assert.equal(await bytes([web, api]), await bytes([api, swapped]))
  })
  test('proves what its reader does not', async () => {
    const blob = wrongBlob()
    const drain = async (isUnproven: boolean) => {
      for await (const _ of tarBytes([{ path: 'x', blob, isUnproven }]));
    }
    await drain(false)
    await assert.rejects(drain(true), { code: 'CONTENT_MISMATCH' })
    const short = { ...blob, descriptor: { ...blob.descriptor, size: 3 } }
    await assert.rejects(async () => {
      for await (const _ of tarBytes([{ path: 'x', blob: short }]));
    }, /expected \S+ of 3 bytes, got/)
  })
})

describe('an archive as a destination', () => {
  const open = async (path: string) => {
    const events: BuildEvent[] = []
    const tally = newTally()
    const sink = await fileSink(path, tally)
    const options = { tally, emit: (event: BuildEvent) => void events.push(event) }
    return { destination: archiveDestination(sink, 'docker', options), events, tally }
  }
  test('is the file it was until its commit', async () => {
    const path = join(folder, 'x.tar')
    writeFileSync(path, 'before')
    const { destination, events, tally } = await open(path)
    await destination.stage(web)
    await destination.prepare!()
    assert.equal(readFileSync(path, 'utf8'), 'before')
    await destination.commit()
    assert.equal(readFileSync(path).length, tally.bytesWritten)
    assert.deepEqual(readdirSync(folder), ['x.tar'])
    const warnings = events.filter(({ kind }) => kind === 'warning')
    assert.match(JSON.stringify(warnings), /keep one platform will load linux\/amd64 of \\"web\\"/)
    assert.deepEqual(events.at(-1), {
      kind: 'published',
      destination: `archive ${path}`,
      references: web.references.map((name) => formatReference(name)).toSorted(),
    })
  })
  test('leaves nothing when it is abandoned', async () => {
    const path = join(folder, 'y.tar')
    const { destination } = await open(path)
    await destination.stage(web)
    await destination.prepare!()
    await destination.abandon()
    assert.deepEqual(readdirSync(folder), ['x.tar'])
  })
  test('a folder in its place is refused', async () =>
    assert.rejects(fileSink(folder, newTally()), { code: 'FILE_SYSTEM', message: /it is a folder/ }))
  test('a stream gets its index only with the commit', async () => {
    const stream = new PassThrough({ highWaterMark: 1 << 20 })
    const tally = newTally()
    const destination = archiveDestination(streamSink(stream, 'a pipe', tally), 'oci', {
      tally,
      emit: () => {},
    })
    await destination.stage(api)
    await destination.prepare!()
    const before = Buffer.from(stream.read() as Buffer)
    assert.ok(before.includes('blobs/sha256/') && !before.includes('index.json'))
    await destination.commit()
    const whole = Buffer.concat([before, stream.read() as Buffer])
    const files = await contentOf(
      (async function* () {
        yield whole
      })(),
    )
    assert.ok(files.has('index.json'))
  })
})
