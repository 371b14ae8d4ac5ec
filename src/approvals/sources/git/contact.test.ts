import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseContacts } from './contact.ts'

describe('the value of a trailer', () => {
  const cases: readonly [string, ReturnType<typeof parseContacts>][] = [
    ['Ada Byron <ada@x.org>', [{ name: 'Ada Byron', email: 'ada@x.org' }]],
    ['  Ada   Byron  < Ada@X.org > (maintainer)', [{ name: 'Ada Byron', email: 'Ada@X.org' }]],
    ['"Ada Byron" <ada@x.org> # late', [{ name: 'Ada Byron', email: 'ada@x.org' }]],
    ['ada@x.org', [{ email: 'ada@x.org' }]],
    ['<ada@x.org>', [{ email: 'ada@x.org' }]],
    ['Ada Byron <ada at x.org>', [{ name: 'Ada Byron', email: 'ada@x.org' }]],
    ['Ada Byron <ada<at>x.org>', [{ name: 'Ada Byron', email: 'ada@x.org' }]],
    ['@ada', [{ login: 'ada' }]],
    ['ada, bob,carol', [{ login: 'ada' }, { login: 'bob' }, { login: 'carol' }]],
    ['Ada Byron', [{ name: 'Ada Byron' }]],
    [
      'Ada Byron <ada@x.org>, Bob Roe <bob@x.org> and Carol Doe <c@x.org>',
      [
        { name: 'Ada Byron', email: 'ada@x.org' },
        { name: 'Bob Roe', email: 'bob@x.org' },
        { name: 'Carol Doe', email: 'c@x.org' },
      ],
    ],
    ['Byron, Ada <ada@x.org>', [{ name: 'Byron, Ada', email: 'ada@x.org' }]],
    ['', []],
    ['<>', []],
    ['-', []],
  ]
  for (const [value, people] of cases)
    test(`${JSON.stringify(value)} is ${people.length} people`, () =>
      assert.deepEqual(parseContacts(value), people))
})
