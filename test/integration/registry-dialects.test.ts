/** Every dialect of registry, from the first push to a later run that knows it: requests counted, content read back. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { once } from '../../src/base/index.ts'
import { checkGolden, goldenNames } from '../support/golden.ts'
import { describeRuns, measureDialect, type DialectRunName } from '../support/registry-faults/dialect-runs.ts'
import { dialects, type DialectName } from '../support/registry-faults/dialects.ts'
import { dialectSection } from '../support/registry-faults/page.ts'
import type { Run } from '../support/registry-faults/run.ts'

const names = Object.keys(dialects) as DialectName[]

const page = new URL('../../docs/registry-faults.md', import.meta.url)

suite('dialects of registries', { timeout: 120_000 }, () => {
  const measure = once<DialectName, Record<DialectRunName, Run>>()
  const runsOf = async (name: DialectName) => measure(name, () => measureDialect(name))
  for (const name of names) {
    test(`${name}: ${dialects[name].about}`, async () => {
      const runs = await runsOf(name)
      const { requests } = runs['same image again']
      assert.deepEqual(
        Object.keys(requests).filter((purpose) => purpose !== 'token'),
        ['HEAD manifest'],
      )
      assert.equal(runs['same image again'].bytesSent, 0)
      for (const run of Object.values(runs)) assert.doesNotMatch(run.shown, /warning|trying again/)
      // What the first large blob taught is not learned again: nothing is sent twice.
      const later = runs['another of 24 MiB, in a later run']
      assert.equal(Math.round(later.bytesSent / (1 << 20)), 24)
      await checkGolden(`registry-dialects/${name}.txt`, describeRuns(runs))
    })
  }

  test('of the golden files none is left over', async () => {
    assert.deepEqual(await goldenNames('registry-dialects'), names.map((name) => `${name}.txt`).toSorted())
  })

  test('docs/registry-faults.md says what was seen', async () => {
    const measured = new Map<DialectName, Record<DialectRunName, Run>>()
    for (const name of names) measured.set(name, await runsOf(name))
    const text = await readFile(page, 'utf8')
    assert.ok(text.includes(dialectSection(measured)), 'node scripts/registry-faults.ts writes it anew')
  })
})
