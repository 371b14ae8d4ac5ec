/** Running the commands of a plan that make artifacts, such as `make` or `go build`. */
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { Failure, systemCode, type Waiting } from '../base/index.ts'
import { formatPlatform } from '../oci/index.ts'
import type { ArtifactCommand } from './plan/model.ts'
import { runGroup, type GroupEnd } from './process-group.ts'

export interface RunOptions extends Waiting {
  /** gets what the command writes on stdout and stderr, as it comes */
  readonly onOutput?: ((text: string) => void) | undefined
  /** environment of the command, under the command's own; default: that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** how long an aborted command may take to end before it is killed, in ms; default 5000 */
  readonly graceMs?: number | undefined
}

/**
 * Runs the command in its own process group and returns when it has ended with status 0 and left its outputs.
 * An abort ends the whole group: SIGTERM, SIGKILL after `graceMs`; then the signal's reason is thrown.
 * @throws Failure ARTIFACT_COMMAND (with `output`) | ARTIFACT_NOT_FOUND
 */
export async function runArtifactCommand(command: ArtifactCommand, options: RunOptions = {}): Promise<void> {
  const { env = process.env, ...rest } = options
  const [program = ''] = command.argv
  const environment = { ...env, ...command.env }
  const end = await runGroup(command.argv, { ...rest, cwd: command.cwd, env: environment }).catch(
    (error: unknown) => {
      throw options.signal?.aborted ? error : cannotStart(command, program, error)
    },
  )
  if (end.status !== 0) throw failed(command, end)
  checkOutputs(command, end.output)
}

function described({ label, platform }: ArtifactCommand): string {
  return platform ? `"${label}" for ${formatPlatform(platform)}` : `"${label}"`
}

function cannotStart(command: ArtifactCommand, program: string, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined) return error
  const why = code === 'ENOENT' ? `${program} is not installed` : `${program} cannot be started (${code})`
  return new Failure('ARTIFACT_COMMAND', `artifact command ${described(command)} failed: ${why}`, {
    at: command.at,
    hint:
      code === 'ENOENT'
        ? `install ${program}, or skip artifact commands: slipway bake --skip-artifacts`
        : undefined,
    cause: error,
  })
}

function failed(command: ArtifactCommand, { status, signal, output }: GroupEnd): Failure {
  const how = signal === null ? `exit status ${status}` : `ended by ${signal}`
  return new Failure('ARTIFACT_COMMAND', `artifact command ${described(command)} failed: ${how}`, {
    at: command.at,
    output,
  })
}

function checkOutputs(command: ArtifactCommand, output: string): void {
  const missing = command.outputs.filter((path) => !existsSync(path))
  if (missing.length === 0) return
  const names = missing.map((path) => relative(command.cwd, path)).join(', ')
  throw new Failure(
    'ARTIFACT_NOT_FOUND',
    `artifact command ${described(command)} succeeded but did not leave ${names}`,
    { at: command.at, output, hint: 'correct the outputs in the plan, or what the command writes' },
  )
}
