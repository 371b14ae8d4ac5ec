/** Hostnames of listeners and HTTPRoutes, ports, several Gateways. */
import { expectRows, type Row } from '../expecting.ts'
import { backends, gateway, http, matching, route } from '../objects.ts'
import { type SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { expectListeners, expectRoute } from '../world.ts'

const v = (version: number) => `infra-backend-v${version}`
const seen = ['Accepted=True', 'ResolvedRefs=True']
const isolated = ['*', '*.example.com', '*.foo.example.com', 'abc.foo.example.com']
const isolatedHosts = ['bar.com', 'bar.example.com', 'bar.foo.example.com', 'abc.foo.example.com']

/** Four listeners, each with a route of its own path; with hostnames at the routes too, or not. */
function isolation(name: string, alsoAtRoutes: boolean) {
  const section = (index: number) => `listener-${index}`
  return [
    gateway(
      name,
      isolated.map((hostname, index) => http({ name: section(index), ...(index > 0 ? { hostname } : {}) })),
    ),
    ...isolated.map((hostname, index) =>
      route('HTTPRoute', `${name}-${index}`, {
        to: [{ name, sectionName: section(index) }],
        ...(alsoAtRoutes && index > 0 ? { hostnames: [hostname] } : {}),
        ...(alsoAtRoutes && index === 0 ? { hostnames: isolatedHosts } : {}),
        rules: [matching([`/${index}`], v(1))],
      }),
    ),
  ]
}

const isolationRows: readonly Row[] = isolatedHosts.flatMap((host, owner) =>
  isolated.map((_, index): Row => [`${host}/${index}`, index === owner ? 1 : 404]),
)

export const httpHostCases: readonly SuiteCase<TrafficWorld>[] = [
  {
    name: 'HTTPRouteHostnameIntersection',
    objects: [
      gateway('intersecting', [
        http({ name: 'one', hostname: 'very.specific.com' }),
        http({ name: 'two', hostname: '*.wildcard.io' }),
        http({ name: 'three', hostname: '*.anotherwildcard.io' }),
      ]),
      gateway('unspecific', [http()]),
      hosted('specific-specific', '/s1', 1, [
        'non.matching.com',
        '*.nonmatchingwildcard.io',
        'very.specific.com',
      ]),
      hosted('specific-wildcard', '/s2', 2, [
        'non.matching.com',
        'wildcard.io',
        'foo.wildcard.io',
        'bar.wildcard.io',
        'foo.bar.wildcard.io',
      ]),
      hosted('wildcard-specific', '/s3', 3, ['non.matching.com', '*.specific.com']),
      hosted('wildcard-wildcard', '/s4', 1, ['*.anotherwildcard.io']),
      hosted('none', '/s5', 2, ['specific.but.wrong.com', 'wildcard.io']),
      route('HTTPRoute', 'anywhere', {
        to: ['unspecific'],
        hostnames: ['first.com', 'sub.first.com', 'second.com', 'sub.second.com'],
        rules: [backends(v(2))],
      }),
    ],
    async run(world) {
      await expectRows(world, 'intersecting', [
        ['very.specific.com/s1', 1],
        ['very.specific.com:1234/s1', 1],
        ['non.matching.com/s1', 404],
        ['foo.nonmatchingwildcard.io/s1', 404],
        ['foo.wildcard.io/s1', 404],
        ['very.specific.com/non-matching-prefix', 404],
        ['foo.wildcard.io/s2', 2],
        ['bar.wildcard.io/s2', 2],
        ['foo.bar.wildcard.io/s2', 2],
        ['non.matching.com/s2', 404],
        ['wildcard.io/s2', 404],
        ['very.specific.com/s2', 404],
        ['foo.wildcard.io/non-matching-prefix', 404],
        ['very.specific.com/s3', 3],
        ['non.matching.com/s3', 404],
        ['foo.specific.com/s3', 404],
        ['foo.wildcard.io/s3', 404],
        ['foo.anotherwildcard.io/s4', 1],
        ['bar.anotherwildcard.io/s4', 1],
        ['foo.bar.anotherwildcard.io/s4', 1],
        ['anotherwildcard.io/s4', 404],
        ['foo.wildcard.io/s4', 404],
        ['very.specific.com/s4', 404],
        ['specific.but.wrong.com/s5', 404],
        ['wildcard.io/s5', 404],
      ])
      expectRoute(world, ['HTTPRoute', 'none'], 'intersecting', 'Accepted=False/NoMatchingListenerHostname')
      expectListeners(world, ['Gateway', 'intersecting'], {
        one: { kinds: ['HTTPRoute'], attached: 2, conditions: seen },
        two: { kinds: ['HTTPRoute'], attached: 1, conditions: seen },
        three: { kinds: ['HTTPRoute'], attached: 1, conditions: seen },
      })
      await expectRows(world, 'unspecific', [
        ['first.com/', 2],
        ['sub.first.com/', 2],
        ['second.com/', 2],
        ['sub.second.com/', 2],
        ['third.com/', 404],
      ])
    },
  },
  {
    name: 'HTTPRouteListenerHostnameMatching',
    objects: [
      gateway('hostnames', [
        http({ name: 'one', hostname: 'bar.com' }),
        http({ name: 'two', hostname: 'foo.bar.com' }),
        http({ name: 'three', hostname: '*.bar.com' }),
        http({ name: 'four', hostname: '*.foo.com' }),
      ]),
      ...[['one'], ['two'], ['three', 'four']].map((sections, index) =>
        route('HTTPRoute', `backend-${index + 1}`, {
          to: sections.map((sectionName) => ({ name: 'hostnames', sectionName })),
          rules: [backends(v(index + 1))],
        }),
      ),
    ],
    async run(world) {
      await expectRows(world, 'hostnames', [
        ['bar.com/', 1],
        ['foo.bar.com/', 2],
        ['baz.bar.com/', 3],
        ['boo.bar.com/', 3],
        ['multiple.prefixes.bar.com/', 3],
        ['multiple.prefixes.foo.com/', 3],
        ['foo.com/', 404],
        ['no.matching.host/', 404],
      ])
    },
  },
  {
    name: 'HTTPRouteListenerPortMatching',
    objects: [
      gateway('ports', [
        http({ name: 'one', hostname: 'foo.com' }),
        http({ name: 'two', port: 8080, hostname: 'foo.com' }),
        http({ name: 'three', port: 8080, hostname: 'bar.com' }),
        http({ name: 'four', port: 8090, hostname: 'foo.com' }),
        http({ name: 'five', port: 8090, hostname: 'bar.com' }),
      ]),
      route('HTTPRoute', 'at-80', { to: [{ name: 'ports', port: 80 }], rules: [backends(v(1))] }),
      route('HTTPRoute', 'at-8080', { to: [{ name: 'ports', port: 8080 }], rules: [backends(v(2))] }),
      route('HTTPRoute', 'at-four', {
        to: [{ name: 'ports', port: 8090, sectionName: 'four' }],
        rules: [backends(v(3))],
      }),
    ],
    async run(world) {
      await expectRows(world, 'ports', [
        ['foo.com/', 1],
        [{ port: 8080, host: 'foo.com:8080' }, 2],
        [{ port: 8080, host: 'bar.com:8080' }, 2],
        [{ port: 8090, host: 'foo.com:8090' }, 3],
        [{ port: 8090, host: 'bar.com:8090' }, 404],
      ])
    },
  },
  {
    name: 'HTTPRouteMultipleGateways',
    objects: [
      route('HTTPRoute', 'shared', {
        to: ['same-namespace', 'all-namespaces'],
        rules: [matching(['/shared'], v(1))],
      }),
      route('HTTPRoute', 'of-same', { rules: [matching(['/'], v(2))] }),
      route('HTTPRoute', 'of-all', { to: ['all-namespaces'], rules: [matching(['/'], v(3))] }),
    ],
    async run(world) {
      await expectRows(world, 'same-namespace', [
        ['/shared', 1],
        ['/', 2],
      ])
      await expectRows(world, 'all-namespaces', [
        ['/shared', 1],
        ['/', 3],
      ])
    },
  },
  {
    name: 'GatewayHTTPListenerIsolation',
    objects: [...isolation('isolated', false), ...isolation('isolated-twice', true)],
    async run(world) {
      await expectRows(world, 'isolated', isolationRows)
      await expectRows(world, 'isolated-twice', isolationRows)
    },
  },
  {
    name: 'HTTPRouteHTTPSListener',
    objects: [
      route('HTTPRoute', 'with-host', {
        to: ['same-namespace-with-https-listener'],
        hostnames: ['example.org'],
        rules: [backends(v(1))],
      }),
      route('HTTPRoute', 'by-section', {
        to: [{ name: 'same-namespace-with-https-listener', sectionName: 'https-with-hostname' }],
        rules: [backends(v(2))],
      }),
    ],
    async run(world) {
      const tls = { authority: world.certificates.authority }
      await expectRows(world, 'same-namespace-with-https-listener', [
        [{ host: 'example.org', tls }, 1],
        [{ host: 'unknown-example.org', tls }, 404],
        [{ host: 'second-example.org', tls }, 2],
      ])
    },
  },
  {
    name: 'HTTPRouteHTTPSListenerDetectMisdirectedRequests',
    objects: [
      'https',
      'https-with-hostname',
      'https-with-wildcard-hostname',
      'https-with-hostname-matching-wildcard',
    ].map((sectionName, index) =>
      route('HTTPRoute', `test-${index}`, {
        to: [{ name: 'same-namespace-with-https-listener', sectionName }],
        ...(index === 0 ? { hostnames: ['example.org'] } : {}),
        rules: [matching(['/detect'], v(index === 3 ? 1 : index + 1))],
      }),
    ),
    async run(world) {
      const over = (serverName: string, host: string, expected: number): Row => [
        { host, path: '/detect', http2: true, tls: { serverName, authority: world.certificates.authority } },
        expected,
      ]
      await expectRows(world, 'same-namespace-with-https-listener', [
        over('example.org', 'example.org', 1),
        over('example.org', 'second-example.org', 421),
        over('example.org', 'unknown-example.org', 404),
        over('second-example.org', 'second-example.org', 2),
        over('second-example.org', 'example.org', 421),
        over('second-example.org', 'unknown-example.org', 421),
        over('third-example.wildcard.org', 'third-example.wildcard.org', 3),
        over('third-example.wildcard.org', 'fifth-example.wildcard.org', 3),
        over('third-example.wildcard.org', 'fourth-example.wildcard.org', 421),
        over('third-example.wildcard.org', 'second-example.org', 421),
        over('third-example.wildcard.org', 'unknown-example.org', 421),
        over('fourth-example.wildcard.org', 'fourth-example.wildcard.org', 1),
        over('fourth-example.wildcard.org', 'fifth-example.wildcard.org', 421),
        over('unknown-example.org', 'example.org', 1),
        over('unknown-example.org', 'unknown-example.org', 404),
      ])
    },
  },
]

function hosted(name: string, path: string, version: number, hostnames: readonly string[]) {
  return route('HTTPRoute', name, {
    to: ['intersecting'],
    hostnames,
    rules: [matching([path], v(version))],
  })
}
