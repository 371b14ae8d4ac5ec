/** The command line: one table of commands; what a command needs is loaded when it runs. */
import { Command, CommanderError } from 'commander'
import { isAbort, Failure } from '../base/index.ts'
import { addApprovalsCommand } from './approvals-command.ts'
import { completeAttestFlags } from './attest-flags.ts'
import { addBakeCommand } from './bake-command.ts'
import { addBuildCommand } from './build-command.ts'
import { addCacheCommand } from './cache-command.ts'
import { addCopyCommand } from './copy-command.ts'
import { addGatewayCommand } from './gateway-command.ts'
import { completeDelegateFlag } from './delegate-flag.ts'
import { completeNoClobberFlag } from './no-clobber-flag.ts'
import { addInspectCommand } from './inspect-command.ts'
import { endOnSignals, Interrupted, interruptedLine } from './interruption.ts'
import { completeLoadFlag } from './load-flag.ts'
import { addOperatorCommand } from './operator-command.ts'
import { addRegistryCommand } from './registry-command.ts'
import { completeServeFlag } from './serve-flag.ts'
import { addLoginCommands } from './login-command.ts'
import { formatError } from './report/failure.ts'
import { version } from './version.ts'
import { completeWatchFlag } from './watch-flag.ts'

endOnSignals()
const program = new Command('slipway')
  .description('Container images from Dockerfiles and ready-made binaries, without Docker.')
  .version(version, '-v, --version')
  .showSuggestionAfterError()
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) })
addBuildCommand(program)
addBakeCommand(program)
addRegistryCommand(program)
addLoginCommands(program)
addCopyCommand(program)
addInspectCommand(program)
addCacheCommand(program)
addGatewayCommand(program)
addApprovalsCommand(program)
addOperatorCommand(program)

// A reader that leaves early, such as `head`, is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})
process.exitCode = await run(process.argv)

async function run(argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(completeFlags(argv))
    // a check that finds something is no failure, and yet not 0
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (isAbort(error)) {
      process.stderr.write(error instanceof Interrupted ? error.line : interruptedLine)
      return 130
    }
    process.stderr.write(`${formatError(error, process.stderr).join('\n')}\n`)
    return error instanceof Failure ? error.exitStatus : 1
  }
}

/** Flags whose value may be left out, with their default: what follows them is not their value. */
function completeFlags(argv: readonly string[]): string[] {
  const complete = [
    completeDelegateFlag,
    completeLoadFlag,
    completeNoClobberFlag,
    completeAttestFlags,
    completeServeFlag,
    completeWatchFlag,
  ]
  return complete.reduce((words, each) => each(words), [...argv])
}
