/** Where stages come from, and which of them a target needs. */
import { csvFields } from '../../base/index.ts'
import type { StageInstruction } from '../instruction.ts'
import type { Stage } from '../stages.ts'
import type { FromWords } from './from-words.ts'

/** Index of the stage each stage begins from; undefined: an image, a named context or nothing. */
export function parentsOf(
  stages: readonly Stage[],
  froms: readonly FromWords[],
  contexts: ReadonlySet<string>,
): (number | undefined)[] {
  const byName = new Map<string, number>()
  return stages.map(({ index, name }) => {
    const image = froms[index]!.image.toLowerCase()
    const parent = contexts.has(image) ? undefined : byName.get(image)
    if (name !== undefined) byName.set(name, index)
    return parent
  })
}

/** Index of the target, or nothing when there is no such stage. */
export function findStage(stages: readonly Stage[], target: string): number | undefined {
  const named = stages.findLastIndex(({ name }) => name === target.toLowerCase())
  const index = named === -1 && /^\d+$/u.test(target) ? Number(target) : named
  return stages[index] ? index : undefined
}

/** The target and everything it copies from, mounts and begins from. */
export function reachableFrom(
  target: number,
  stages: readonly Stage[],
  parents: readonly (number | undefined)[],
): Set<number> {
  const byName = new Map(
    stages.flatMap(({ name, index }) => (name === undefined ? [] : [[name, index] as const])),
  )
  const reachable = new Set<number>()
  const open = [target]
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const stage = stages[index]
    if (reachable.has(index) || !stage) continue
    reachable.add(index)
    const parent = parents[index]
    if (parent !== undefined) open.push(parent)
    for (const from of stage.instructions.flatMap(fromsOf)) {
      const needed = byName.get(from.toLowerCase()) ?? (/^\d+$/u.test(from) ? Number(from) : undefined)
      if (needed !== undefined) open.push(needed)
    }
  }
  return reachable
}

function fromsOf(instruction: StageInstruction): string[] {
  if (instruction.keyword === 'COPY') return instruction.from ? [instruction.from.text] : []
  if (instruction.keyword !== 'RUN') return []
  return instruction.mounts.flatMap(({ text }) =>
    (csvFields(text) ?? []).flatMap((field) => /^from=(.*)$/isu.exec(field)?.[1] ?? []),
  )
}
