import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { newTally } from '../base/index.ts'
import { bytesBlob, jsonBlob, mediaTypes, sha256, type Blob } from '../oci/index.ts'
import { openLayout, refNameAnnotation } from './layout.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-layout-'))
after(() => rmSync(folder, { recursive: true }))
let count = 0
const fresh = () => join(folder, String(count++))
const blob = bytesBlob(mediaTypes.layer, Buffer.from('content'))
const named = (text: string, name: string) => ({
  ...jsonBlob(mediaTypes.manifest, { text }).descriptor,
  annotations: { [refNameAnnotation]: name },
})

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('con')
  throw Object.assign(new Error('write failed'), { code: 'ENOSPC' })
}

describe('layout', () => {
  test('is no layout before its commit, and one after it', async () => {
    const path = fresh()
    const layout = await openLayout(path)
    assert.equal(await layout.write(blob), 'written')
    assert.ok(!existsSync(join(path, 'index.json')))
    await layout.commit([named('m', 'a:1')])
    await layout.clean()
    assert.deepEqual(readdirSync(path).toSorted(), ['blobs', 'index.json', 'oci-layout'])
    assert.equal(readFileSync(join(path, 'blobs/sha256', blob.descriptor.digest.slice(7)), 'utf8'), 'content')
  })
  test('writes a blob once', async () => {
    const layout = await openLayout(fresh())
    const tally = newTally()
    await layout.write(blob, { tally })
    assert.equal(await layout.write(blob, { tally }), 'exists')
    assert.equal(tally.bytesWritten, 'content'.length)
  })
  test('a second commit replaces the same name and keeps the others', async () => {
    const layout = await openLayout(fresh())
    await layout.commit([named('1', 'a:1'), named('2', 'b:1')])
    await layout.commit([named('3', 'a:1')])
    const { manifests } = await layout.readIndex()
    assert.deepEqual(
      manifests.map((manifest) => [manifest.annotations?.[refNameAnnotation], manifest.digest]),
      [
        ['b:1', named('2', '').digest],
        ['a:1', named('3', '').digest],
      ],
    )
  })
  test('two at once lose nothing', async () => {
    const path = fresh()
    const layouts = await Promise.all(Array.from({ length: 8 }, () => openLayout(path)))
    await Promise.all(layouts.map((layout, index) => layout.commit([named(String(index), `n:${index}`)])))
    assert.equal((await layouts[0]!.readIndex()).manifests.length, 8)
    assert.ok(!existsSync(join(path, '.index.lock')))
  })
  test('content that does not fit its digest leaves nothing', async () => {
    const path = fresh()
    const layout = await openLayout(path)
    const wrong: Blob = { descriptor: { ...blob.descriptor, digest: sha256('other') }, open: blob.open }
    await assert.rejects(layout.write(wrong), { code: 'CONTENT_MISMATCH' })
    await layout.clean()
    assert.ok(!existsSync(path))
  })
  test('content of another size is refused even when the writer trusts the digest', async () => {
    const layout = await openLayout(fresh())
    const short: Blob = { descriptor: { ...blob.descriptor, size: 100 }, open: blob.open }
    await assert.rejects(layout.write(short, { isProven: true }), { code: 'CONTENT_MISMATCH' })
  })
  test('a full disk is said as such and leaves nothing', async () => {
    const path = fresh()
    const layout = await openLayout(path)
    await assert.rejects(layout.write({ descriptor: blob.descriptor, open: failing }), { code: 'NO_SPACE' })
    await layout.clean()
    assert.ok(!existsSync(path))
  })
  test('refuses a folder with other things in it', async () => {
    const path = fresh()
    await (await openLayout(path)).commit([named('1', 'a')])
    rmSync(join(path, 'oci-layout'))
    writeFileSync(join(path, 'thesis.doc'), '')
    await assert.rejects(openLayout(path), { code: 'LAYOUT_INVALID' })
  })
  test('reads back ranges', async () => {
    const layout = await openLayout(fresh())
    await layout.write(blob)
    const chunks: Uint8Array[] = []
    for await (const chunk of layout.open(blob.descriptor)({ start: 2, end: 5 })) chunks.push(chunk)
    assert.equal(Buffer.concat(chunks).toString(), 'nte')
  })
})
