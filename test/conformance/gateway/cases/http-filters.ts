/** Filters of HTTPRoutes: headers, redirects, rewrites. */
import assert from 'node:assert/strict'
import { ask, type ExpectedAnswer } from '../client.ts'
import { expectRows, type Row } from '../expecting.ts'
import { edited, edits, httpTable, toBeEdited, type Rule } from '../http-table.ts'
import { backends, gateway, http, matching, route } from '../objects.ts'
import {
  filter,
  filtered,
  fullPath,
  prefix,
  prefixPath,
  type HeaderModifier,
  type SuiteCase,
} from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'

const v = (version: number) => `infra-backend-v${version}`

const modifiers: Readonly<Record<string, HeaderModifier>> = {
  '/set': { set: { 'X-Header-Set': 'set-overwrites-values' } },
  '/add': { add: { 'X-Header-Add': 'add-appends-values' } },
  '/remove': { remove: ['X-Header-Remove'] },
  '/multiple': {
    set: { 'X-Header-Set-1': 'header-set-1', 'X-Header-Set-2': 'header-set-2' },
    add: {
      'X-Header-Add-1': 'header-add-1',
      'X-Header-Add-2': 'header-add-2',
      'X-Header-Add-3': 'header-add-3',
    },
    remove: ['X-Header-Remove-1', 'X-Header-Remove-2'],
  },
  '/case-insensitivity': {
    set: { 'X-Header-Set': 'header-set' },
    add: { 'X-Header-Add': 'header-add', 'X-mixeDcase-ADD': 'mixedcase-add' },
    remove: ['X-Header-Remove'],
  },
}

/** What a message with headers has after them: `headers` and those that are gone. */
const modified: readonly (readonly [string, string, Record<string, string>, readonly string[]])[] = [
  [
    '/set',
    'Some-Other-Header=val',
    { 'some-other-header': 'val', 'x-header-set': 'set-overwrites-values' },
    [],
  ],
  ['/set', 'X-Header-Set=other', { 'x-header-set': 'set-overwrites-values' }, []],
  ['/add', 'Some-Other-Header=val', { 'some-other-header': 'val', 'x-header-add': 'add-appends-values' }, []],
  ['/add', 'X-Header-Add=some-other', { 'x-header-add': 'some-other,add-appends-values' }, []],
  ['/remove', 'X-Header-Remove=val', {}, ['x-header-remove']],
  [
    '/multiple',
    'X-Header-Set-2=set-val-2 X-Header-Add-2=add-val-2 X-Header-Remove-2=remove-val-2 Another-Header=another',
    {
      'x-header-set-1': 'header-set-1',
      'x-header-set-2': 'header-set-2',
      'x-header-add-1': 'header-add-1',
      'x-header-add-2': 'add-val-2,header-add-2',
      'x-header-add-3': 'header-add-3',
      'another-header': 'another',
    },
    ['x-header-remove-1', 'x-header-remove-2'],
  ],
  [
    '/case-insensitivity',
    'x-header-set=original-set x-header-add=original-add x-header-remove=original-remove Another-Header=another',
    {
      'x-header-set': 'header-set',
      'x-header-add': 'original-add,header-add',
      'x-mixedcase-add': 'mixedcase-add',
      'another-header': 'another',
    },
    ['x-header-remove'],
  ],
]

const requestRows: readonly Row[] = modified.map(([path, sent, headers, absent]) => [
  `${path} ${sent}`,
  { backend: v(1), seen: { path, headers, absent } },
])

const responseRows: readonly Row[] = modified.map(([path, sent, headers, absent]) => [
  { path, headers: { 'X-Echo-Set-Header': sent.replaceAll('=', ':').replaceAll(' ', ',') } },
  {
    backend: v(1),
    headers: {
      ...Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, new RegExp(`^${value.replace(',', ', ?')}$`)]),
      ),
      ...Object.fromEntries(absent.map((name) => [name, undefined])),
    },
  },
])

const location = (status: number, value: RegExp): ExpectedAnswer => ({ status, headers: { location: value } })
const redirectRule = (path: string, redirect: object): Rule =>
  filtered({ matches: [prefix(path)] }, filter.redirect(redirect))

