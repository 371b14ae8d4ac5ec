/** Names of stages: DuplicateStageName, ReservedStageName; and the comments above them: InvalidDefinitionDescription. */
import type { ArgInstruction, FromInstruction, Instruction } from '../instruction.ts'
import type { Stage } from '../stages.ts'
import type { Report } from './report.ts'

const reserved = new Set(['context', 'scratch'])

export function checkStageNames(stages: readonly Stage[], report: Report): void {
  const seen = new Set<string>()
  for (const { name, from } of stages) {
    if (name === undefined) continue
    const { place } = from.nameWord ?? from
    if (reserved.has(name)) {
      report.add(
        'ReservedStageName',
        place,
        `Stage name should not use the same name as reserved stage "${name}"`,
        'give the stage another name',
      )
    }
    if (seen.has(name)) {
      report.add('DuplicateStageName', place, `Duplicate stage name "${name}", stage names should be unique`)
    }
    seen.add(name)
  }
}

/** InvalidDefinitionDescription: the comment right above FROM … AS name, or ARG, begins with what it describes. */
export function checkDescriptions(instructions: readonly Instruction[], report: Report): void {
  for (const instruction of instructions) {
    const { keyword, comments, place } = instruction
    const last = comments.at(-1)
    if (last === undefined || (keyword !== 'FROM' && keyword !== 'ARG')) continue
    const names = describedNames(instruction as FromInstruction | ArgInstruction)
    const space = last.indexOf(' ')
    if (names.length === 0 || names.includes(space === -1 ? last : last.slice(0, space))) continue
    const example = names.length > 1 ? '<arg_key>' : names[0]
    report
      .under(comments)
      .add(
        'InvalidDefinitionDescription',
        place,
        `Comment for ${keyword} should follow the format: \`# ${example} <description>\``,
        'put an empty comment line between them when it is no description',
      )
  }
}

function describedNames(instruction: FromInstruction | ArgInstruction): string[] {
  if (instruction.keyword === 'ARG') return instruction.pairs.map(({ name }) => name.text)
  return instruction.name === undefined ? [] : [instruction.name]
}
