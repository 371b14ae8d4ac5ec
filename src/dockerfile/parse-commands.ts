/** RUN, CMD, ENTRYPOINT and SHELL. */
import { quote, syntaxFailure } from './failures.ts'
import { csvFields } from '../base/index.ts'
import { checkFlags } from './flags.ts'
import type { CommandForm, RunInstruction, Word } from './instruction.ts'
import { jsonWords } from './json-form.ts'
import type { Statement } from './statement.ts'

/** The exec form when the arguments are a JSON array of strings, the shell form otherwise. */
export function readCommand(statement: Statement): CommandForm {
  const words = jsonWords(statement)
  if (words) return { exec: words.map(({ text }) => text), shell: '' }
  return { exec: undefined, shell: statement.line.text.slice(statement.start, statement.end) }
}

export function parseCommand(statement: Statement): CommandForm {
  const command = readCommand(statement)
  checkFlags(statement, {})
  return command
}

export function parseShell(statement: Statement): { exec: readonly string[] } {
  const { exec, shell } = parseCommand(statement)
  if (exec !== undefined && exec.length > 0) return { exec }
  throw syntaxFailure(
    exec === undefined && shell !== ''
      ? `SHELL needs a JSON array, not ${quote(shell)}`
      : 'SHELL needs at least one argument',
    statement.keywordPlace,
    'write SHELL ["/bin/sh", "-c"]',
  )
}

type RunFields = CommandForm &
  Pick<RunInstruction, 'heredocs' | 'mounts' | 'devices' | 'network' | 'security'>

export function parseRun(statement: Statement): RunFields {
  const command = readCommand(statement)
  const flags = checkFlags(statement, {
    mount: 'strings',
    network: 'string',
    security: 'string',
    device: 'strings',
  })
  const network = flags.word('network')
  const security = flags.word('security')
  requireOneOf(network, '--network', ['default', 'none', 'host'])
  requireOneOf(security, '--security', ['insecure', 'sandbox'])
  const mounts = flags.words('mount')
  const devices = flags.words('device')
  mounts.forEach(checkMount)
  devices.forEach(checkDevice)
  return {
    ...command,
    heredocs: statement.heredocs.map(({ name, content, expand, place }) => ({
      name,
      content,
      expand,
      place,
    })),
    mounts,
    devices,
    ...(network ? { network } : {}),
    ...(security ? { security } : {}),
  }
}

function requireOneOf(word: Word | undefined, flag: string, values: readonly string[]): void {
  if (word === undefined || values.includes(word.text)) return
  throw syntaxFailure(`RUN ${flag} is one of ${values.join(', ')}, not ${quote(word.text)}`, word.place)
}

function checkMount(word: Word): void {
  for (const field of readFields(word, '--mount')) {
    const [key, value] = splitField(field)
    const dollar = key === 'from' && value !== undefined ? value.indexOf('$') : -1
    if (dollar !== -1 && dollar !== value!.length - 1) {
      throw syntaxFailure(
        `RUN --mount cannot have a variable in from=${quote(value!)}`,
        word.place,
        'name the image in a FROM with AS and use that name',
      )
    }
  }
}

const truth = new Set('1 t T TRUE true True 0 f F FALSE false False'.split(' '))

function checkDevice(word: Word): void {
  let name = ''
  for (const field of readFields(word, '--device')) {
    const [key, value] = splitField(field)
    if (key === 'required' && (value === undefined || truth.has(value))) continue
    if (key === 'required' || name !== '') {
      throw syntaxFailure(`RUN --device has the wrong field ${quote(field)}`, word.place)
    }
    name = key === 'name' && value !== undefined ? value : field
  }
}

function readFields(word: Word, flag: string): string[] {
  const fields = csvFields(word.text)
  if (fields) return fields
  throw syntaxFailure(`RUN ${flag} has ${quote(word.text)}, which is not comma-separated fields`, word.place)
}

function splitField(field: string): [key: string, value: string | undefined] {
  const equals = field.indexOf('=')
  if (equals === -1) return [field.toLowerCase(), undefined]
  return [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)]
}
