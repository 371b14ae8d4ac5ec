/** Rules of our own: what the parser found odd, and USER for Kubernetes. */
import type { Dockerfile, UserInstruction, Warning } from '../instruction.ts'
import type { Stage } from '../stages.ts'
import type { Report } from './report.ts'
import type { RuleName } from './rules.ts'

const parserRules: Readonly<Record<Warning['rule'], RuleName | undefined>> = {
  NoEmptyContinuation: 'NoEmptyContinuation',
  JsonFormNotParsed: 'SlipwayJsonForm',
  FlagIgnored: 'SlipwayFlagIgnored',
  OnbuildUnknownInstruction: 'SlipwayOnbuildUnknown',
  // checked where all names of stages are
  ReservedStageName: undefined,
}

/** What the parser warned of, under the names of rules. */
export function checkWarnings({ warnings }: Dockerfile, report: Report): void {
  for (const { rule, message, place, hint } of warnings) {
    const name = parserRules[rule]
    if (name === 'NoEmptyContinuation') report.add(name, place, 'Empty continuation line', hint)
    else if (name !== undefined) report.add(name, place, message, hint)
  }
}

/** SlipwayNumericUser: Kubernetes cannot tell whether a name is root. */
export function checkNumericUser({ instructions }: Stage, report: Report): void {
  const last = instructions.findLast(
    (instruction): instruction is UserInstruction => instruction.keyword === 'USER',
  )
  if (last === undefined || /^\d+(?::|$)/u.test(last.user.text) || last.user.text.includes('$')) return
  report
    .under(last.comments)
    .add(
      'SlipwayNumericUser',
      last.user.place,
      `Kubernetes cannot verify that the user ${JSON.stringify(last.user.text)} is not root`,
      'write the id of the user, such as USER 1337',
    )
}
