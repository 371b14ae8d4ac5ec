import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newCollector } from '../collect.ts'
import type { ApprovalEvent } from '../event.ts'
import { resolveIdentities } from '../identity/identities.ts'
import type { KnownPerson } from '../identity/people-file.ts'
import { countApprovals, type CountOptions } from './count.ts'

type Short = Partial<ApprovalEvent>

/** Events of ada approving a change of bob, but for what is said. */
function count(events: readonly Short[], options: CountOptions = {}, known: readonly KnownPerson[] = []) {
  const collector = newCollector()
  for (const [index, event] of events.entries())
    collector.add({
      kind: 'approval',
      source: 'test',
      repo: 'r',
      change: '#1',
      review: String(index),
      approver: { id: '1', login: 'ada' },
      author: { id: '2', login: 'bob' },
      at: `2020-01-${String(index + 1).padStart(2, '0')}T00:00:00Z`,
      state: 'approved',
      ...event,
    })
  const collected = collector.finish()
  return countApprovals(
    collected,
    resolveIdentities(
      collected.people,
      collected.people.map(() => 0),
      { known },
    ),
    options,
  )
}
const totals = (events: readonly Short[], options: CountOptions = {}) => {
  const { reviews, changes, latest } = count(events, options).totals
  return [reviews, changes, latest]
}

describe('reviews, changes and latest opinions', () => {
  const cases: readonly [string, readonly Short[], readonly number[]][] = [
    ['three approvals of one change', [{}, {}, {}], [3, 1, 1]],
    ['approved, then commented', [{}, { state: 'commented' }], [1, 1, 1]],
    ['approved, then changes requested', [{}, { state: 'changes_requested' }], [1, 1, 0]],
    ['changes requested, then approved', [{ state: 'changes_requested' }, {}], [1, 1, 1]],
    ['approved, then dismissed', [{ state: 'dismissed', was: 'approved' }], [0, 1, 0]],
    ['dismissed, and nobody knows what it was', [{ state: 'dismissed' }], [0, 0, 0]],
    ['pending', [{ state: 'pending', at: undefined }], [0, 0, 0]],
    ['one number in two repositories', [{ repo: 'a' }, { repo: 'b' }], [2, 2, 2]],
    ['a row of 100', [{ count: 100, change: undefined, at: undefined }], [100, 100, 100]],
    ['one change of two authors', [{}, { author: { id: '3', login: 'carol' } }], [2, 2, 2]],
  ]
  for (const [what, events, expected] of cases)
    test(`of ${what} are ${expected.join(', ')}`, () => assert.deepEqual(totals(events), expected))

  test('take the order of time, not that of the stream', () => {
    const late = { state: 'changes_requested', at: '2021-01-01T00:00:00Z' } as const
    assert.deepEqual(totals([late, {}]), [1, 1, 0])
  })
})

describe('filters', () => {
  const at = '2020-01-01T00:00:00Z'
  const since = Date.parse(at)
  test('have the beginning of a range in it, and out where that is strict', () => {
    assert.deepEqual(totals([{ at }], { since }), [1, 1, 1])
    assert.deepEqual(totals([{ at }], { since, isSinceStrict: true }), [0, 0, 0])
  })
  test('have the end of a range out of it', () => {
    assert.deepEqual(totals([{ at }], { until: since }), [0, 0, 0])
    assert.deepEqual(totals([{ at }], { until: since + 1 }), [1, 1, 1])
  })
  test('leave out programs and own changes, and say so', () => {
    const bot = { id: '9', login: 'x', type: 'bot' } as const
    const own = { id: '2', login: 'bob' }
    const {
      totals: sums,
      dropped,
      selfApprovals,
    } = count([{}, { approver: bot }, { approver: own }, { state: 'commented' }])
    assert.equal(sums.changes, 1)
    assert.deepEqual(dropped, [
      { reason: 'bots', rows: 1 },
      { reason: 'own changes', rows: 1 },
      { reason: 'state commented', rows: 1 },
    ])
    assert.equal(selfApprovals, 1)
  })
  test('take co-authors for authors', () => assert.deepEqual(totals([{ coauthor: true }]), [0, 0, 0]))
  test('keep ghosts as one, never with programs, and two of them are no own change', () => {
    assert.deepEqual(
      totals([{ approver: null }, { author: null }, { approver: null, author: null }]),
      [3, 3, 3],
    )
    assert.deepEqual(totals([{ approver: null }, {}], { excludeGhosts: true }), [1, 1, 1])
  })
  test('know what became of a change', () => {
    assert.deepEqual(
      totals([{ outcome: 'closed' }, { outcome: 'merged', change: '#2' }], { outcome: 'merged' }),
      [1, 1, 1],
    )
  })
})

test('teams are those of the date of an approval', () => {
  const start = Date.parse('2020-02-01T00:00:00Z')
  const known: KnownPerson[] = [
    {
      name: 'ada',
      is: [],
      isBot: false,
      memberships: [
        { team: 'old', start: -Infinity, end: start },
        { team: 'new', start, end: Infinity },
      ],
    },
  ]
  const events = [{}, { change: '#2', at: '2020-03-01T00:00:00Z' }]
  const { parties, cells } = count(events, { groupBy: 'team' }, known)
  const pairs = Array.from(cells.approver, (approver, index) => [
    parties[approver]!.label,
    parties[cells.author[index]!]!.label,
    cells.changes[index],
  ])
  assert.deepEqual(pairs, [
    ['new', '(no team)', 1],
    ['old', '(no team)', 1],
  ])
})

test('the first approval dates a change, and how long it waited', () => {
  const opened = '2019-12-31T00:00:00Z'
  assert.equal(count([{ opened }, { opened }]).medianWaitMs, 24 * 3600 * 1000)
})
