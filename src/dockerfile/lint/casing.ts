/** Upper and lower case of keywords and stage names. */
import type { Stage } from '../stages.ts'
import type { Report } from './report.ts'
import { isLower, isUpper, writtenKeyword } from './spelling.ts'

/** ConsistentInstructionCasing; ARGs before the first FROM do not count. */
export function checkCasing(stages: readonly Stage[], report: Report): void {
  const all = stages.flatMap(({ from, instructions }) => [from, ...instructions])
  let lower = 0
  let upper = 0
  for (const instruction of all) {
    const keyword = writtenKeyword(instruction)
    if (isLower(keyword)) lower++
    else if (isUpper(keyword)) upper++
  }
  const isMostlyLower = lower > upper
  for (const instruction of all) {
    const keyword = writtenKeyword(instruction)
    if (isMostlyLower ? isLower(keyword) : isUpper(keyword)) continue
    report.add(
      'ConsistentInstructionCasing',
      instruction.place,
      `Command '${keyword}' should match the case of the command majority (${isMostlyLower ? 'lowercase' : 'uppercase'})`,
    )
  }
}

/** FromAsCasing and StageNameCasing. */
export function checkFromCasing({ from }: Stage, report: Report): void {
  const { nameWord, original } = from
  if (nameWord === undefined) return
  const own = report.under(from.comments)
  if (!isLower(nameWord.text)) {
    own.add('StageNameCasing', nameWord.place, `Stage name '${nameWord.text}' should be lowercase`)
  }
  const keyword = writtenKeyword(from)
  const as = writtenAs(original)
  const fits = isLower(keyword) ? isLower(as) : !isUpper(keyword) || isUpper(as)
  if (!fits) own.add('FromAsCasing', from.place, `'${as}' and '${keyword}' keywords' casing do not match`)
}

/** The last word but one. */
function writtenAs(original: string): string {
  let end = original.length
  while (!isGap(original, end - 1)) end--
  while (isGap(original, end - 1)) end--
  return original.slice(end - 2, end)
}

function isGap(text: string, index: number): boolean {
  return '\t\u000b\f\r '.includes(text.charAt(index))
}