/** A redirect with each status in turn. */
function statusCase(status: number): SuiteCase<TrafficWorld> {
  return httpTable(
    `HTTPRoute${status}Redirect`,
    [redirectRule('/status', { statusCode: status, hostname: 'example.org' })],
    [['/status', location(status, /^http:\/\/example\.org\/status$/)]],
  )
}

export const httpFilterCases: readonly SuiteCase<TrafficWorld>[] = [
  httpTable(
    'HTTPRouteRequestHeaderModifier',
    Object.entries(modifiers).map(([path, modifier]) =>
      filtered(matching([path], v(1)), filter.requestHeaders(modifier)),
    ),
    requestRows,
  ),
  httpTable(
    'HTTPRouteBackendRequestHeaderModifier',
    Object.entries(modifiers).map(([path, modifier]) =>
      matching([path], { name: v(1), port: 8080, filters: [filter.requestHeaders(modifier)] }),
    ),
    requestRows,
  ),
  httpTable(
    'HTTPRouteResponseHeaderModifier',
    [
      ...Object.entries(modifiers).map(([path, modifier]) =>
        filtered(matching([path], v(1)), filter.responseHeaders(modifier)),
      ),
      filtered(matching(['/both'], v(1)), filter.responseHeaders(modifiers['/multiple'] ?? {}), edits),
    ],
    [
      ...responseRows,
      [
        `/both ${toBeEdited} X-Echo-Set-Header=X-Header-Set-2:set-val-2,X-Header-Remove-1:val`,
        {
          seen: edited,
          headers: { 'x-header-set-2': 'header-set-2', 'x-header-remove-1': undefined },
        },
      ],
    ],
  ),
  {
    name: 'HTTPRouteRequestHeaderModifierBackendWeights',
    objects: [
      route('HTTPRoute', 'web', {
        rules: [
          backends(
            ...[1, 2].map((version) => ({
              name: v(version),
              port: 8080,
              weight: 10,
              filters: [filter.requestHeaders({ set: { Backend: v(version) } })],
            })),
          ),
        ],
      }),
    ],
    async run(world) {
      const at = world.addressOf('same-namespace')
      const answers = await Promise.all(Array.from({ length: 100 }, async () => ask({ at })))
      for (const { echo } of answers) assert.equal(echo?.headers['backend'], echo?.service)
      assert.equal(new Set(answers.map(({ echo }) => echo?.service)).size, 2)
    },
  },
  httpTable(
    'HTTPRouteRedirectHostAndStatus',
    [
      redirectRule('/hostname-redirect', { hostname: 'example.org' }),
      redirectRule('/host-and-status', { statusCode: 301, hostname: 'example.org' }),
    ],
    [
      ['/hostname-redirect', location(302, /^http:\/\/example\.org\/hostname-redirect$/)],
      ['/host-and-status', location(301, /^http:\/\/example\.org\/host-and-status$/)],
    ],
  ),
  statusCase(303),
  statusCase(307),
  statusCase(308),
  httpTable(
    'HTTPRouteRedirectPath',
    [
      redirectRule('/original-prefix', prefixPath('/replacement-prefix')),
      redirectRule('/full', fullPath('/full-path-replacement')),
      redirectRule('/path-and-host', { hostname: 'example.org', ...prefixPath('/replacement-prefix') }),
      redirectRule('/path-and-status', { statusCode: 301, ...prefixPath('/replacement-prefix') }),
      redirectRule('/full-path-and-host', { hostname: 'example.org', ...fullPath('/replacement-full') }),
      redirectRule('/full-path-and-status', { statusCode: 301, ...fullPath('/replacement-full') }),
    ],
    [
      ['/original-prefix/lemon?a=b', location(302, /^http:\/\/[\d.]+\/replacement-prefix\/lemon\?a=b$/)],
      ['/full/path/original', location(302, /\/full-path-replacement$/)],
      ['/path-and-host', location(302, /^http:\/\/example\.org\/replacement-prefix$/)],
      ['/path-and-status', location(301, /\/replacement-prefix$/)],
      ['/full-path-and-host', location(302, /^http:\/\/example\.org\/replacement-full$/)],
      ['/full-path-and-status', location(301, /\/replacement-full$/)],
    ],
  ),
  httpTable(
    'HTTPRouteRedirectPort',
    [
      redirectRule('/port', { port: 8083 }),
      redirectRule('/port-and-host', { port: 8083, hostname: 'example.org' }),
      redirectRule('/port-and-status', { port: 8083, statusCode: 301 }),
    ],
    [
      ['/port', location(302, /^http:\/\/[\d.]+:8083\/port$/)],
      ['/port-and-host', location(302, /^http:\/\/example\.org:8083\/port-and-host$/)],
      ['/port-and-status', location(301, /^http:\/\/[\d.]+:8083\/port-and-status$/)],
    ],
  ),
  httpTable(
    'HTTPRouteRedirectScheme',
    [
      redirectRule('/scheme', { scheme: 'https' }),
      redirectRule('/scheme-and-host', { scheme: 'https', hostname: 'example.org' }),
      redirectRule('/scheme-and-status', { scheme: 'https', statusCode: 301 }),
    ],
    [
      ['/scheme', location(302, /^https:\/\/[\d.]+\/scheme$/)],
      ['/scheme-and-host', location(302, /^https:\/\/example\.org\/scheme-and-host$/)],
      ['/scheme-and-status', location(301, /^https:\/\/[\d.]+\/scheme-and-status$/)],
    ],
  ),
  redirectPortAndScheme(),
  httpTable(
    'HTTPRouteBackendRequestRedirect',
    [
      matching(['/full'], {
        name: v(1),
        port: 8080,
        filters: [filter.redirect(fullPath('/redirected-full'))],
      }),
      matching(['/prefix'], {
        name: v(1),
        port: 8080,
        filters: [filter.redirect(prefixPath('/redirected-prefix'))],
      }),
    ],
    [
      ['/full/original', location(302, /\/redirected-full$/)],
      ['/prefix/original', location(302, /\/redirected-prefix\/original$/)],
    ],
  ),
  httpTable(
    'HTTPRouteBackendURLRewrite',
    [
      matching(['/full'], { name: v(1), port: 8080, filters: [filter.rewrite(fullPath('/rewritten-full'))] }),
      matching(['/prefix'], {
        name: v(1),
        port: 8080,
        filters: [filter.rewrite(prefixPath('/rewritten-prefix'))],
      }),
      matching(['/host'], {
        name: v(1),
        port: 8080,
        filters: [filter.rewrite({ hostname: 'one.example.org' })],
      }),
    ],
    [
      ['/full/original', { backend: v(1), seen: { path: '/rewritten-full' } }],
      ['/prefix/original', { backend: v(1), seen: { path: '/rewritten-prefix/original' } }],
      ['/host', { backend: v(1), seen: { host: 'one.example.org' } }],
    ],
  ),
  {
    name: 'HTTPRouteRewriteHost',
    objects: [
      route('HTTPRoute', 'web', {
        hostnames: ['rewrite.example'],
        rules: [
          filtered(matching(['/one'], v(1)), filter.rewrite({ hostname: 'one.example.org' })),
          filtered(backends(v(2)), filter.rewrite({ hostname: 'example.org' })),
          filtered(matching(['/edited'], v(2)), filter.rewrite({ hostname: 'test.example.org' }), edits),
        ],
      }),
    ],
    async run(world) {
      await expectRows(world, 'same-namespace', [
        ['rewrite.example/one', { backend: v(1), seen: { path: '/one', host: 'one.example.org' } }],
        ['rewrite.example/two', { backend: v(2), seen: { path: '/two', host: 'example.org' } }],
        [
          `rewrite.example/edited ${toBeEdited}`,
          { backend: v(2), seen: { path: '/edited', host: 'test.example.org', ...edited } },
        ],
      ])
    },
  },
  httpTable(
    'HTTPRouteRewritePath',
    [
      filtered(matching(['/prefix/one'], v(1)), filter.rewrite(prefixPath('/one'))),
      filtered(matching(['/strip-prefix'], v(1)), filter.rewrite(prefixPath('/'))),
      filtered(matching(['/full/one'], v(1)), filter.rewrite(fullPath('/one'))),
      filtered(matching(['/full/edited'], v(1)), filter.rewrite(fullPath('/test')), edits),
      filtered(matching(['/prefix/edited'], v(1)), filter.rewrite(prefixPath('/prefix')), edits),
    ],
    [
      ['/prefix/one/two', { backend: v(1), seen: { path: '/one/two' } }],
      ['/strip-prefix/three', { backend: v(1), seen: { path: '/three' } }],
      ['/strip-prefix', { backend: v(1), seen: { path: '/' } }],
      ['/full/one/two', { backend: v(1), seen: { path: '/one' } }],
      [`/full/edited/test ${toBeEdited}`, { backend: v(1), seen: { path: '/test', ...edited } }],
      [`/prefix/edited/one ${toBeEdited}`, { backend: v(1), seen: { path: '/prefix/one', ...edited } }],
    ],
  ),
]

