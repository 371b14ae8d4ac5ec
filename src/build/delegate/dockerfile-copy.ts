/**
 * The Dockerfile a builder gets: the text as it stands, with the stage to build as its last one, so that a change in
 * a later stage changes nothing for the builder. Line numbers stay what they are. Pure.
 */
import type { Dockerfile, Stage } from '../../dockerfile/index.ts'

export interface DockerfileCopy {
  readonly text: string
  /** absent: the last stage */
  readonly target: string | undefined
}

/** Name a stage without one gets when it cannot be the last. */
const ownName = 'slipway-delegated'

/**
 * @param stage the stage to build
 * @param isLast whether the stage needs none that comes after it
 */
export function dockerfileCopy(
  text: string,
  { instructions }: Dockerfile,
  stage: Stage,
  isLast: boolean,
): DockerfileCopy {
  const lines = text.split('\n')
  const next = instructions[instructions.indexOf(stage.from) + 1 + stage.instructions.length]
  if (next === undefined) return { text, target: undefined }
  if (isLast) {
    const before = instructions[instructions.indexOf(next) - 1]!
    return { text: `${lines.slice(0, before.endLine).join('\n')}\n`, target: undefined }
  }
  if (stage.name !== undefined) return { text, target: stage.name }
  const { place, endLine, original } = stage.from
  const count = endLine - place.line + 1
  const named = [`${original} AS ${ownName}`, ...Array.from({ length: count - 1 }, () => '')]
  return { text: lines.toSpliced(place.line - 1, count, ...named).join('\n'), target: ownName }
}
