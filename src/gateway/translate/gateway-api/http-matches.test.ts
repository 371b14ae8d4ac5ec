import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { milliseconds } from './durations.ts'
import { grpcMatch, httpMatch } from './http-matches.ts'

/** Larger ranks come first. */
function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, index) => value !== b[index])
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0)
}

function rankOf(matched: ReturnType<typeof httpMatch>): readonly number[] {
  assert.ok('rank' in matched)
  return matched.rank
}

describe('matches of an HTTPRoute', () => {
  test('nothing written is every path', () => {
    assert.deepEqual(httpMatch({}), {
      match: { path: { kind: 'path-prefix', value: '' } },
      rank: [1, 0, 0, 0, 0],
    })
  })

  test('the first entry of a header counts, names of headers fold their case, names of parameters do not', () => {
    const matched = httpMatch({
      headers: [
        { name: 'Version', value: 'one' },
        { name: 'version', value: 'two' },
      ],
      queryParams: [
        { name: 'a', value: '1' },
        { name: 'A', value: '2', type: 'RegularExpression' },
      ],
    })
    assert.ok('match' in matched)
    assert.deepEqual(matched.match.headers, [{ name: 'version', value: { kind: 'exact', value: 'one' } }])
    assert.deepEqual(matched.match.query, [
      { name: 'a', value: { kind: 'exact', value: '1' } },
      { name: 'A', value: { kind: 'regex', value: '2' } },
    ])
  })

  test('precedence: exact, longest prefix, regex; method; headers; query', () => {
    const path = (type: 'Exact' | 'PathPrefix' | 'RegularExpression', value: string) => ({
      path: { type, value },
    })
    const header = { headers: [{ name: 'a', value: 'b' }] }
    const query = { queryParams: [{ name: 'a', value: 'b' }] }
    const ordered = [
      httpMatch(path('Exact', '/a')),
      httpMatch(path('PathPrefix', '/abc/')),
      httpMatch(path('PathPrefix', '/abc')),
      httpMatch({ ...path('PathPrefix', '/ab'), method: 'GET' }),
      httpMatch({ ...path('PathPrefix', '/ab'), ...header, ...query }),
      httpMatch({ ...path('PathPrefix', '/ab'), ...header }),
      httpMatch({ ...path('PathPrefix', '/ab'), ...query }),
      httpMatch(path('PathPrefix', '/ab')),
      httpMatch(path('RegularExpression', '/a.*b.*c.*d')),
      httpMatch(path('RegularExpression', '/a.*')),
    ].map(rankOf)
    for (const [index, rank] of ordered.entries()) {
      const next = ordered[index + 1]
      const isEqual = index === 1 // a trailing slash makes no difference
      if (next) assert.equal(isBefore(rank, next), !isEqual, `${index} before ${index + 1}`)
    }
  })

  test('what RE2 does not know is wrong', () => {
    const matched = httpMatch({ path: { type: 'RegularExpression', value: '/(?=x)' } })
    assert.match('wrong' in matched ? matched.wrong : '', /^\/\(\?=x\) is no regular expression of RE2/)
  })
})

describe('matches of a GRPCRoute', () => {
  const path = (service?: string, method?: string, type?: 'Exact' | 'RegularExpression') => {
    const matched = grpcMatch({
      method: { ...(type ? { type } : {}), ...(service ? { service } : {}), ...(method ? { method } : {}) },
    })
    assert.ok('match' in matched)
    assert.equal(matched.match.grpc, true)
    return matched.match.path
  }

  test('service, method, both, expressions', () => {
    assert.deepEqual(path('a.B', 'C'), { kind: 'exact', value: '/a.B/C' })
    assert.deepEqual(path('a.B'), { kind: 'prefix', value: '/a.B/' })
    assert.deepEqual(path(undefined, 'C'), { kind: 'regex', value: '/[^/]+/C' })
    assert.deepEqual(path('a.*', undefined, 'RegularExpression'), { kind: 'regex', value: '/(?:a.*)/[^/]+' })
    assert.deepEqual(path(), { kind: 'path-prefix', value: '' })
  })

  test('precedence: characters of the service, of the method, then headers', () => {
    const longer = grpcMatch({ method: { service: 'a.Long' } })
    const shorter = grpcMatch({ method: { service: 'a.B', method: 'LongMethod' } })
    assert.ok(isBefore(rankOf(longer), rankOf(shorter)))
  })
})

test('durations of GEP-2257', () => {
  assert.equal(milliseconds('1h2m3s4ms'), 3_723_004)
  assert.equal(milliseconds('0s'), 0)
  assert.equal(milliseconds('1.5s'), undefined)
  assert.equal(milliseconds(undefined), undefined)
})
