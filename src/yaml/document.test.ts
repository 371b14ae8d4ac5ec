import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeFrame, Failure } from '../base/index.ts'
import { parseYaml, parseYamlDocuments } from './document.ts'

function failureOf(text: string): Failure {
  try {
    parseYaml(text, 'p.yaml')
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return error
  }
  return assert.fail('the text was read')
}

test('values are plain data with merge keys applied', () => {
  const document = parseYaml('x-base: &base {a: "1"}\nb:\n  <<: *base\n  c: [x]\n1: y\n', 'p.yaml')
  assert.deepEqual(document.value, { 'x-base': { a: '1' }, b: { a: '1', c: ['x'] }, 1: 'y' })
  assert.equal(parseYaml('', 'p.yaml').value, null)
})

test('a key named __proto__ stays a key', () => {
  const { value } = parseYaml('__proto__: {polluted: true}', 'p.yaml')
  assert.deepEqual(Object.keys(value as object), ['__proto__'])
  assert.equal((value as { polluted?: unknown }).polluted, undefined)
})

test('places of keys and values are told with line, column and text', () => {
  const text =
    'hubs: [a, "b c"]\r\nimages:\r\n  - name: x\r\n    args:\r\n      A: |\r\n        two\r\n        lines\r\n'
  const document = parseYaml(text, 'p.yaml')
  const cases: [(string | number)[], 'key' | 'value', string][] = [
    [['hubs'], 'key', '1:1-5 hubs: [a, "b c"]'],
    [['hubs', 1], 'value', '1:11-16 hubs: [a, "b c"]'],
    [['hubs', 1], 'key', '1:11-16 hubs: [a, "b c"]'],
    [['images', 0, 'name'], 'value', '3:11-12   - name: x'],
    [['images', 0], 'value', '3:5-12   - name: x'],
    [['images', 0, 'args', 'A'], 'key', '5:7-8       A: |'],
    [['images', 0, 'args', 'missing'], 'key', '4:5-9     args:'],
    [['images', 7, 'name'], 'key', '2:1-7 images:'],
    [['nothing'], 'key', '1:1-17 hubs: [a, "b c"]'],
  ]
  for (const [path, side, expected] of cases) {
    const place = document.placeOf(path, side)
    const shown = `${place.line}:${place.column}-${place.endColumn} ${place.lineText}`
    assert.equal(shown, expected, JSON.stringify(path))
  }
})

test('a value behind an alias is found where it is written', () => {
  const document = parseYaml('a: &x\n  k: v\nb: *x\n', 'p.yaml')
  assert.equal(document.placeOf(['b', 'k']).line, 2)
})

test('what is not valid YAML is refused with its place', () => {
  const cases: [string, string, string | undefined][] = [
    ['a: 1\na: 2\n', 'p.yaml is not valid YAML: map keys must be unique', '2:1'],
    ['x: !foo 1', 'p.yaml is not valid YAML: unresolved tag: !foo', '1:4'],
    ['a: 1\n---\nb: 2', 'p.yaml is not valid YAML: it holds more than one document', '2:1'],
    ['? [a]\n: 1', 'p.yaml is not valid YAML: with stringKeys, all keys must be strings', '1:3'],
    [
      'x: *a',
      'p.yaml is not valid YAML: unresolved alias (the anchor must be set before the alias): a',
      undefined,
    ],
  ]
  for (const [text, message, at] of cases) {
    const failure = failureOf(text)
    assert.equal(failure.code, 'PLAN_INVALID')
    assert.equal(failure.message, message)
    assert.equal(failure.at && `${failure.at.line}:${failure.at.column}`, at, message)
  }
  assert.deepEqual(codeFrame(failureOf('a: 1\na: 2\n').at!), ['    2 | a: 2', '      | ^'])
})

test('an alias bomb and endless nesting are refused', () => {
  const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
  for (const [name, of] of ['ba', 'cb', 'dc', 'ed']) {
    levels.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(', ')}]`)
  }
  assert.match(failureOf(levels.join('\n')).message, /excessive alias count/)
  const nested = failureOf('['.repeat(20_000))
  assert.ok(nested.others.length < 5)
  assert.equal(nested.at?.lineText, undefined)
})

test('another code can be asked for', () => {
  assert.throws(() => parseYaml('a: [', 'p.yaml', { code: 'USAGE' }), { code: 'USAGE' })
})

test('documents of one file have places of the file; those that hold nothing are left out', () => {
  const documents = parseYamlDocuments('a: 1\n---\n# nothing\n---\nb:\n  c: 2\n', 'p.yaml')
  assert.deepEqual(
    documents.map(({ value }) => value),
    [{ a: 1 }, { b: { c: 2 } }],
  )
  assert.equal(documents[1]!.placeOf(['b', 'c']).line, 6)
  assert.deepEqual(parseYamlDocuments('', 'p.yaml'), [])
  assert.throws(() => parseYamlDocuments('a: 1\n---\na: 1\na: 2\n', 'p.yaml'), {
    at: { file: 'p.yaml', line: 4, column: 1, endColumn: 2, lineText: 'a: 2' },
  })
})
