import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toByteText } from '../../byte-text.ts'
import { messageReader, messageStyles, type MessageStyle } from './message.ts'

const read = messageReader(['reviewed-by', 'approved-by'], new Set(messageStyles))
const approversOf = (message: string) =>
  read(message).flatMap(({ mentions }) => mentions.map(({ approver }) => approver))

describe('trailers of a message', () => {
  test('are read in any place and any case, up to four blanks in', () => {
    const message = [
      'a title',
      '',
      'REVIEWED-BY: A <a@x>',
      '',
      '  Approved-by : B <b@x>',
      '',
      '(cherry picked)',
      '     Reviewed-by: Quoted <q@x>',
      'Original-Reviewed-by: Old <o@x>',
      'Acked-by: C <c@x>',
      '> Reviewed-by: Quoted <q@x>',
    ].join('\n')
    assert.deepEqual(approversOf(message), [
      { name: 'A', email: 'a@x' },
      { name: 'B', email: 'b@x' },
    ])
    assert.equal(read(message)[0]!.outside, 2)
  })

  test('are counted as empty when they name nobody', () => {
    assert.equal(read('t\n\nReviewed-by:\nReviewed-by: <>\n')[0]!.empty, 2)
  })

  test('may have other keys', () => {
    const acked = messageReader(['acked-by'], new Set(messageStyles))
    assert.equal(acked('t\n\nAcked-by: A <a@x>\nReviewed-by: B <b@x>')[0]!.mentions.length, 1)
  })

  test('may be in any script, in any case', () => {
    const german = messageReader(['geprüft-von'], new Set(messageStyles))
    const [facts] = german(
      toByteText('t\n\nGEPRÜFT-VON: Zoë à <z@x>\nGeprüft-von: Łukasz <l@x>\nGeprvft-von: No'),
    )
    assert.deepEqual(facts!.mentions, [
      { approver: { name: 'Zoë à', email: 'z@x' }, via: 'geprüft-von' },
      { approver: { name: 'Łukasz', email: 'l@x' }, via: 'geprüft-von' },
    ])
  })

  test('end their lines as Windows does', () => {
    assert.deepEqual(approversOf('t\r\n\r\nReviewed-by: A <a@x>\r\n'), [{ name: 'A', email: 'a@x' }])
  })
})

describe('what names a change', () => {
  const cases: readonly [string, string | undefined][] = [
    ['t\n\nChange-Id: I0123456789abcdef\nReviewed-on: https://r.x/c/1', 'I0123456789abcdef'],
    ['t\n\nPR-URL: https://github.com/o/r/pull/12', '#12'],
    ['t\n\nPR-URL: #12', '#12'],
    ['t\n\nReviewed-on: https://r.x/c/tools/+/1', 'https://r.x/c/tools/+/1'],
    ['t\n\nDifferential Revision: https://p.x/D345', 'D345'],
    ['a squashed one (#77)\n\nbody', '#77'],
    ['fixes (#77) in part\n\nbody', undefined],
    ['t\n\nbody', undefined],
  ]
  for (const [message, change] of cases)
    test(`of ${JSON.stringify(message)} is ${change}`, () => assert.equal(read(message)[0]!.change, change))
})

describe('merges of bors', () => {
  test('name author and approvers by login, and the change by number', () => {
    const [facts] = read(
      'Auto merge of #14793 - epage:a-branch, r=weihanglo,ehuss\n\ntitle\n\nReviewed-by: x',
    )
    assert.deepEqual([facts!.change, facts!.author], ['#14793', { login: 'epage' }])
    assert.deepEqual(
      facts!.mentions.map(({ approver }) => approver.login),
      ['weihanglo', 'ehuss'],
    )
  })

  test('were written with a colon and a slash once', () => {
    const [facts] = read('auto merge of #13 : ada/cargo/branch, r=bob\n\ntitle')
    assert.deepEqual([facts!.author, facts!.mentions[0]!.approver], [{ login: 'ada' }, { login: 'bob' }])
  })

  test('of bors-ng hold a line per change', () => {
    const facts = read(
      'Merge #1 #2\n\n1: First r=ada a=bob\n\nbody r=no a=no.\n\n2: Second r=ada,carol a=dan\n',
    )
    assert.deepEqual(
      facts.map(({ change, author, mentions }) => [
        change,
        author?.login,
        mentions.map((each) => each.approver.login),
      ]),
      [
        ['#1', 'bob', ['ada']],
        ['#2', 'dan', ['ada', 'carol']],
      ],
    )
  })

  test('that were tried were approved by nobody', () => {
    assert.deepEqual(read('Auto merge of #1 - a:b, r=<try>')[0]!.mentions, [])
  })
})

test('lines of Phabricator have a blank in their key, no mails, and commas', () => {
  const message =
    't\n\nSummary: s\n\nReviewers: ada, bob, carol\n\nReviewed By: ada, bob\n\nDifferential Revision: D12'
  assert.deepEqual(approversOf(message), [{ login: 'ada' }, { login: 'bob' }])
  const only = messageReader(['reviewed-by'], new Set<MessageStyle>(['trailers']))
  assert.deepEqual(only(message)[0]!.mentions, [])
})
