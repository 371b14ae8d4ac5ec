/** The fault table: for each fault what a user sees, how many requests are made, and that nothing half-written is left. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { Failure, once } from '../../src/base/index.ts'
import { checkGolden, goldenNames } from '../support/golden.ts'
import type { FaultCase } from '../support/registry-faults/fault-case.ts'
import { faultCases } from '../support/registry-faults/fault-cases.ts'
import { describeResult, runFault, type FaultResult } from '../support/registry-faults/fault-runs.ts'
import { faultSections, type FaultRow } from '../support/registry-faults/page.ts'

const page = new URL('../../docs/registry-faults.md', import.meta.url)

suite('faults of registries', { timeout: 120_000 }, () => {
  const run = once<string, FaultResult>()
  const resultOf = async (fault: FaultCase) => run(fault.name, () => runFault(fault))
  for (const fault of faultCases) {
    test(`${fault.fault} (${fault.name})`, async () => {
      const result = await resultOf(fault)
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

  test('docs/registry-faults.md says what was seen', async () => {
    const rows: FaultRow[] = []
    for (const fault of faultCases) rows.push([fault, await resultOf(fault)])
    const text = await readFile(page, 'utf8')
    assert.ok(text.includes(faultSections(rows)), 'node scripts/registry-faults.ts writes it anew')
  })
})
