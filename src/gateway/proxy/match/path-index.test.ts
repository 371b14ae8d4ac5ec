import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { RouteMatch } from '../../model/index.ts'
import { indexPaths } from './path-index.ts'
import { compilePredicates, compileText } from './predicates.ts'
import type { RequestView } from './request-view.ts'

const view = (path: string, rest: Partial<RequestView> = {}): RequestView => ({
  method: 'GET',
  scheme: 'http',
  host: 'example.com',
  path,
  query: undefined,
  headers: [],
  ...rest,
})

/** The definition: a walk through the list. */
function walk(matches: readonly RouteMatch[], request: RequestView): number {
  return matches.findIndex(
    (match) => holds(match.path, request.path) && compilePredicates(match).every((is) => is(request)),
  )
}

function holds(match: RouteMatch['path'], path: string): boolean {
  if (match.kind !== 'path-prefix') return compileText(match)(path)
  const value = match.value.replace(/\/+$/, '')
  return path === value || path.startsWith(`${value}/`)
}

const segment = fc.constantFrom('a', 'b', 'A', 'ab', '', '%2F')
const path = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`)
const pathMatch: fc.Arbitrary<RouteMatch['path']> = fc.oneof(
  path.map((value) => ({ kind: 'exact' as const, value })),
  path.map((value) => ({ kind: 'exact' as const, value, ignoreCase: true })),
  path.map((value) => ({ kind: 'prefix' as const, value })),
  path.map((value) => ({ kind: 'prefix' as const, value, ignoreCase: true })),
  path.map((value) => ({ kind: 'path-prefix' as const, value })),
  fc.constant({ kind: 'path-prefix' as const, value: '' }),
  fc.constantFrom('/a.*', '/[ab]/.*', '/', '.*b').map((value) => ({ kind: 'regex' as const, value })),
)
const routeMatch: fc.Arbitrary<RouteMatch> = fc.record(
  {
    path: pathMatch,
    method: fc.constantFrom('GET', 'POST').map((value) => ({ kind: 'exact' as const, value })),
    headers: fc.constant([{ name: 'x', value: { kind: 'present' as const } }]),
  },
  { requiredKeys: ['path'] },
)

describe('the index of paths', () => {
  test('finds what a walk through the list finds', () => {
    const cases = fc.record({
      matches: fc.array(routeMatch, { maxLength: 12 }),
      path,
      method: fc.constantFrom('GET', 'POST'),
      headers: fc.constantFrom<string[]>([], ['X', '1']),
    })
    fc.assert(
      fc.property(cases, ({ matches, path: asked, method, headers }) => {
        const request = view(asked, { method, headers })
        assert.equal(indexPaths(matches).find(request), walk(matches, request))
      }),
      { numRuns: 3000 },
    )
  })

  test('a regular expression that RE2 does not know never matches, and is told', () => {
    const index = indexPaths([
      { path: { kind: 'regex', value: '(?=a)b' } },
      { path: { kind: 'path-prefix', value: '' } },
    ])
    assert.equal(index.find(view('/a')), 1)
    assert.equal(index.problems.length, 1)
    assert.equal(index.problems[0]?.route, 0)
  })

  test('a pattern that explodes elsewhere takes linear time', () => {
    const index = indexPaths([{ path: { kind: 'regex', value: '/(a+)+$' } }])
    assert.equal(index.find(view(`/${'a'.repeat(5000)}!`)), -1)
  })

  test('a path of thousands of slashes is looked at as far as prefixes are long', () => {
    const index = indexPaths([{ path: { kind: 'path-prefix', value: '/a' } }])
    assert.equal(index.find(view('/'.repeat(60_000))), -1)
    assert.equal(index.find(view(`/a${'/'.repeat(60_000)}`)), 0)
  })
})
