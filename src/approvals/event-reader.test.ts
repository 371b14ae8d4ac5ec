import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readEvents } from './event-reader.ts'

async function read(text: string, size = 7) {
  const bytes = Buffer.from(text)
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
  return Array.fromAsync(readEvents(chunks as unknown as AsyncIterable<Uint8Array>, 'events.ndjson'))
}

const approval = {
  kind: 'approval',
  source: 't',
  repo: 'o/r',
  author: { login: 'ada' },
  approver: null,
  state: 'approved',
}

describe('events', () => {
  test('come out of any pieces, the last line ended or not', async () => {
    const line = JSON.stringify({ ...approval, author: { name: 'Ädá 🦀' } })
    for (const text of [`${line}\n\n${line}\n`, `${line}\n${line}`]) {
      const events = await read(text)
      assert.deepEqual(
        events.map((event) => event.kind === 'approval' && event.author?.name),
        ['Ädá 🦀', 'Ädá 🦀'],
      )
    }
  })

  test('count the same in any case of their states', async () => {
    const [event] = await read(JSON.stringify({ ...approval, state: 'APPROVED', was: 'Commented' }))
    assert.deepEqual(event?.kind === 'approval' && [event.state, event.was], ['approved', 'commented'])
  })

  const bad: readonly [object | string, RegExp][] = [
    ['{', /is not JSON/],
    ['1', /is no JSON object/],
    [{ kind: 'aproval' }, /of kind "aproval"/],
    [{ ...approval, state: 'lgtm' }, /a state is approved, .*, not "lgtm"/],
    [{ ...approval, repo: 1 }, /has no repo/],
    [{ ...approval, at: 'yesterday' }, /"yesterday" is no point in time/],
    [{ ...approval, count: 1.5 }, /a count is a whole number, not 1.5/],
    [{ ...approval, outcome: 'lost' }, /an outcome is merged, open, closed, not "lost"/],
    [{ ...approval, author: undefined }, /has no author; one that is gone is null/],
    [{ ...approval, author: { login: 3 } }, /the login of the author is no text/],
    [{ kind: 'source', version: 2, repos: [] }, /events are of version 2, and 1 is what is read/],
  ]
  for (const [line, message] of bad) {
    const text = typeof line === 'string' ? line : JSON.stringify(line)
    test(`such as ${text} are refused with their line`, async () => {
      await assert.rejects(
        read(`${JSON.stringify(approval)}\n${text}\n`),
        (error: { code: string; message: string; at: object }) => {
          assert.equal(error.code, 'APPROVALS_INVALID')
          assert.match(error.message, message)
          assert.deepEqual(error.at, { file: 'events.ndjson', line: 2, column: 1 })
          return true
        },
      )
    })
  }
})