function redirectPortAndScheme(): SuiteCase<TrafficWorld> {
  const rule = ([name, redirect]: readonly [string, object]) =>
    redirectRule(`/${name}`, { hostname: 'example.org', ...redirect })
  const plain = [
    ['nil-nil', {}],
    ['nil-80', { port: 80 }],
    ['nil-8080', { port: 8080 }],
    ['https-nil', { scheme: 'https' }],
    ['https-443', { scheme: 'https', port: 443 }],
    ['https-8443', { scheme: 'https', port: 8443 }],
  ] as const
  const secure = [
    ['nil-nil', {}],
    ['nil-443', { port: 443 }],
    ['nil-8443', { port: 8443 }],
    ['http-nil', { scheme: 'http' }],
    ['http-80', { scheme: 'http', port: 80 }],
    ['http-8080', { scheme: 'http', port: 8080 }],
  ] as const
  const to = (name: string, origin: string) => location(302, new RegExp(`^${origin}/${name}$`))
  return {
    name: 'HTTPRouteRedirectPortAndScheme',
    objects: [
      gateway('at-8080', [http({ port: 8080 })]),
      route('HTTPRoute', 'of-80', { rules: plain.map(rule) }),
      route('HTTPRoute', 'of-8080', { to: ['at-8080'], rules: plain.map(rule) }),
      route('HTTPRoute', 'of-443', { to: ['same-namespace-with-https-listener'], rules: secure.map(rule) }),
    ],
    async run(world) {
      await expectRows(world, 'same-namespace', [
        ['/nil-nil', to('nil-nil', 'http://example.org')],
        ['/nil-80', to('nil-80', 'http://example.org')],
        ['/nil-8080', to('nil-8080', 'http://example.org:8080')],
        ['/https-nil', to('https-nil', 'https://example.org')],
        ['/https-443', to('https-443', 'https://example.org')],
        ['/https-8443', to('https-8443', 'https://example.org:8443')],
      ])
      await expectRows(world, 'at-8080', [
        [{ port: 8080, path: '/nil-nil' }, to('nil-nil', 'http://example.org:8080')],
        [{ port: 8080, path: '/nil-80' }, to('nil-80', 'http://example.org')],
        [{ port: 8080, path: '/https-nil' }, to('https-nil', 'https://example.org')],
      ])
      const over = (path: string) => ({
        host: 'example.org',
        path,
        tls: { authority: world.certificates.authority },
      })
      await expectRows(world, 'same-namespace-with-https-listener', [
        [over('/nil-nil'), to('nil-nil', 'https://example.org')],
        [over('/nil-443'), to('nil-443', 'https://example.org')],
        [over('/nil-8443'), to('nil-8443', 'https://example.org:8443')],
        [over('/http-nil'), to('http-nil', 'http://example.org')],
        [over('/http-80'), to('http-80', 'http://example.org')],
        [over('/http-8080'), to('http-8080', 'http://example.org:8080')],
      ])
    },
  }
}
