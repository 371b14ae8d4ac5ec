/** Stages: FROM and the instructions up to the next one. */
import { quote, syntaxFailure } from './failures.ts'
import type { ArgInstruction, Dockerfile, FromInstruction, StageInstruction } from './instruction.ts'

export interface Stage {
  /** 0-based */
  readonly index: number
  /** in lower case */
  readonly name?: string
  readonly from: FromInstruction
  /** without the FROM */
  readonly instructions: readonly StageInstruction[]
}

export interface Stages {
  /** the ARG instructions before the first FROM */
  readonly globalArgs: readonly ArgInstruction[]
  /** not empty */
  readonly stages: readonly Stage[]
}

/**
 * Groups the instructions of a Dockerfile into stages. Two stages may have one name, as BuildKit allows.
 * Throws `DOCKERFILE_SYNTAX` when anything but ARG comes before the first FROM and when there is no FROM.
 */
export function splitStages({ instructions }: Dockerfile): Stages {
  const globalArgs: ArgInstruction[] = []
  const stages: (Stage & { readonly instructions: StageInstruction[] })[] = []
  for (const instruction of instructions) {
    const stage = stages.at(-1)
    if (instruction.keyword === 'FROM') {
      const { name } = instruction
      stages.push({
        index: stages.length,
        ...(name === undefined ? {} : { name }),
        from: instruction,
        instructions: [],
      })
    } else if (stage) stage.instructions.push(instruction)
    else if (instruction.keyword === 'ARG') globalArgs.push(instruction)
    else {
      throw syntaxFailure(
        `only ARG can stand before the first FROM, not ${quote(instruction.keyword)}`,
        instruction.place,
        'begin with FROM <image>',
      )
    }
  }
  if (stages.length === 0) {
    throw syntaxFailure(
      'the file has no FROM',
      instructions[0]?.place,
      'begin with FROM <image> or FROM scratch',
    )
  }
  return { globalArgs, stages }
}
