/** What a stage may not contain yet: refused before any work starts, with the place of each. Pure. */
import { Failure } from '../../base/index.ts'
import type { Instruction } from '../../dockerfile/index.ts'

/** @throws Failure DOCKERFILE_UNSUPPORTED, with every further one in `others` */
export function refuseUnsupported(instructions: readonly Instruction[]): void {
  const failures = instructions.flatMap((instruction) => unsupported(instruction) ?? [])
  const [first, ...others] = failures
  if (first) throw new Failure(first.code, first.message, { at: first.at, hint: first.hint, others })
}

function unsupported(instruction: Instruction): Failure | undefined {
  if (instruction.keyword === 'RUN') {
    return new Failure(
      'DOCKERFILE_UNSUPPORTED',
      'RUN needs a container to run in, which Slipway does not start',
      {
        at: instruction.place,
        hint: 'let a builder of this machine (buildctl, docker or buildah) do this stage: --delegate, or "delegate: auto" in the plan; or run the command on the host as an artifact command and COPY its result',
      },
    )
  }
  return undefined
}
