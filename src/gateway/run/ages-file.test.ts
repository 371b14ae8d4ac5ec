import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { agesPath, openAgesFile } from './ages-file.ts'

suite('ages of objects', () => {
  let folder = ''
  const problems: string[] = []
  const open = (name: string) => openAgesFile(join(folder, name), (message) => problems.push(message))
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slip-'))
  })
  after(() => rm(folder, { recursive: true }))

  test('are kept', async () => {
    const first = await open('deep/ages.json')
    first.ages.set('a', 1)
    await first.save()
    const second = await open('deep/ages.json')
    assert.deepEqual([...second.ages], [['a', 1]])
  })

  test('a file that is not what was written counts as none', async () => {
    for (const text of ['', '{"a":1}', '[["a"]]', '[[1,2]]']) {
      await writeFile(join(folder, 'odd.json'), text)
      assert.deepEqual([...(await open('odd.json')).ages], [])
    }
  })

  test('a place that cannot be written is told once', async () => {
    await writeFile(join(folder, 'file'), '')
    const { ages, save } = await open('file/ages.json')
    for (const age of [1, 2]) {
      ages.set('a', age)
      await save()
    }
    assert.equal(problems.length, 1)
    assert.match(problems[0]!, /^ages of objects are not kept over restarts: cannot write /)
    assert.equal(await readFile(join(folder, 'file'), 'utf8'), '')
  })

  test('each set of paths has a file of its own, wherever it is run', () => {
    const env = { XDG_STATE_HOME: '/state' }
    assert.match(agesPath(['x'], env), /^\/state\/slipway\/gateway\/[0-9a-f]{16}\.json$/)
    assert.equal(agesPath(['x'], env), agesPath([join(process.cwd(), 'x')], env))
    assert.notEqual(agesPath(['x'], env), agesPath(['x', 'y'], env))
  })
})
