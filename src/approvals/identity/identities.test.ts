import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Person } from '../event.ts'
import { resolveIdentities, type IdentityOptions } from './identities.ts'

const resolve = (people: readonly (Person | null)[], options: IdentityOptions = {}) =>
  resolveIdentities([null, ...people], [0, ...people.map((_, index) => index + 1)], options)
/** Labels in the order of people, and their kinds. */
const labels = (people: readonly (Person | null)[], options: IdentityOptions = {}) => {
  const { of, list } = resolve(people, options)
  return people.map((_, index) => list[of[index + 1]!]!.label)
}

describe('one person', () => {
  const pairs: readonly [string, Person, Person, boolean][] = [
    [
      'a renamed login with the same id',
      { id: 'github:1', login: 'old' },
      { id: 'github:1', login: 'new' },
      true,
    ],
    [
      'a login that another id took over',
      { id: 'github:1', login: 'a' },
      { id: 'github:2', login: 'a' },
      false,
    ],
    ['a mail in another case', { name: 'A', email: 'A@x.org' }, { name: 'B', email: 'a@X.org' }, true],
    ['a mail with a tag', { name: 'A', email: 'a+git@x.org' }, { name: 'B', email: 'a@x.org' }, true],
    [
      'a hidden mail with an id',
      { id: 'github:7', login: 'ada' },
      { name: 'Ada', email: '7+old@users.noreply.github.com' },
      true,
    ],
    [
      'a hidden mail with a login',
      { login: 'ada' },
      { name: 'Ada', email: 'Ada@users.noreply.github.com' },
      true,
    ],
    ['a login and the same login with an id', { login: 'Ada' }, { id: 'github:7', login: 'ada' }, true],
    ['a handle that begins a mail', { login: 'ada' }, { name: 'Ada Byron', email: 'ada@x.org' }, true],
    ['a name alone', { name: 'ada byron' }, { name: 'Ada Byron', email: 'ada@x.org' }, true],
    [
      'one full name with two mails',
      { name: 'Ada Byron', email: 'a@x' },
      { name: 'Ada Byron', email: 'b@x' },
      true,
    ],
    [
      'one word as a name with two mails',
      { name: 'Ada', email: 'a@x' },
      { name: 'Ada', email: 'b@x' },
      false,
    ],
    ['one full name with two ids', { id: 'g:1', name: 'Ada Byron' }, { id: 'g:2', name: 'Ada Byron' }, false],
  ]
  for (const [what, one, other, isOne] of pairs)
    test(`${isOne ? 'is' : 'is not'} ${what}`, () => {
      assert.equal(resolve([one, other]).list.length, isOne ? 2 : 3)
      assert.equal(resolve([other, one]).list.length, isOne ? 2 : 3)
    })

  test('is not a handle that could be two', () => {
    const people = [{ login: 'ada' }, { name: 'A A', email: 'ada@x' }, { name: 'B B', email: 'ada@y' }]
    assert.equal(resolve(people).list.length, 4)
  })

  test('is not one full name where that is not wanted', () => {
    const people = [
      { name: 'Ada Byron', email: 'a@x' },
      { name: 'Ada Byron', email: 'b@x' },
    ]
    assert.deepEqual(labels(people, { mergeNames: false }), ['Ada Byron', 'Ada Byron (2)'])
  })

  test('is told with the reasons', () => {
    const { merges } = resolve([
      { name: 'Ada Byron', email: 'a@x' },
      { name: 'Ada Byron', email: 'b@x' },
      { name: 'C', email: 'c@x' },
    ])
    assert.deepEqual(
      merges.map(({ label, reasons, spellings }) => [label, reasons, spellings.length]),
      [['Ada Byron', ['name'], 2]],
    )
  })
})

describe('programs', () => {
  test('are one however hosts spell them', () => {
    const people: Person[] = [
      { id: 'github:9', login: 'dependabot', type: 'bot' },
      { id: 'github:8', login: 'dependabot[bot]' },
      { login: 'app/dependabot' },
      { name: 'dependabot[bot]', email: '49699333+dependabot[bot]@users.noreply.github.com' },
    ]
    const { list } = resolve(people)
    assert.deepEqual(
      list.map(({ label, kind }) => [label, kind]),
      [
        ['ghost', 'ghost'],
        ['dependabot', 'bot'],
      ],
    )
  })

  test('are known by exact names only', () => {
    const people: Person[] = [
      { name: 'Jay Talbott', email: 'jay@x' },
      { login: 'botanist' },
      { login: 'istio-testing' },
    ]
    assert.deepEqual(
      resolve(people).list.map(({ kind }) => kind),
      ['ghost', 'person', 'person', 'bot'],
    )
    assert.equal(resolve([{ login: 'our-ci' }], { bots: ['Our-CI'] }).list[1]!.kind, 'bot')
  })
})

describe('labels', () => {
  test('are logins where there are ids, the newest first, and names elsewhere', () => {
    assert.deepEqual(
      labels([
        { id: 'g:1', login: 'old', name: 'Ada' },
        { id: 'g:1', login: 'new' },
      ]),
      ['new', 'new'],
    )
    assert.deepEqual(labels([{ name: 'Ada', email: 'a@x' }]), ['Ada'])
  })

  test('never show a mail', () => {
    assert.deepEqual(labels([{ email: 'ada@x.org' }, { name: 'bob@x.org', email: 'bob@x.org' }]), [
      'ada',
      'bob',
    ])
  })

  test('are never two alike', () => {
    const people = [
      { id: 'g:1', login: 'ada' },
      { id: 'h:1', login: 'Ada' },
      { id: 'i:1', login: 'ada (2)' },
    ]
    assert.equal(new Set(labels(people).map((label) => label.toLowerCase())).size, 3)
  })

  test('of the file of people come first', () => {
    const known = [{ name: 'Ada', is: ['ada@x', 'abyron'], isBot: false, memberships: [] }]
    assert.deepEqual(labels([{ login: 'abyron' }, { name: 'A. B.', email: 'ADA@x' }], { known }), [
      'Ada',
      'Ada',
    ])
  })
})
