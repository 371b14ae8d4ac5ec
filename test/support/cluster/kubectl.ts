/** kubectl of the version of the control plane: what everybody has, to compare with. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findGoPrograms, kubectl as programs } from '../go-programs.ts'
import { runProgram } from '../program.ts'
import { requirePart } from '../require-part.ts'
import type { ControlPlane } from './control-plane.ts'

/** For the `skip` option of a test. */
export async function skipWithoutKubectl(): Promise<string | false> {
  return requirePart('kubectl', (await findGoPrograms(programs)) !== undefined)
}

/** Runs it as `admin`, with this text in a file at the end of its arguments where there is one. */
export async function runKubectl(
  cluster: ControlPlane,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const file = cluster.folder.join(`kubectl-${++files}.yaml`)
  if (input !== undefined) await writeFile(file, input)
  const { stdout } = await runProgram(
    join((await findGoPrograms(programs)) ?? '', 'kubectl'),
    [`--kubeconfig=${await cluster.kubeconfig()}`, ...args, ...(input === undefined ? [] : [file])],
    { env: { HOME: cluster.folder.path, KUBECTL_APPLYSET: 'true' } },
  )
  return stdout
}

let files = 0
