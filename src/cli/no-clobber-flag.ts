/** `--no-clobber[=once|strict|off]`. */
import { Option, type Command } from 'commander'
import { Failure, nearest } from '../base/index.ts'
import type { NoClobber, ResolvedPlan } from '../build/index.ts'

const modes = ['once', 'strict', 'off'] as const

export interface NoClobberFlags {
  /** commander calls a flag that begins with `--no-` by the rest of its name; true or absent when it is not given */
  readonly clobber?: true | (typeof modes)[number]
}

export function addNoClobberFlag(command: Command): Command {
  return command.addOption(
    new Option(
      '--no-clobber [mode]',
      'fail before anything is sent when a tag leads to another image; =strict looks again just before tags move',
    ).argParser(readMode),
  )
}

/** What the flag says, else the plan. */
export function noClobberOf(flags: NoClobberFlags, plan: ResolvedPlan): NoClobber | undefined {
  if (flags.clobber === undefined || flags.clobber === true) return plan.release?.noClobber
  return flags.clobber === 'off' ? undefined : flags.clobber
}

/** The flag without a value as `--no-clobber=once`: what comes next, such as the name of an image, is not its value. */
export function completeNoClobberFlag(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, index) =>
    word === '--no-clobber' && (end < 0 || index < end) ? '--no-clobber=once' : word,
  )
}

function readMode(text: string): (typeof modes)[number] {
  const found = modes.find((mode) => mode === text)
  if (found) return found
  const suggestion = nearest(text, modes)
  throw new Failure('USAGE', `--no-clobber has no mode "${text}"`, {
    hint: suggestion ? `did you mean ${suggestion}?` : `it is one of ${modes.join(', ')}`,
  })
}
