/**
 * `node test/differential/record.ts [GROUP...]`: asks the oracle about every case and records what it says, and how
 * Slipway differs. Exits with 1 when a case differs that names no difference; its golden file is written all the same.
 */
import { parseArgs } from 'node:util'
import { limit } from '../../src/base/index.ts'
import { caseGroups } from './cases/index.ts'
import { writeGolden, type GoldenCase } from './golden.ts'
import { startOracle } from './oracle.ts'
import { outcomeDifference } from './outcome.ts'
import { openSubject } from './subject.ts'
import { openWorkspace } from './workspace.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const wanted = caseGroups.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
await using workspace = await openWorkspace()
await using oracle = await startOracle(workspace.registry)
await using subject = openSubject(workspace)
const slot = limit(2)

for (const group of wanted) {
  const recorded = await Promise.all(
    group.cases.map((item) =>
      slot(async (): Promise<[string, GoldenCase]> => {
        const prepared = await workspace.prepare(item)
        const expected = await oracle.build(prepared)
        const { warnings: _, ...actual } = await subject.build(prepared)
        const differs = outcomeDifference(expected, actual)
        const isNamed = (item.differences ?? []).length > 0
        if (isNamed === (differs.length === 0) && item.pending === undefined) {
          process.exitCode = 1
          print(`${group.name}: ${item.name}${isNamed ? ' names a difference but is equal' : ''}`)
          for (const line of differs) print(`    ${line}`)
          if (actual.error !== undefined) print(`    ours: ${actual.error}`)
          if (expected.error !== undefined) print(`    oracle: ${expected.error}`)
        }
        return [item.name, { oracle: expected, ...(isNamed && { differs }) }]
      }),
    ),
  )
  await writeGolden(group.name, Object.fromEntries(recorded))
  print(`${group.name}: ${group.cases.length} cases recorded`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
