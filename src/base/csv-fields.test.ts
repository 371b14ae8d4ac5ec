import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { csvFields } from './csv-fields.ts'

describe('csvFields', () => {
  const cases: [text: string, fields: string[] | undefined][] = [
    ['a', ['a']],
    ['a=b,c', ['a=b', 'c']],
    ['a,', ['a', '']],
    [',a', ['', 'a']],
    [',', ['', '']],
    ['"a,b",c', ['a,b', 'c']],
    ['"a""b"', ['a"b']],
    ['""', ['']],
    ['"a",', ['a', '']],
    ['', undefined],
    ['a"b', undefined],
    ['"a', undefined],
    ['"a"b', undefined],
    ['b,"a"x', undefined],
  ]
  for (const [text, fields] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(csvFields(text), fields))
  }
})
