/** Which part of the build context the instructions of a stage can read. Pure. */
import type { Instruction } from '../../dockerfile/index.ts'
import { cleanPath } from '../tree.ts'

/** Whether an instruction can read the build context at all. */
export function canReadContext(instruction: Instruction): boolean {
  if (instruction.keyword === 'COPY') return instruction.from === undefined && instruction.sources.length > 0
  if (instruction.keyword === 'RUN') return instruction.mounts.length > 0
  return instruction.keyword === 'ADD' || instruction.keyword === 'ONBUILD'
}

/** The paths COPY and ADD name, without those below others; nothing when it could be everything. */
export function contextReads(instructions: readonly Instruction[]): readonly string[] | undefined {
  const paths = new Set<string>()
  for (const instruction of instructions.filter(canReadContext)) {
    if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') return undefined
    for (const { text } of instruction.sources) {
      // Variables, quotes and patterns may stand for any path.
      if (/[$*?[\]\\`"']/.test(text)) return undefined
      const path = cleanPath(text)
      if (path === '') return undefined
      paths.add(path)
    }
  }
  const all = [...paths].toSorted((a, b) => (a < b ? -1 : 1))
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)))
}
