/** Every dialect of registry, from the first push to a later run that knows it: requests counted, content read back. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { checkGolden, goldenNames } from '../support/golden.ts'
import { describeRuns, measureDialect } from '../support/registry-faults/dialect-runs.ts'
import { dialects, type DialectName } from '../support/registry-faults/dialects.ts'

const names = Object.keys(dialects) as DialectName[]

suite('dialects of registries', { timeout: 120_000 }, () => {
  for (const name of names) {
    test(`${name}: ${dialects[name].about}`, async () => {
      const runs = await measureDialect(name)
      const { requests } = runs['same image again']
      assert.deepEqual(
        Object.keys(requests).filter((purpose) => purpose !== 'token'),
        ['HEAD manifest'],
      )
      assert.equal(runs['same image again'].bytesSent, 0)
      for (const run of Object.values(runs)) assert.doesNotMatch(run.shown, /warning|trying again/)
      // What the first large blob taught is not learned again.
      const [first, later] = [runs['layer of 24 MiB'], runs['another of 24 MiB, in a later run']]
      assert.ok(later.bytesSent <= first.bytesSent)
      await checkGolden(`registry-dialects/${name}.txt`, describeRuns(runs))
    })
  }

  test('of the golden files none is left over', async () => {
    assert.deepEqual(await goldenNames('registry-dialects'), names.map((name) => `${name}.txt`).toSorted())
  })
})
