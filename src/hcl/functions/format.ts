/** `format` and `formatlist`: the verbs of Go's fmt that cty has. */
import { convert, ConversionError } from '../convert.ts'
import { ArgumentError } from '../function.ts'
import { formatNumber, isSequence, list, toPlain, type Value } from '../value.ts'
import { define, text, value, type FunctionTable } from './define.ts'

export const formatFunctions: FunctionTable = {
  format: define<[string, ...Value[]]>(
    [text('format')],
    (format, ...args) => formatText(format, args),
    value('args'),
  ),
  formatlist: define<[string, ...Value[]]>([text('format')], formatEach, value('args')),
}

/** Lists among the arguments are gone through together; other arguments are the same each time. */
function formatEach(format: string, ...args: Value[]): Value {
  const lengths = new Set(args.flatMap((arg) => (isSequence(arg) ? [arg.items.length] : [])))
  if (lengths.size > 1) throw new ArgumentError(`its lists have ${[...lengths].join(' and ')} elements`)
  const [length = 1] = lengths
  return list(
    Array.from({ length }, (_, index) =>
      formatText(
        format,
        args.map((arg) => (isSequence(arg) ? arg.items[index]! : arg)),
      ),
    ),
  )
}

const verb =
  /%(?:%|(?<flags>[ +#0-]*)(?<width>\d+)?(?:\.(?<precision>\d+))?(?:\[(?<index>\d+)\])?(?<letter>[a-zA-Z]))/g

function formatText(format: string, args: readonly Value[]): string {
  if (/%(?![%\w])/.test(format.replaceAll(verb, '')))
    throw new ArgumentError('the format has a "%" that begins no verb', 0)
  let next = 0
  let highest = 0
  let result = ''
  let end = 0
  for (const match of format.matchAll(verb)) {
    result += format.slice(end, match.index)
    end = match.index + match[0].length
    const { flags = '', width, precision, index, letter } = match.groups!
    if (letter === undefined) {
      result += '%'
      continue
    }
    const position = index === undefined ? next : Number(index) - 1
    next = position + 1
    highest = Math.max(highest, next)
    const arg = args[position]
    if (arg === undefined) throw new ArgumentError(`"${match[0]}" has no argument`, 0)
    const shown = formatOne(arg, { written: match[0], letter, flags, precision, index: next })
    result += padded(shown, flags, Number(width ?? 0))
  }
  if (highest < args.length && !format.includes('%['))
    throw new ArgumentError(`the format uses ${highest} of ${args.length} arguments`, highest + 1)
  return result + format.slice(end)
}

function padded(shown: string, flags: string, size: number): string {
  if (flags.includes('-')) return shown.padEnd(size)
  return flags.includes('0') && /^[+-]?\d/.test(shown) ? padZeros(shown, size) : shown.padStart(size)
}

interface Verb {
  readonly written: string
  readonly letter: string
  readonly flags: string
  readonly precision: string | undefined
  readonly index: number
}

function formatOne(arg: Value, one: Verb): string {
  const { letter, flags, precision, written, index } = one
  switch (letter) {
    case 'v':
      return flags.includes('#') || typeof arg === 'object' ? JSON.stringify(toPlain(arg)) : plain(arg)
    case 's':
      return cut(as(arg, 'string', one) as string, precision)
    case 'q':
      return JSON.stringify(cut(as(arg, 'string', one) as string, precision))
    case 't':
      return as(arg, 'bool', one) === true ? 'true' : 'false'
    case 'd':
      return signed(Math.trunc(as(arg, 'number', one) as number), flags, formatNumber)
    case 'b':
    case 'o':
    case 'x':
    case 'X':
      return inBase(arg, one)
    case 'f':
      return signed(as(arg, 'number', one) as number, flags, (number) =>
        number.toFixed(Number(precision ?? 6)),
      )
    case 'e':
      return signed(as(arg, 'number', one) as number, flags, (number) =>
        number.toExponential(Number(precision ?? 6)).replace(/e([+-])(\d)$/, 'e$10$2'),
      )
    case 'g':
      return signed(as(arg, 'number', one) as number, flags, formatNumber)
    default:
      throw new ArgumentError(`"${written}" is no verb for argument ${index}`, 0)
  }
}

const bases: Readonly<Record<string, number>> = { b: 2, o: 8, x: 16, X: 16 }

/** A number in another base; `%x` of a text is its bytes. */
function inBase(arg: Value, one: Verb): string {
  const { letter, flags } = one
  const base = bases[letter]!
  const shown =
    base === 16 && typeof arg === 'string'
      ? Buffer.from(arg).toString('hex')
      : signed(Math.trunc(as(arg, 'number', one) as number), flags, (number) => number.toString(base))
  return letter === 'X' ? shown.toUpperCase() : shown
}

function plain(arg: Value): string {
  return arg === null ? 'null' : (convert(arg, 'string') as string)
}

function as(arg: Value, type: 'string' | 'number' | 'bool', { written, index }: Verb): Value {
  if (arg === null) throw new ArgumentError(`"${written}" has null as its argument`, index)
  try {
    return convert(arg, type)
  } catch (error) {
    if (error instanceof ConversionError)
      throw new ArgumentError(`"${written}" needs ${error.message}`, index)
    throw error
  }
}

function signed(number: number, flags: string, show: (number: number) => string): string {
  const shown = show(number)
  if (number < 0) return shown
  return flags.includes('+') ? `+${shown}` : flags.includes(' ') ? ` ${shown}` : shown
}

function padZeros(shown: string, size: number): string {
  const sign = /^[+-]/.exec(shown)?.[0] ?? ''
  return sign + shown.slice(sign.length).padStart(size - sign.length, '0')
}

function cut(shown: string, precision: string | undefined): string {
  return precision === undefined ? shown : Array.from(shown).slice(0, Number(precision)).join('')
}
