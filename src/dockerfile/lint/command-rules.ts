/** CMD, ENTRYPOINT and HEALTHCHECK: MultipleInstructionsDisallowed and JSONArgsRecommended. */
import type { StageInstruction } from '../instruction.ts'
import type { Report } from './report.ts'
import { writtenKeyword } from './spelling.ts'
import type { StageView } from './stage-view.ts'

export function checkCommand(instruction: StageInstruction, view: StageView, report: Report): void {
  const { keyword, place } = instruction
  if (keyword !== 'CMD' && keyword !== 'ENTRYPOINT' && keyword !== 'HEALTHCHECK') return
  const written = writtenKeyword(instruction)
  const earlier = view.earlier.get(keyword)
  if (earlier) {
    report.add(
      'MultipleInstructionsDisallowed',
      earlier.place,
      `Multiple ${written} instructions should not be used in the same stage because only the last one will be used`,
      'remove all but the last',
    )
  }
  if (keyword === 'HEALTHCHECK' || instruction.exec !== undefined || view.hasShell) return
  report.add(
    'JSONArgsRecommended',
    place,
    `JSON arguments recommended for ${written} to prevent unintended behavior related to OS signals`,
    `write ${written} ["program", "argument"]`,
  )
}
