/** `--delegate [builder]`: leave to hand stages with RUN to a builder of this machine. */
import { Option, type Command } from 'commander'
import { Failure, nearest } from '../base/index.ts'
import type { DelegateChoice } from '../build/index.ts'

/** As in build/delegate/choice.ts, which is not loaded before a command runs. */
const choices: readonly DelegateChoice[] = ['auto', 'buildctl', 'buildx', 'docker', 'buildah']

export interface DelegateFlags {
  readonly delegate?: DelegateChoice
}

export function addDelegateFlag(command: Command): Command {
  return command.addOption(
    new Option(
      '--delegate [builder]',
      'let a builder do stages with RUN: buildctl, buildx, docker, buildah or the first that answers (auto)',
    )
      .preset('auto')
      .argParser(readChoice),
  )
}

/**
 * The arguments with `--delegate` as `--delegate=auto` where no builder follows: what comes next, such as the context
 * folder, is not its value.
 */
export function completeDelegateFlag(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, index) => {
    const isFlag = word === '--delegate' && (end < 0 || index < end)
    return isFlag && !choices.some((choice) => choice === argv[index + 1]) ? '--delegate=auto' : word
  })
}

function readChoice(text: string): DelegateChoice {
  const found = choices.find((choice) => choice === text)
  if (found) return found
  const suggestion = nearest(text, choices)
  throw new Failure('USAGE', `--delegate "${text}" is not a builder`, {
    hint: suggestion ? `did you mean ${suggestion}?` : `it is one of ${choices.join(', ')}`,
  })
}
