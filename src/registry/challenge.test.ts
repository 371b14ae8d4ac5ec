import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChallenges } from './challenge.ts'

const cases: readonly [
  header: string,
  ...challenges: [scheme: string, parameters: Record<string, string>][],
][] = [
  ['Basic realm="x"', ['basic', { realm: 'x' }]],
  ['Basic', ['basic', {}]],
  [
    'Bearer realm="https://auth/token",service="r",scope="repository:a:pull,push"',
    ['bearer', { realm: 'https://auth/token', service: 'r', scope: 'repository:a:pull,push' }],
  ],
  [
    'Basic realm="a, b", Bearer realm="c",service=d',
    ['basic', { realm: 'a, b' }],
    ['bearer', { realm: 'c', service: 'd' }],
  ],
  ['Negotiate, NTLM, BEARER Realm = "x"', ['negotiate', {}], ['ntlm', {}], ['bearer', { realm: 'x' }]],
  [
    'Bearer realm="say \\"hi\\" \\\\",error="invalid_token"',
    ['bearer', { realm: 'say "hi" \\', error: 'invalid_token' }],
  ],
  ['Bearer realm="never closed', ['bearer', { realm: 'never closed' }]],
  ['Bearer realm=', ['bearer', { realm: '' }]],
  [''],
  ['"=,;('],
]

for (const [header, ...expected] of cases) {
  test(`${JSON.stringify(header)} has ${expected.length} challenges`, () => {
    const found = parseChallenges(header).map(({ scheme, parameters }) => [
      scheme,
      Object.fromEntries(parameters),
    ])
    assert.deepEqual(found, expected)
  })
}

test('a hostile header of half a megabyte is read in linear time', { timeout: 5000 }, () => {
  assert.equal(parseChallenges(`Bearer ${'a="'.repeat(170_000)}`).length, 1)
})
