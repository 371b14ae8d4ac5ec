import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitDocuments } from './chunk.ts'

const cases: readonly [name: string, text: string, expected: readonly [string, number][]][] = [
  ['nothing', '', []],
  ['comments only', '# a\n---\n# b\n', []],
  ['one without a marker', 'a: 1\n', [['a: 1\n', 0]]],
  [
    'two',
    'a: 1\n---\nb: 2\n',
    [
      ['a: 1\n', 0],
      ['---\nb: 2\n', 1],
    ],
  ],
  [
    'an empty one between',
    'a: 1\n---\n---\nb: 2\n',
    [
      ['a: 1\n', 0],
      ['---\nb: 2\n', 2],
    ],
  ],
  [
    'content on the line of the marker',
    '--- {a: 1}\n--- # x\nb: 2\n',
    [
      ['--- {a: 1}\n', 0],
      ['--- # x\nb: 2\n', 1],
    ],
  ],
  [
    'an end marker',
    'a: 1\n...\nb: 2\n',
    [
      ['a: 1\n', 0],
      ['\nb: 2\n', 1],
    ],
  ],
  ['a directive stays with its document', '%YAML 1.2\n---\na: 1\n', [['%YAML 1.2\n---\na: 1\n', 0]]],
  ['dashes that are no marker', 'a: |\n  ---\n  x\n----: 1\n', [['a: |\n  ---\n  x\n----: 1\n', 0]]],
  [
    'CRLF',
    'a: 1\r\n---\r\nb: 2\r\n',
    [
      ['a: 1\r\n', 0],
      ['---\r\nb: 2\r\n', 1],
    ],
  ],
]
for (const [name, text, expected] of cases) {
  test(`documents of a file: ${name}`, () =>
    assert.deepEqual(
      splitDocuments(text).map((chunk) => [chunk.text, chunk.linesBefore]),
      expected,
    ))
}
