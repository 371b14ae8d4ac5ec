/** Terms of expressions: literals, templates, names, calls, brackets, and the steps that follow them. */
import {
  looksAt,
  skipBlanks,
  spanFrom,
  take,
  takeIdentifier,
  unexpected,
  within,
  type Cursor,
} from './cursor.ts'
import { readHeredoc, readQuoted } from './parse-template.ts'
import { hclFailure, spanning } from './source.ts'
import type { Expression, ObjectItem, Step } from './syntax.ts'
import { needWord, readForNames, takeWord } from './words.ts'

type ReadExpression = (cursor: Cursor) => Expression

const number = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y

export function parseTerm(cursor: Cursor, read: ReadExpression): Expression {
  const term = readBareTerm(cursor, read)
  const steps = readSteps(cursor, read)
  if (steps.length === 0) return term
  return { kind: 'traversal', from: term, steps, span: spanning(term.span, steps.at(-1)!.span) }
}

function readBareTerm(cursor: Cursor, read: ReadExpression): Expression {
  const start = cursor.position
  if (looksAt(cursor, '"')) return readQuoted(cursor, read)
  if (looksAt(cursor, '<<')) return readHeredoc(cursor, read)
  if (take(cursor, '(')) {
    return within(cursor, ')', () => {
      skipBlanks(cursor)
      return read(cursor)
    })
  }
  if (take(cursor, '[')) return readTuple(cursor, start, read)
  if (take(cursor, '{')) return readObject(cursor, start, read)
  number.lastIndex = start
  const digits = number.exec(cursor.source.text)?.[0]
  if (digits !== undefined && start < cursor.end) {
    cursor.position += digits.length
    return { kind: 'literal', value: Number(digits), span: spanFrom(cursor, start) }
  }
  return readNamed(cursor, read)
}

const keywords = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])

function readNamed(cursor: Cursor, read: ReadExpression): Expression {
  const found = takeIdentifier(cursor)
  if (!found) {
    if (looksAt(cursor, "'")) throw unexpected(cursor, 'a value', 'texts stand in double quotes')
    throw unexpected(cursor, 'a value')
  }
  const { span } = found
  let { name } = found
  while (looksAt(cursor, '::')) {
    cursor.position += 2
    name += `::${takeIdentifier(cursor)?.name ?? ''}`
  }
  if (take(cursor, '(')) return readCall(cursor, { name, span: spanFrom(cursor, span.start) }, read)
  if (keywords.has(name)) return { kind: 'literal', value: keywords.get(name)!, span }
  return { kind: 'variable', name, span }
}

function readCall(
  cursor: Cursor,
  { name, span }: { name: string; span: Expression['span'] },
  read: ReadExpression,
): Expression {
  const args: Expression[] = []
  let expandsLast = false
  const nameSpan = { ...span, end: span.end - 1 }
  within(cursor, ')', () => {
    for (;;) {
      skipBlanks(cursor)
      if (looksAt(cursor, ')')) return
      args.push(read(cursor))
      skipBlanks(cursor)
      if (take(cursor, '...')) {
        expandsLast = true
        return
      }
      if (!take(cursor, ',')) return
    }
  })
  return { kind: 'call', name, nameSpan, args, expandsLast, span: spanFrom(cursor, span.start) }
}

function readTuple(cursor: Cursor, start: number, read: ReadExpression): Expression {
  const form = within(cursor, ']', () => {
    skipBlanks(cursor)
    if (takeWord(cursor, 'for')) return readFor(cursor, read, false)
    const items: Expression[] = []
    for (;;) {
      skipBlanks(cursor)
      if (looksAt(cursor, ']')) break
      items.push(read(cursor))
      skipBlanks(cursor)
      if (!take(cursor, ',')) break
    }
    return { kind: 'tuple' as const, items }
  })
  return { ...form, span: spanFrom(cursor, start) }
}

function readObject(cursor: Cursor, start: number, read: ReadExpression): Expression {
  const form = within(cursor, '}', () => {
    skipBlanks(cursor)
    if (takeWord(cursor, 'for')) return readFor(cursor, read, true)
    const items: ObjectItem[] = []
    for (;;) {
      skipBlanks(cursor)
      if (looksAt(cursor, '}')) break
      items.push(readItem(cursor, read))
      // Here a line end does what a comma does.
      skipBlanks(cursor, false)
      if (looksAt(cursor, '\n') || looksAt(cursor, '}')) continue
      if (!take(cursor, ',')) throw unexpected(cursor, '"," or "}"')
    }
    return { kind: 'object' as const, items }
  })
  return { ...form, span: spanFrom(cursor, start) }
}

