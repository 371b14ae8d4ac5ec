/**
 * The route a request takes, against the rules of the API written down as they stand there: a listener first, then the
 * most specific of all matches of all routes on it. The compiler orders beforehand, the data plane takes the first.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { objectSet } from '../../../../test/support/kube-objects.ts'
import { translated } from '../../../../test/support/translated.ts'
import { compileRoute } from '../../proxy/action/compiled-route.ts'
import { compileTable } from '../../proxy/match/route-table.ts'

interface Match {
  readonly path?: { readonly type: string; readonly value: string }
  readonly method?: string
  readonly headers?: readonly { readonly name: string; readonly value: string }[]
  readonly queryParams?: readonly { readonly name: string; readonly value: string }[]
}

interface Written {
  readonly listeners: readonly string[]
  readonly routes: readonly {
    readonly hostnames: readonly string[]
    /** number of a listener, or nothing for all */
    readonly section: number | undefined
    readonly rules: readonly (readonly Match[])[]
  }[]
}

interface Request {
  readonly host: string
  readonly path: string
  readonly method: string
  readonly version: string
  readonly query: string
}

const value = (name: string) => fc.constantFrom('1', '2').map((given) => [{ name, value: given }])
const match: fc.Arbitrary<Match> = fc.record(
  {
    path: fc.record({
      type: fc.constantFrom('Exact', 'PathPrefix', 'RegularExpression'),
      value: fc.constantFrom('/', '/a', '/a/b', '/ab', '/b'),
    }),
    method: fc.constantFrom('GET', 'POST'),
    headers: value('version'),
    queryParams: value('q'),
  },
  { requiredKeys: [] },
)
const hostnames = ['a.com', 'x.a.com', 'b.com', '*.a.com', '*.x.a.com', '*.com']
const written: fc.Arbitrary<Written> = fc.record({
  listeners: fc.uniqueArray(fc.constantFrom('*', ...hostnames), { minLength: 1, maxLength: 4 }),
  routes: fc.array(
    fc.record({
      hostnames: fc.uniqueArray(fc.constantFrom(...hostnames), { maxLength: 3 }),
      section: fc.option(fc.nat({ max: 1 }), { nil: undefined }),
      rules: fc.array(fc.array(match, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 4 },
  ),
})
const request: fc.Arbitrary<Request> = fc.record({
  host: fc.constantFrom('a.com', 'x.a.com', 'y.x.a.com', 'z.y.x.a.com', 'b.com', 'c.org'),
  path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/a/b/c', '/ab', '/b'),
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  version: fc.constantFrom('1', '2', '3'),
  query: fc.constantFrom('q=1', 'q=2&q=1', 'x=1'),
})

test('a request takes the route that the rules of the API give it', () => {
  fc.assert(
    fc.property(written, fc.array(request, { minLength: 1, maxLength: 12 }), (config, requests) => {
      const routeOf = compiled(config)
      for (const asked of requests)
        assert.equal(routeOf(asked), expected(config, asked), JSON.stringify(asked))
    }),
    { numRuns: 300 },
  )
})

/** Names of routes by the compiler and the matching of the data plane. */
function compiled({ listeners, routes }: Written): (request: Request) => string | undefined {
  const apiVersion = 'gateway.networking.k8s.io/v1'
  const gateway = {
    apiVersion,
    kind: 'Gateway',
    metadata: { name: 'gw' },
    spec: {
      gatewayClassName: 'slipway',
      listeners: listeners.map((hostname, index) => ({
        name: `l${index}`,
        port: 80,
        protocol: 'HTTP',
        ...(hostname === '*' ? {} : { hostname }),
      })),
    },
  }
  const objects = routes.map((route, index) => ({
    apiVersion,
    kind: 'HTTPRoute',
    metadata: { name: `r${index}` },
    spec: {
      parentRefs: [
        { name: 'gw', ...(route.section === undefined ? {} : { sectionName: `l${route.section}` }) },
      ],
      hostnames: route.hostnames,
      rules: route.rules.map((matches) => ({ matches })),
    },
  }))
  const { snapshot } = translated(objectSet(...[gateway, ...objects].map((object) => JSON.stringify(object))))
  const table = compileTable(snapshot.routeConfigurations[0]!, {
    compile: (route) => compileRoute(route, () => undefined),
    onProblem: () => {},
  })
  return ({ host, path, method, version, query }) =>
    table.hostOf(host)?.routeOf({ method, scheme: 'http', host, path, query, headers: ['version', version] })
      ?.route.name
}

/** The same by the words of the API, looking at everything there is. */
function expected({ listeners, routes }: Written, asked: Request): string | undefined {
  const listener = listeners.filter((hostname) => stands(hostname, asked.host)).toSorted(bySpecificity)[0]
  if (listener === undefined) return undefined
  const found = routes.flatMap((route, number) => {
    if (route.section !== undefined && listeners[route.section] !== listener) return []
    const own = route.hostnames.length === 0 ? [listener] : route.hostnames
    const hostname = own
      .flatMap((candidate) =>
        stands(listener, candidate) ? candidate : stands(candidate, listener) ? listener : [],
      )
      .filter((candidate) => stands(candidate, asked.host))
      .toSorted(bySpecificity)[0]
    if (hostname === undefined) return []
    return route.rules.flatMap((matches, rule) =>
      matches.flatMap((written, at) => {
        if (!holds(written, asked)) return []
        const name = `HTTPRoute default/r${number} rule ${rule}${matches.length > 1 ? ` match ${at}` : ''}`
        return [{ name, hostname, match: written, order: [number, rule, at] }]
      }),
    )
  })
  const best = found.toSorted(
    (a, b) =>
      bySpecificity(a.hostname, b.hostname) ||
      compareLists(specificity(b.match), specificity(a.match)) ||
      compareLists(a.order, b.order),
  )[0]
  return best?.name
}

/** Whether a hostname stands for a name, or for all that a wildcard stands for. */
function stands(hostname: string, name: string): boolean {
  if (hostname === '*' || hostname === name) return true
  return hostname.startsWith('*.') && name.endsWith(hostname.slice(1)) && name !== hostname.slice(1)
}

/** Exact ones first, then those with most characters. */
function bySpecificity(a: string, b: string): number {
  return Number(a.startsWith('*')) - Number(b.startsWith('*')) || b.length - a.length
}

function holds({ path, method, headers = [], queryParams = [] }: Match, asked: Request): boolean {
  const { type = 'PathPrefix', value: wanted = '/' } = path ?? {}
  const prefix = wanted === '/' ? '' : wanted
  const isPath =
    type === 'PathPrefix'
      ? asked.path === prefix || asked.path.startsWith(`${prefix}/`)
      : asked.path === wanted
  return (
    isPath &&
    (method === undefined || method === asked.method) &&
    headers.every(({ value: version }) => version === asked.version) &&
    queryParams.every(({ value: q }) => new URLSearchParams(asked.query).get('q') === q)
  )
}

/** Exact, longest prefix, regular expression; method; headers; query. */
function specificity({ path, method, headers = [], queryParams = [] }: Match): number[] {
  const { type = 'PathPrefix', value: wanted = '/' } = path ?? {}
  const length = type === 'PathPrefix' && wanted === '/' ? 0 : wanted.length
  const rank = ['RegularExpression', 'PathPrefix', 'Exact'].indexOf(type)
  return [rank, length, method === undefined ? 0 : 1, headers.length, queryParams.length]
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((item, index) => item !== b[index])
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
