import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPeople } from './people-file.ts'

test('a file of people says who is the same, who is a program, and who was where', () => {
  const text = `people:
  - name: Ada Byron
    is: [ada, ada@x.org]
    teams: [{ team: engines, end: 2022-01-01 }, { team: numbers, start: 2022-01-01 }]
  - { name: our-ci, bot: true }
  - { name: Bob, team: engines }
`
  const change = Date.parse('2022-01-01')
  assert.deepEqual(readPeople(text, 'people.yaml'), [
    {
      name: 'Ada Byron',
      is: ['ada', 'ada@x.org'],
      isBot: false,
      memberships: [
        { team: 'engines', start: -Infinity, end: change },
        { team: 'numbers', start: change, end: Infinity },
      ],
    },
    { name: 'our-ci', is: [], isBot: true, memberships: [] },
    {
      name: 'Bob',
      is: [],
      isBot: false,
      memberships: [{ team: 'engines', start: -Infinity, end: Infinity }],
    },
  ])
})

const bad: readonly [string, RegExp, number][] = [
  ['people:\n  - { nam: Ada }\n', /unknown key "nam"|has no "name"/, 2],
  ['people:\n  - { name: Ada, teams: [{ team: x, start: soon }] }\n', /is not a day such as/, 2],
  ['people:\n  - { name: Ada, is: [a] }\n  - { name: Bob, is: [A] }\n', /"A" is Ada and Bob/, 3],
]
for (const [text, message, line] of bad)
  test(`${JSON.stringify(text)} is refused with its line`, () =>
    assert.throws(
      () => readPeople(text, 'p'),
      (error: { code: string; message: string; at: { line: number } }) => {
        assert.equal(error.code, 'APPROVALS_INVALID')
        assert.match(error.message, message)
        assert.equal(error.at.line, line)
        return true
      },
    ))