function readItem(cursor: Cursor, read: ReadExpression): ObjectItem {
  const start = cursor.position
  const named = takeIdentifier(cursor)
  skipBlanks(cursor)
  const isPlain = named && !looksAt(cursor, '==') && (looksAt(cursor, '=') || looksAt(cursor, ':'))
  if (!isPlain) cursor.position = start
  const key: Expression = isPlain ? { kind: 'literal', value: named.name, span: named.span } : read(cursor)
  skipBlanks(cursor)
  if (!take(cursor, '=') && !take(cursor, ':')) throw unexpected(cursor, '"=" after the key')
  skipBlanks(cursor)
  // The value ends with its line, unless brackets of its own are open.
  const { brackets } = cursor
  cursor.brackets = 0
  const value = read(cursor)
  cursor.brackets = brackets
  return { key, value }
}

/** What follows `for`. */
function readFor(cursor: Cursor, read: ReadExpression, isObject: boolean) {
  skipBlanks(cursor)
  const { key, value } = readForNames(cursor)
  needWord(cursor, 'in')
  const collection = read(cursor)
  skipBlanks(cursor)
  if (!take(cursor, ':')) throw unexpected(cursor, '":" after the collection of "for"')
  skipBlanks(cursor)
  const first = read(cursor)
  skipBlanks(cursor)
  let result = first
  if (isObject) {
    if (!take(cursor, '=>')) throw unexpected(cursor, '"=>" between key and value')
    skipBlanks(cursor)
    result = read(cursor)
    skipBlanks(cursor)
  }
  const groups = take(cursor, '...')
  if (groups && !isObject)
    throw hclFailure('"..." is only for objects', spanFrom(cursor, cursor.position - 3))
  skipBlanks(cursor)
  let condition: Expression | undefined
  if (takeWord(cursor, 'if')) {
    skipBlanks(cursor)
    condition = read(cursor)
  }
  const resultKey = isObject ? first : undefined
  return {
    kind: 'for' as const,
    key,
    value,
    collection,
    resultKey,
    result,
    condition,
    groups,
  }
}

function readSteps(cursor: Cursor, read: ReadExpression): Step[] {
  const steps: Step[] = []
  for (;;) {
    const start = cursor.position
    if (take(cursor, '[')) {
      skipBlanks(cursor, true)
      if (take(cursor, '*')) {
        skipBlanks(cursor, true)
        if (!take(cursor, ']')) throw unexpected(cursor, '"]"')
        const span = spanFrom(cursor, start)
        return [...steps, { kind: 'splat', steps: readSteps(cursor, read), span }]
      }
      const key = within(cursor, ']', () => {
        skipBlanks(cursor)
        return read(cursor)
      })
      steps.push({ kind: 'index', key, span: spanFrom(cursor, start) })
    } else if (looksAt(cursor, '.') && !looksAt(cursor, '...')) {
      cursor.position++
      if (take(cursor, '*')) {
        const span = spanFrom(cursor, start)
        steps.push({ kind: 'splat', steps: readAttributes(cursor), span })
      } else steps.push(readAttribute(cursor, start))
    } else return steps
  }
}

/** Only these belong to an attribute splat: `list.*.name`. */
function readAttributes(cursor: Cursor): Step[] {
  const steps: Step[] = []
  while (looksAt(cursor, '.') && !looksAt(cursor, '...') && !looksAt(cursor, '.*')) {
    const start = cursor.position
    cursor.position++
    steps.push(readAttribute(cursor, start))
  }
  return steps
}

const digits = /\d+/y

function readAttribute(cursor: Cursor, start: number): Step {
  const named = takeIdentifier(cursor)
  if (named) return { kind: 'attribute', name: named.name, span: spanFrom(cursor, start) }
  digits.lastIndex = cursor.position
  const index = digits.exec(cursor.source.text)?.[0]
  if (index === undefined) throw unexpected(cursor, 'a name after "."')
  cursor.position += index.length
  const span = spanFrom(cursor, start)
  return { kind: 'index', key: { kind: 'literal', value: Number(index), span }, span }
}
