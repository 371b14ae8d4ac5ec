import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { outcomes, reviewStates, type ApprovalEvent } from './event.ts'
import { parseEvent } from './event-reader.ts'
import { eventFormat } from './event-writer.ts'

test('approvals come back from their lines as they were', () => {
  const text = fc.string({ unit: 'binary' })
  const time = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
    .map((date) => date.toISOString())
  const person = fc.option(
    fc.record({ id: text, login: text, name: text, email: text }, { requiredKeys: [] }),
  )
  const optional = {
    change: text,
    review: text,
    at: time,
    was: fc.constantFrom(...reviewStates),
    outcome: fc.constantFrom(...outcomes),
    opened: time,
    coauthor: fc.constant(true),
    count: fc.nat(),
    via: text,
  }
  const event = fc.record(
    {
      kind: fc.constant('approval' as const),
      source: text,
      repo: text,
      author: person,
      approver: person,
      state: fc.constantFrom(...reviewStates),
      ...optional,
    },
    { requiredKeys: ['kind', 'source', 'repo', 'author', 'approver', 'state'] },
  )
  const format = eventFormat()
  fc.assert(
    fc.property(event, (record) => {
      const line = format([record as ApprovalEvent]).toString()
      assert.equal(line.indexOf('\n'), line.length - 1)
      assert.deepEqual(parseEvent(line, 'f', 1), JSON.parse(JSON.stringify(record)))
    }),
  )
})
