/** Writes the tables of docs/registry-faults.md from runs against registries that fail; the text above them stays. */
import { readFileSync, writeFileSync } from 'node:fs'
import { measureDialect } from '../test/support/registry-faults/dialect-runs.ts'
import { dialects, type DialectName } from '../test/support/registry-faults/dialects.ts'
import { faultCases } from '../test/support/registry-faults/fault-cases.ts'
import { runFault } from '../test/support/registry-faults/fault-runs.ts'
import { dialectSection, faultSections, type FaultRow } from '../test/support/registry-faults/page.ts'

const path = new URL('../docs/registry-faults.md', import.meta.url)
const introduction = readFileSync(path, 'utf8').split(/^## /m)[0]!.trimEnd()

const rows: FaultRow[] = []
for (const fault of faultCases) rows.push([fault, await runFault(fault)])
const measured = new Map<DialectName, Awaited<ReturnType<typeof measureDialect>>>()
for (const name of Object.keys(dialects) as DialectName[]) measured.set(name, await measureDialect(name))

writeFileSync(path, `${introduction}\n\n${faultSections(rows)}\n${dialectSection(measured)}`)
