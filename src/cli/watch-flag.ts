/** `--watch[=poll]` and `--then COMMAND`. */
import { Option, type Command } from 'commander'
import { Failure } from '../base/index.ts'

export interface WatchFlags {
  readonly watch?: 'auto' | 'poll'
  readonly then?: string
}

export function addWatchFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--watch [how]',
        'build again when files change, until Ctrl-C; =poll looks at them again and again',
      ).choices(['auto', 'poll']),
    )
    .option(
      '--then <command>',
      'shell command after each good round of --watch, with SLIPWAY_IMAGES and more',
    )
}

/** The arguments with `--watch` as `--watch=auto`: what follows it, such as the context folder, is not its value. */
export function completeWatchFlag(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, index) => (word === '--watch' && (end < 0 || index < end) ? '--watch=auto' : word))
}

/** @throws Failure USAGE for a command that would never run */
export function checkWatchFlags({ watch, then }: WatchFlags): void {
  if (then === undefined || watch !== undefined) return
  throw new Failure('USAGE', '--then means nothing without --watch', {
    hint: `add --watch, or run the command yourself: slipway … && ${then}`,
  })
}
