import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test, type TestContext } from 'node:test'
import { sha256 } from '../oci/index.ts'
import { openLayerLog, readLayerLog, rewriteLayerLog } from './layer-log.ts'

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

  const atDay = (context: TestContext, day: number) => {
    context.mock.timers.reset()
    context.mock.timers.enable({ apis: ['Date'], now: day * 86_400_000 })
  }
  test('a use is written down once a day', (context) => {
    const path = freshPath()
    atDay(context, 20_000)
    openLayerLog(path).remember('k', layer('one'))
    const size = readFileSync(path).length
    openLayerLog(path).lookup('k')
    assert.equal(readFileSync(path).length, size)
    atDay(context, 20_003)
    const log = openLayerLog(path)
    for (let times = 0; times < 3; times++) assert.deepEqual(log.lookup('k'), layer('one'))
    assert.equal(readFileSync(path).length, 2 * size)
    assert.equal(readLayerLog(path).known.get('k')?.day, 20_003)
    // a clock that was set back writes nothing
    atDay(context, 19_000)
    openLayerLog(path).lookup('k')
    assert.equal(readFileSync(path).length, 2 * size)
  })
  test('grown too long, it loses what was used longest ago, and says what', async (context) => {
    const path = freshPath()
    for (let day = 0; day < 12; day++) {
      atDay(context, 20_000 + day)
      openLayerLog(path).remember(`k${day}`, layer(`k${day}`))
    }
    assert.deepEqual(await openLayerLog(path, { most: 12 }).trim(), [])
    const gone = await openLayerLog(path, { most: 10 }).trim()
    assert.deepEqual(gone, ['k0', 'k1', 'k2', 'k3', 'k4', 'k5', 'k6'])
    assert.deepEqual([...readLayerLog(path).known.keys()], ['k7', 'k8', 'k9', 'k10', 'k11'])
  })
  test('lines of no use go when there are many', async () => {
    const path = freshPath()
    const log = openLayerLog(path)
    for (let times = 0; times < 2100; times++) log.remember(`k${times % 10}`, layer(String(times)))
    assert.deepEqual(await log.trim(), [])
    const { known, lines } = readLayerLog(path)
    assert.deepEqual([known.size, lines], [10, 10])
    assert.deepEqual(openLayerLog(path).lookup('k9'), layer('2099'))
  })
  test('rewritten, it takes over what is appended meanwhile', async () => {
    const path = freshPath()
    openLayerLog(path).remember('k0', layer('k0'))
    let appended = 0
    let isDone = false
    // Both take turns on this thread: every await of the rewriting lets a line in.
    const append = (): void => {
      openLayerLog(path).remember(`n${appended}`, layer(`n${appended}`))
      appended++
      if (!isDone) setImmediate(append)
    }
    append()
    for (let times = 0; times < 20; times++) assert.ok(await rewriteLayerLog(path, () => true))
    isDone = true
    const { known } = readLayerLog(path)
    assert.ok(appended > 20, `only ${appended} lines were appended`)
    assert.equal(known.size, appended + 1)
  })
  test('what a killed rewriting left is harmless', async () => {
    const path = freshPath()
    openLayerLog(path).remember('k', layer('one'))
    writeFileSync(`${path}.1-abcdefabcdef.tmp`, 'half')
    writeFileSync(`${path}.lock`, '999999999')
    assert.ok(await rewriteLayerLog(path, () => true))
    assert.deepEqual(openLayerLog(path).lookup('k'), layer('one'))
  })
})
