/** The fault table: for each fault what a user sees, how many requests are made, and that nothing half-written is left. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Failure } from '../../src/base/index.ts'
import { checkGolden, goldenNames } from '../support/golden.ts'
import { faultCases } from '../support/registry-faults/fault-cases.ts'
import { describeResult, runFault } from '../support/registry-faults/fault-runs.ts'

suite('faults of registries', { timeout: 120_000 }, () => {
  for (const fault of faultCases) {
    test(`${fault.fault} (${fault.name})`, async () => {
      const result = await runFault(fault)
      const { error, shown } = result.run
      const isDone = fault.outcome === 'pushed' || fault.outcome === 'read'
      assert.equal(error instanceof Failure ? error.code : error, isDone ? undefined : fault.outcome, shown)
      assert.deepEqual(result.halfWritten, [])
      assert.doesNotMatch(result.state, /broken/)
      assert.deepEqual(result.unmet, [])
      assert.equal(result.state.startsWith('acme/api:1'), fault.isNamed ?? fault.outcome === 'pushed')
      await checkGolden(`registry-faults/${fault.name}.txt`, describeResult(fault, result))
    })
  }

  test('of the golden files none is left over', async () => {
    const names = faultCases.map(({ name }) => `${name}.txt`)
    assert.deepEqual(await goldenNames('registry-faults'), names.toSorted())
  })
})
