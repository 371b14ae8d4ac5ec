import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure, formatPlace } from '../base/index.ts'
import { evaluate } from './evaluate.ts'
import { parseHcl } from './parse-body.ts'
import { parseHclJson } from './parse-json.ts'
import type { Scope } from './scope.ts'
import { placeOf } from './source.ts'
import type { Expression } from './syntax.ts'
import { toPlain } from './value.ts'

const scope: Scope = {
  variable: (name) => (name === 'x' ? 'X' : undefined),
  names: () => ['x'],
  function: () => undefined,
  functionNames: () => [],
}

function valueOf(expression: string): unknown {
  const [attribute] = parseHcl(`a = ${expression}\n`, 'f.hcl').attributes
  return toPlain(evaluate(attribute!.expression, scope))
}

test('bodies have attributes and blocks with the places of their names', () => {
  const body = parseHcl('a = 1\nb "l" m {\n  c = [\n    2,\n  ]\n}\none { line = true }\n', 'f.hcl')
  assert.deepEqual(
    body.attributes.map(({ name, nameSpan }) => [name, formatPlace(placeOf(nameSpan))]),
    [['a', 'f.hcl:1:1']],
  )
  assert.deepEqual(
    body.blocks.map(({ type, labels, typeSpan, body: inner }) => [
      type,
      labels.map(({ text }) => text),
      formatPlace(placeOf(typeSpan)),
      inner.attributes.map(({ name }) => name),
    ]),
    [
      ['b', ['l', 'm'], 'f.hcl:2:1', ['c']],
      ['one', [], 'f.hcl:7:1', ['line']],
    ],
  )
})

test('operators bind as in the specification', () => {
  const cases: [string, unknown][] = [
    ['1 + 2 * 3', 7],
    ['1 - 2 - 3', -4],
    ['!false && false || true', true],
    ['1 + 1 == 2 ? "y" : "n"', 'y'],
    ['-2 * -3', 6],
    ['true ? false ? 1 : 2 : 3', 2],
    ['(\n1 +\n2\n)', 3],
    ['0.1 + 0.2', 0.3],
    ['1e3', 1000],
  ]
  for (const [expression, expected] of cases) assert.deepEqual(valueOf(expression), expected, expression)
})

test('a name may hold a hyphen, so that a difference needs spaces', () => {
  assert.throws(() => valueOf('x-1'), { message: 'there is no variable "x-1"' })
  assert.throws(() => valueOf('x - 1'), { message: 'expected a number, not the text "X"' })
})

test('the right side of && and || is not looked at when the left decides', () => {
  assert.equal(valueOf('false && nothing'), false)
  assert.equal(valueOf('true || nothing'), true)
})

test('both syntaxes make the same tree of the same plan', () => {
  const shape = { target: { labels: 1 } }
  const native = parseHcl(
    'target "a" {\n  tags = ["${x}", "b"]\n  args = { N = 1, T = true, Z = null }\n}\n',
    'f.hcl',
  )
  const json = parseHclJson(
    '{"target": {"a": {"tags": ["${x}", "b"], "args": {"N": 1, "T": true, "Z": null}}}}',
    'f.json',
    shape,
  )
  const plain = ({ blocks }: typeof native) =>
    blocks.map(({ type, labels, body }) => [
      type,
      labels.map(({ text }) => text),
      body.attributes.map(({ name, expression }) => [name, toPlain(evaluate(expression, scope))]),
    ])
  assert.deepEqual(plain(json), plain(native))
})

test('a template in JSON has its exact place, and with escapes that of its text', () => {
  const place = (text: string) => {
    const [attribute] = parseHclJson(text, 'f.json', {}).attributes
    try {
      evaluate(attribute!.expression, scope)
    } catch (error) {
      assert.ok(error instanceof Failure)
      return formatPlace(error.at!)
    }
    return assert.fail('it has a value')
  }
  assert.equal(place('{"a": "v${y}"}'), 'f.json:1:11')
  assert.equal(place('{"a": "\\n${y}"}'), 'f.json:1:7')
})

test('whatever the text, it is read or refused at a place', () => {
  const pieces = fc.constantFrom(
    ...'a b = == { } [ ] ( ) " ${ %{ } ~ , : ? . * ... => <<E <<-E E if else endif for in endfor null 1 -2 ! && || # // /* */ \\ \n $${ \\u00'.split(
      ' ',
    ),
    '\n',
    '"',
    ' ',
  )
  const text = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(''))
  const readers: ((source: string) => Expression[])[] = [
    (source) => parseHcl(source, 'f').attributes.map(({ expression }) => expression),
    (source) => parseHclJson(source, 'f', {}).attributes.map(({ expression }) => expression),
  ]
  fc.assert(
    fc.property(text, (source) => {
      for (const read of readers) {
        try {
          for (const expression of read(source)) evaluate(expression, scope)
        } catch (error) {
          assert.ok(error instanceof Failure, String(error))
          assert.ok((error.at?.column ?? 0) >= 1)
        }
      }
    }),
    { numRuns: 2000 },
  )
})

test('long and deep texts are read in linear time and refused without a crash', () => {
  assert.equal(parseHcl(`a = [${'"x", '.repeat(50_000)}]\n`, 'f').attributes.length, 1)
  for (const [open, close] of [
    ['[', ']'],
    ['(', ')'],
    ['{a=', '}'],
    ['-', ''],
    ['"${', '}"'],
    ['f(', ')'],
    ['true ? 1 : ', '1'],
  ])
    assert.throws(
      () => parseHcl(`a = ${open!.repeat(20_000)}1${close!.repeat(20_000)}\n`, 'f'),
      Failure,
      open,
    )
  assert.throws(() => parseHclJson('['.repeat(20_000), 'f', {}), Failure)
})
