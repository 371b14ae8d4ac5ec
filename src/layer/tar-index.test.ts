import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { indexTarFile } from './tar-index.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-index-'))
after(() => rmSync(folder, { recursive: true }))
const long = `${'d'.repeat(90)}/${'f'.repeat(120)}`
mkdirSync(join(folder, 'in', 'd'.repeat(90)), { recursive: true })
writeFileSync(join(folder, 'in', long), 'long name')
writeFileSync(join(folder, 'in', 'empty'), '')
writeFileSync(join(folder, 'in', 'plain'), 'x'.repeat(1000))
writeFileSync(join(folder, 'in', 'grüße'), 'umlaut')
symlinkSync('../other/layer.tar', join(folder, 'in', 'link'))
const tar = (format: string): string => {
  const path = join(folder, `${format}.tar`)
  execFileSync('tar', ['--format', format, '-C', join(folder, 'in'), '-cf', path, '.'])
  return path
}

describe('the index of a tar', () => {
  for (const format of ['gnu', 'pax', 'posix']) {
    test(`finds what GNU tar wrote as ${format}`, async () => {
      const path = tar(format)
      const bytes = readFileSync(path)
      const places = await indexTarFile(path)
      const content = (name: string): string => {
        const { offset, size } = places.get(name)!
        return bytes.subarray(offset, offset + size).toString()
      }
      assert.equal(content('plain'), 'x'.repeat(1000))
      assert.equal(content(long), 'long name')
      assert.equal(content('grüße'), 'umlaut')
      assert.equal(content('empty'), '')
      assert.deepEqual([places.get('link')?.type, places.get('link')?.link], ['link', '../other/layer.tar'])
      assert.equal(places.get('d'.repeat(90))?.type, 'other')
    })
  }
  test('takes the last of two entries of one name', async () => {
    const path = tar('gnu')
    writeFileSync(join(folder, 'in', 'plain'), 'second')
    execFileSync('tar', ['-C', join(folder, 'in'), '-rf', path, './plain'])
    const { offset, size } = (await indexTarFile(path)).get('plain')!
    assert.equal(
      readFileSync(path)
        .subarray(offset, offset + size)
        .toString(),
      'second',
    )
  })
  test('cut anywhere in an entry, or of other bytes, it is refused', async () => {
    const whole = readFileSync(tar('pax'))
    const path = join(folder, 'cut.tar')
    for (const length of [600, 1100, 1600, whole.indexOf('x'.repeat(1000)) + 10]) {
      writeFileSync(path, whole.subarray(0, length))
      await indexTarFile(path).then(
        (places) => assert.ok(!places.has('plain') || length > whole.indexOf('x'.repeat(1000)) + 1000),
        (error: { code: string }) => assert.equal(error.code, 'ARCHIVE_INVALID'),
      )
    }
    writeFileSync(path, Buffer.alloc(2048, 'no tar '))
    await assert.rejects(indexTarFile(path), { code: 'ARCHIVE_INVALID' })
    await assert.rejects(indexTarFile(join(folder, 'missing')), { code: 'FILE_SYSTEM' })
  })
})
