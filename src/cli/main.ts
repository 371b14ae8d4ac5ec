/** The command line: one table of commands; what a command needs is loaded when it runs. */
import { Command, CommanderError } from 'commander'
import { isAbort, Failure } from '../base/index.ts'
import { addBakeCommand } from './bake-command.ts'
import { addBuildCommand } from './build-command.ts'
import { formatError } from './report/failure.ts'
import { version } from './version.ts'

const program = new Command('slipway')
  .description('Container images from Dockerfiles and ready-made binaries, without Docker.')
  .version(version, '-v, --version')
  .showSuggestionAfterError()
  .enablePositionalOptions()
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) })
addBuildCommand(program)
addBakeCommand(program)

process.exitCode = await run(process.argv)
// Sockets a server keeps open must not hold the process; output to pipes is flushed by then.
if (process.exitCode !== 0) await flush()

async function run(argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv])
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (isAbort(error)) {
      process.stderr.write('interrupted: nothing was published\n')
      return 130
    }
    process.stderr.write(`${formatError(error, process.stderr).join('\n')}\n`)
    return error instanceof Failure ? error.exitStatus : 1
  }
}

async function flush(): Promise<void> {
  await new Promise<void>((resolve) => process.stderr.write('', () => resolve()))
}
