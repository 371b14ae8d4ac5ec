/** The parts of docs/registry-faults.md that are made from what the tests saw. */
import { dialectRuns, type DialectRunName } from './dialect-runs.ts'
import { dialects, type DialectName } from './dialects.ts'
import { faultGroups, type FaultCase, type FaultGroup } from './fault-case.ts'
import type { FaultResult } from './fault-runs.ts'
import { formatRequests, type Run } from './run.ts'

export type FaultRow = readonly [fault: FaultCase, result: FaultResult]

/** A table for each group of faults, and under it what is shown on the terminal. */
export function faultSections(rows: readonly FaultRow[]): string {
  return (Object.keys(faultGroups) as FaultGroup[])
    .map((group) =>
      faultSection(
        faultGroups[group],
        rows.filter(([fault]) => fault.group === group),
      ),
    )
    .join('\n')
}

function faultSection(title: string, rows: readonly FaultRow[]): string {
  const table = [
    '| what goes wrong | outcome | requests | left in the registry |',
    '|---|---|---|---|',
    ...rows.map(
      ([{ fault, outcome }, { run, state }]) =>
        `| ${fault} | ${outcome} | ${formatRequests(run.requests)} | ${state} |`,
    ),
  ]
  const texts = rows
    .filter(([, { run }]) => hasMoreToSay(run))
    .map(([{ fault }, { run }]) => `${fault}:\n\n\`\`\`\n${run.shown}\`\`\`\n`)
  return `## ${title}\n\n${table.join('\n')}\n\n${texts.join('\n')}`
}

/** The line that a name was published is shown in every run that went well. */
function hasMoreToSay({ shown }: Run): boolean {
  return shown
    .split('\n')
    .some((line) => line !== '' && !line.startsWith('registry: ') && !line.includes(': uploaded '))
}

export function dialectSection(measured: ReadonlyMap<DialectName, Record<DialectRunName, Run>>): string {
  const tables = [...measured].map(([name, runs]) => {
    const rows = dialectRuns.map((run) => `| ${run} | ${formatRequests(runs[run].requests)} |`)
    return `### ${name}\n\n${dialects[name].about}.\n\n| what is pushed | requests |\n|---|---|\n${rows.join('\n')}\n`
  })
  return `## Dialects\n\n${tables.join('\n')}`
}
