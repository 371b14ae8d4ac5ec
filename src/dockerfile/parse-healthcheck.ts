/** HEALTHCHECK. */
import { parseDuration } from './duration.ts'
import { quote, syntaxFailure } from './failures.ts'
import { checkFlags, type Flags } from './flags.ts'
import type { CommandForm, HealthcheckInstruction } from './instruction.ts'
import { nextSpace } from './lines.ts'
import { readCommand } from './parse-commands.ts'
import type { Statement } from './statement.ts'
import { skipSpace } from './whitespace.ts'

type Fields = CommandForm &
  Pick<HealthcheckInstruction, 'kind' | 'interval' | 'timeout' | 'startPeriod' | 'startInterval' | 'retries'>

export function parseHealthcheck(statement: Statement): Fields {
  const { kind, command } = readHealthcheck(statement)
  const hint = 'write HEALTHCHECK CMD <command> or HEALTHCHECK NONE'
  if (kind === '') throw syntaxFailure('HEALTHCHECK needs CMD or NONE', statement.keywordPlace, hint)
  const at = statement.place(statement.start, statement.start + kind.length)
  const isEmpty = command.exec === undefined ? command.shell === '' : command.exec.length === 0
  const keyword = kind.toUpperCase()
  if (keyword === 'NONE') {
    if (!isEmpty) throw syntaxFailure('HEALTHCHECK NONE takes no arguments', at)
    // BuildKit does not look at the flags of NONE
    const none = { interval: 0, timeout: 0, startPeriod: 0, startInterval: 0, retries: 0 }
    return { kind: 'NONE', exec: undefined, shell: '', ...none }
  }
  const flags = checkFlags(statement, {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  })
  if (keyword !== 'CMD') throw syntaxFailure(`HEALTHCHECK is CMD or NONE, not ${quote(kind)}`, at, hint)
  if (isEmpty) throw syntaxFailure('HEALTHCHECK CMD needs a command', at, hint)
  return {
    kind: 'CMD',
    ...command,
    interval: interval(flags, 'interval'),
    timeout: interval(flags, 'timeout'),
    startPeriod: interval(flags, 'start-period'),
    startInterval: interval(flags, 'start-interval'),
    retries: retries(flags),
  }
}

/** The first word and the command behind it. Throws `DOCKERFILE_SYNTAX` for a JSON array of other than strings. */
export function readHealthcheck(statement: Statement): { kind: string; command: CommandForm } {
  const { line, start, end } = statement
  const stop = nextSpace(line.text, start, end)
  const command = readCommand({ ...statement, start: skipSpace(line.text, stop, end) })
  return { kind: line.text.slice(start, stop), command }
}

function interval(flags: Flags, name: string): number {
  const word = flags.word(name)
  if (word === undefined || word.text === '') return 0
  const duration = parseDuration(word.text)
  if (duration === undefined) {
    throw syntaxFailure(
      `HEALTHCHECK --${name} is a duration, not ${quote(word.text)}`,
      word.place,
      `write for example --${name}=30s`,
    )
  }
  if (duration !== 0n && duration < 1_000_000n) {
    throw syntaxFailure(
      `HEALTHCHECK --${name} cannot be less than 1ms, it is ${quote(word.text)}`,
      word.place,
    )
  }
  return Number(duration)
}

function retries(flags: Flags): number {
  const word = flags.word('retries')
  if (word === undefined || word.text === '') return 0
  const count = /^[+-]?\d+$/u.test(word.text) ? Number(word.text) : Number.NaN
  if (count >= 0 && count < 2 ** 31) return count + 0
  throw syntaxFailure(
    `HEALTHCHECK --retries is a whole number from 0 to 2147483647, not ${quote(word.text)}`,
    word.place,
  )
}
