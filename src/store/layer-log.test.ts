import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { sha256 } from '../oci/index.ts'
import { openLayerLog } from './layer-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-log-'))
after(() => rmSync(folder, { recursive: true }))
let files = 0
const freshPath = () => join(folder, String(files++), 'layers.log')
const layer = (text: string) => ({ digest: sha256(text), size: text.length })

describe('layer log', () => {
  test('remembers across processes', () => {
    const path = freshPath()
    openLayerLog(path).remember('k1', layer('one'))
    openLayerLog(path).remember('k2', layer('two'))
    const log = openLayerLog(path)
    assert.deepEqual([log.lookup('k1'), log.lookup('k2'), log.entries], [layer('one'), layer('two'), 2])
  })
  test('cut at any length, it gives only what is whole, and takes new entries', () => {
    const path = freshPath()
    const log = openLayerLog(path)
    for (const name of ['a', 'b', 'c']) log.remember(name, layer(name))
    const whole = readFileSync(path)
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      openLayerLog(path).remember('new', layer('new'))
      const cut = openLayerLog(path)
      for (const name of ['a', 'b', 'c'])
        assert.ok([undefined, layer(name).digest].includes(cut.lookup(name)?.digest))
      assert.deepEqual(cut.lookup('new'), layer('new'), `cut at ${length}`)
    }
  })
  test('ignores lines that were changed', () => {
    const path = freshPath()
    openLayerLog(path).remember('k', layer('one'))
    writeFileSync(path, readFileSync(path, 'latin1').replace(' 3 ', ' 4 '))
    assert.equal(openLayerLog(path).lookup('k'), undefined)
  })
  test('the later of two entries wins', () => {
    const path = freshPath()
    openLayerLog(path).remember('k', layer('one'))
    openLayerLog(path).remember('k', layer('other'))
    assert.deepEqual(openLayerLog(path).lookup('k'), layer('other'))
  })
  test('survives binary rubbish and a folder in its place', () => {
    const path = freshPath()
    openLayerLog(path).remember('k', layer('one'))
    appendFileSync(path, Buffer.from([0, 255, 10, 200]))
    assert.equal(openLayerLog(path).entries, 1)
    const inPlace = openLayerLog(folder)
    inPlace.remember('k', layer('one'))
    assert.deepEqual(inPlace.lookup('k'), layer('one'))
  })
})
