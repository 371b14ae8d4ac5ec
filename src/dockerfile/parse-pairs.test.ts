import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure, type Place } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'

const only = (line: string) => parseDockerfile(line, 'Dockerfile').instructions[0]!
const marked = ({ lineText, column, endColumn }: Place) => lineText!.slice(column - 1, endColumn! - 1)

describe('ENV and LABEL', () => {
  const cases: [rest: string, pairs: [string, string][], legacy?: boolean][] = [
    ['a=b', [['a', 'b']]],
    [
      'a=b c=d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a= b=',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    ['a=b=c', [['a', 'b=c']]],
    [
      'a="b c" d=\'e f\'',
      [
        ['a', '"b c"'],
        ['d', "'e f'"],
      ],
    ],
    [
      'a=b\\ c d=e',
      [
        ['a', 'b\\ c'],
        ['d', 'e'],
      ],
    ],
    [
      'a="b\\"c d" e=f',
      [
        ['a', '"b\\"c d"'],
        ['e', 'f'],
      ],
    ],
    [
      "a='b\\' c=d",
      [
        ['a', "'b\\'"],
        ['c', 'd'],
      ],
    ],
    ['"a b"=c', [['"a b"', 'c']]],
    ['a="b c', [['a', '"b c']]],
    [
      'a=$b c=${d:-e}',
      [
        ['a', '$b'],
        ['c', '${d:-e}'],
      ],
    ],
    [
      'a=b\u2003c=d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a=ü ö=日',
      [
        ['a', 'ü'],
        ['ö', '日'],
      ],
    ],
    ['a=b\\\\', [['a', 'b\\\\']]],
    ['a b', [['a', 'b']], true],
    ['a   b  c=d "e" ', [['a', 'b  c=d "e"']], true],
    ['a \tb', [['a', 'b']], true],
  ]
  for (const [rest, pairs, legacyForm = false] of cases) {
    it(`read ${JSON.stringify(rest)}`, () => {
      for (const keyword of ['ENV', 'label']) {
        const instruction = only(`${keyword} ${rest}`)
        assert.ok(instruction.keyword === 'ENV' || instruction.keyword === 'LABEL')
        assert.deepEqual(
          instruction.pairs.map(({ name, value }) => [name.text, value.text]),
          pairs,
        )
        assert.equal(instruction.legacyForm, legacyForm)
      }
    })
  }

  it('point at names and values', () => {
    const env = only('ENV one=1 two="x y"')
    assert.ok(env.keyword === 'ENV')
    assert.deepEqual(
      env.pairs.map(({ name, value }) => [marked(name.place), marked(value.place)]),
      [
        ['one', '1'],
        ['two', '"x y"'],
      ],
    )
  })

  const refused: [line: string, under: string][] = [
    ['ENV', 'ENV'],
    ['LABEL', 'LABEL'],
    ['ENV a', 'a'],
    ['ENV a\u00a0b', 'a\u00a0b'],
    ['ENV =b', '='],
    ['ENV a=b c', 'c'],
    ['LABEL a=b =c', '='],
    ['ENV --x a=b', '--x'],
  ]
  for (const [line, under] of refused) {
    it(`refuse ${JSON.stringify(line)}`, () => {
      assert.throws(
        () => only(line),
        (error) => error instanceof Failure && marked(error.at!) === under,
      )
    })
  }
})

describe('ARG', () => {
  const cases: [rest: string, pairs: [string, string | undefined][]][] = [
    ['a', [['a', undefined]]],
    ['a=', [['a', '']]],
    [
      'a=b c d="e f"',
      [
        ['a', 'b'],
        ['c', undefined],
        ['d', '"e f"'],
      ],
    ],
    ['a=$b=c', [['a', '$b=c']]],
  ]
  for (const [rest, pairs] of cases) {
    it(`reads ${rest}`, () => {
      const arg = only(`ARG ${rest}`)
      assert.ok(arg.keyword === 'ARG')
      assert.deepEqual(
        arg.pairs.map(({ name, value }) => [name.text, value?.text]),
        pairs,
      )
    })
  }

  for (const line of ['ARG', 'ARG =a', 'ARG a =b']) {
    it(`refuses ${line}`, () => assert.throws(() => only(line), Failure))
  }
})
