import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { csvField, csvRows } from '../../render/csv-rows.ts'
import { csvRecords } from './csv-records.ts'
import { readRows, type RowsOptions } from './rows-source.ts'

const rows = (text: string, options: RowsOptions = {}) =>
  readRows(text, 'f', options).flatMap((record) =>
    record.kind === 'approval'
      ? [
          [
            record.approver?.login ?? record.approver?.name,
            record.author?.login ?? record.author?.name,
            record.count,
          ],
        ]
      : [],
  )

describe('rows', () => {
  test('of the original are approver, author, count, with numbers as text too', () => {
    assert.deepEqual(rows('{"rows": [["b", "a", 100], ["c", "a", "5"], ["", null, 2]]}'), [
      ['b', 'a', 100],
      ['c', 'a', 5],
      [undefined, undefined, 2],
    ])
  })

  test('of a table are by its first line, in any order', () => {
    assert.deepEqual(rows('author,approver,count\na,b,1\n'), [['b', 'a', 1]])
    assert.deepEqual(rows('\ufeffCount,Reviewer,Author,Team\r\n1,b,a,x\r\n'), [['b', 'a', 1]])
    assert.deepEqual(rows('# a comment, with a comma\napprover,author,count\n\n"x, ""y""","l\n2",3\n'), [
      ['x, "y"', 'l\n2', 3],
    ])
  })

  test('of a table that does not say whose column is whose are asked about', () => {
    const hint = { code: 'APPROVALS_INVALID', hint: /--columns/ }
    assert.throws(() => rows('a,b,1\n'), hint)
    assert.throws(() => rows('from,to,value\na,b,1\n'), hint)
    assert.deepEqual(rows('from,to,value\na,b,1\n', { columns: ['author', 'approver', 'count'] }), [
      ['b', 'a', 1],
    ])
    assert.deepEqual(rows('a,b,1\n', { columns: ['approver', 'author', 'count'] }), [['a', 'b', 1]])
  })

  const bad: readonly [string, RegExp][] = [
    ['author,approver,count\na,b\n', /2 fields, where there are 3 columns/],
    ['author,approver,count\na,b,many\n', /"many" is no count/],
    ['author,approver,count\n"a"x,b,1\n', /a quote stands where none may/],
    ['{"rows": [["a", "b"]]}', /row 1 of f is \["a","b"\]/],
    ['{"rows": {}}', /has no list "rows"/],
    ['{"rows": ', /is not JSON/],
  ]
  for (const [text, message] of bad)
    test(`refuse ${JSON.stringify(text)}`, () =>
      assert.throws(() => rows(text), { code: 'APPROVALS_INVALID', message }))
})

describe('a field of a table', () => {
  test('is no formula for a spreadsheet', () => {
    for (const text of ['=cmd', '+1', '-1', '@x', '\tx']) assert.match(csvField(text), /^"?'/)
  })

  test('comes back as it was', () => {
    const name = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .map((text) => text.trim())
      .filter((text) => text !== '' && !/^'[=+\-@]/.test(text))
    fc.assert(
      fc.property(name, name, fc.nat(), (author, approver, count) => {
        const [row] = rows(csvRows([{ author, approver, count }]))
        assert.deepEqual(
          row,
          [approver, author, count].map((each) => (each === 'ghost' ? undefined : each)),
        )
      }),
    )
  })

  test('is read with its line', () => {
    assert.deepEqual(
      [...csvRecords('a,"x\ny"\nb,c\n')],
      [
        { line: 1, fields: ['a', 'x\ny'] },
        { line: 3, fields: ['b', 'c'] },
      ],
    )
  })
})
