import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/index.ts'
import { expand, type Scope } from './expand.ts'
import type { PlanText, PlanWarning } from './model.ts'

const env = { HOME: '/h', EMPTY: '', ARCH: 'env' }
const variables = [
  new Map([['ARCH', 'arm64']]),
  new Map([
    ['ARCH', 'shadowed'],
    ['ONE', '1'],
  ]),
]

function written(text: string): PlanText {
  return { text, at: { file: 'p.yaml', line: 3, column: 7, endColumn: 9, lineText: `  x:  ${text}` } }
}

function scope(format: 'slipway' | 'istio', warnings: PlanWarning[] = []): Scope {
  return { variables, env, format, warn: (warning) => warnings.push(warning) }
}

test('variables of slipway.yaml are looked up from the nearest scope to the environment', () => {
  const cases = [
    ['plain', 'plain'],
    ['$ARCH/x', 'arm64/x'],
    ['${ARCH}${ONE}', 'arm641'],
    ['$HOME/${HOME}', '/h//h'],
    ['${NONE:-a b}', 'a b'],
    ['${EMPTY:-x}', 'x'],
    ['${EMPTY-x}', ''],
    ['${NONE-x}', 'x'],
    ['${NONE:-${ALSO:-$ONE}}/z', '1/z'],
    ['${NONE:-}', ''],
    ['$$HOME $${X} 5$$', '$HOME ${X} 5$'],
  ] as const
  for (const [text, expected] of cases)
    assert.equal(expand(written(text), scope('slipway')).text, expected, text)
})

test('the names that were looked up are told', () => {
  assert.deepEqual([...expand(written('${NONE:-$ONE}$HOME'), scope('slipway')).used], ['NONE', 'ONE', 'HOME'])
  assert.deepEqual([...expand(written('${ARCH:-$ONE}'), scope('slipway')).used], ['ARCH'])
})

test('an unset or malformed variable is an error at the variable', () => {
  const cases: [string, string, number, number][] = [
    ['a/${NONE}/b', 'variable NONE is not set', 9, 16],
    ['$NONE', 'variable NONE is not set', 7, 12],
    ['x $(date)', '"$(date)" is not a variable', 9, 11],
    ['${ONE', '"${ONE" is not a variable', 7, 9],
    ['${ONE/a/b}', '"${ONE/a/b}" is not a variable', 7, 9],
    ['cost: 5$', '"$" is not a variable', 14, 15],
    ['${}', '"${}" is not a variable', 7, 9],
  ]
  for (const [text, message, column, endColumn] of cases) {
    assert.throws(
      () => expand(written(text), scope('slipway')),
      (error) => {
        assert.ok(error instanceof Failure)
        assert.equal(error.code, 'PLAN_INVALID')
        assert.equal(error.message, message)
        assert.deepEqual(
          [error.at?.line, error.at?.column, error.at?.endColumn],
          [3, column, endColumn],
          text,
        )
        return true
      },
    )
  }
})

test('the hint of an unset variable suggests a near name, else a default', () => {
  assert.throws(() => expand(written('$ARHC'), scope('slipway')), { hint: 'did you mean "ARCH"?' })
  assert.throws(() => expand(written('$LONELY'), scope('slipway')), {
    hint: 'set it in the environment, or give a default: ${LONELY:-value}',
  })
})

test('variables of docker.yaml are read as os.Expand does', () => {
  const cases = [
    ['${ARCH}/$ONE', 'arm64/1', 0],
    ['${NONE}/x', '/x', 1],
    ['${ARCH:-y}', '', 1],
    ['a$ b$$c', 'a$ bc', 1],
    ['$1abc', 'abc', 1],
  ] as const
  for (const [text, expected, count] of cases) {
    const warnings: PlanWarning[] = []
    assert.equal(expand(written(text), scope('istio', warnings)).text, expected, text)
    assert.equal(warnings.length, count, text)
  }
})

test('a literal text is not expanded', () => {
  assert.equal(expand({ ...written('$NONE'), isLiteral: true }, scope('slipway')).text, '$NONE')
})
