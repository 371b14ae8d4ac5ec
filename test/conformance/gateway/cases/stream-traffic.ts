/** TLSRoutes, TCPRoutes and UDPRoutes. */
import assert from 'node:assert/strict'
import { ask, eventually } from '../client.ts'
import { expectRows } from '../expecting.ts'
import {
  appBackend,
  backends,
  backendTls,
  gateway,
  grant,
  http,
  infra,
  route,
  tls,
  type RouteKind,
} from '../objects.ts'
import type { SuiteCase } from '../suite-case.ts'
import { askStream, askUdp } from '../stream-clients.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { expectListeners, expectRoute } from '../world.ts'
import { expectShares } from './http-backends.ts'

const stream = (name: string, port: number, protocol: string) => http({ name, port, protocol })
const tcp = (name: string) => ({ name, port: 3000 })
const udp = (name: string) => ({ name, port: 5300 })

/** A backend of each kind of route, and how it is asked. */
const transports = {
  TCPRoute: {
    protocol: 'TCP',
    backend: (version: number) => ({ ...tcp(`tcp-backend-v${version}`) }),
    elsewhere: { ...tcp('tcp-backend'), namespace: appBackend },
    send: async (at: string, port: number) => askStream({ at, port }),
  },
  UDPRoute: {
    protocol: 'UDP',
    backend: (version: number) => udp(`udp-backend-v${version}`),
    elsewhere: { ...udp('udp-backend'), namespace: appBackend },
    send: askUdp,
  },
} as const

type StreamKind = keyof typeof transports

export const streamTrafficCases: readonly SuiteCase<TrafficWorld>[] = [
  ...(['TCPRoute', 'UDPRoute'] as const).flatMap((kind) => [
    severalRoutes(kind),
    attachAll(kind),
    portAndSection(kind),
    weighted(kind),
    revoked(kind),
  ]),
  {
    name: 'UDPRoute',
    objects: [
      gateway('udp', [stream('udp', 5300, 'UDP')]),
      route('UDPRoute', 'simple', { to: ['udp'], rules: [backends(udp('udp-backend-v1'))] }),
    ],
    async run(world) {
      expectRoute(world, ['UDPRoute', 'simple'], 'udp', 'Accepted=True', 'ResolvedRefs=True')
      await expectService(world, ['udp', 'UDPRoute'], 5300, 'udp-backend-v1')
    },
  },
  tlsCase('TLSRouteSimpleSameNamespace', {
    listeners: [tls({ hostname: '*.example.com' })],
    routes: [['abc.example.com', { name: 'tcp-backend', port: 8443 }]],
    served: { 'abc.example.com': 'tcp-backend' },
    refused: ['abc.example.org'],
  }),
  {
    name: 'TLSRouteHostnameIntersection',
    objects: [
      gateway('exact', [tls({ hostname: 'abc.example.com' })]),
      passing('exact', '*.example.com', 'tls-backend'),
      ...['*.example.com', '*.com', undefined].flatMap((hostname, index) => [
        gateway(`wild-${index}`, [tls(hostname === undefined ? {} : { hostname })]),
        passing(`wild-${index}`, 'abc.example.com', 'tls-backend'),
        passing(`wild-${index}`, hostname === '*.com' ? '*.example.com' : '*.com', 'tls-backend-2'),
      ]),
    ],
    async run(world) {
      const { authority } = world.certificates
      const over = (serverName: string) => ({ host: serverName, tls: { authority, serverName } })
      await expectRows(world, 'exact', [[over('abc.example.com'), { backend: 'tls-backend' }]])
      await expectNoConnection(world, 'exact', 'other.example.com')
      for (const name of ['wild-0', 'wild-1', 'wild-2']) {
        await expectRows(world, name, [
          [over('abc.example.com'), { backend: 'tls-backend' }],
          [over('other.example.com'), { backend: 'tls-backend-2' }],
        ])
        await expectNoConnection(world, name, 'non.matching.org')
      }
    },
  },
  ...(
    [
      ['TLSRouteInvalidBackendRefNonexistent', { name: 'not-there', port: 443 }, 'BackendNotFound'],
      [
        'TLSRouteInvalidBackendRefUnknownKind',
        { group: 'unknownkind.example.com', kind: 'NonExistent', name: 'tls-backend', port: 443 },
        'InvalidKind',
      ],
    ] as const
  ).map(([name, reference, reason]): SuiteCase<TrafficWorld> => ({
    name,
    objects: [
      gateway('passing', [tls()]),
      route('TLSRoute', 'unresolved', {
        to: ['passing'],
        hostnames: ['example.com'],
        rules: [backends(reference)],
      }),
    ],
    async run(world) {
      expectRoute(
        world,
        ['TLSRoute', 'unresolved'],
        'passing',
        'Accepted=True',
        `ResolvedRefs=False/${reason}`,
      )
      await expectNoConnection(world, 'passing', 'example.com')
    },
  })),
  tlsCase('TLSRouteTerminateSimpleSameNamespace', {
    listeners: [tls({ hostname: '*.example.com' }, 'tls-terminate-checks-certificate')],
    routes: [['abc.example.com', tcp('tcp-backend')]],
    served: { 'abc.example.com': 'tcp-backend' },
    refused: ['abc.example.org'],
  }),
  tlsCase('TLSRouteMixedTerminationSameNamespace', {
    listeners: [
      tls({ name: 'passes', hostname: 'passes.example.com' }),
      tls({ name: 'ends', hostname: 'ends.example.com' }, 'tls-terminate-checks-certificate'),
    ],
    routes: [
      ['passes.example.com', { name: 'tcp-backend', port: 8443 }],
      ['ends.example.com', tcp('tcp-backend-v1')],
    ],
    served: { 'passes.example.com': 'tcp-backend', 'ends.example.com': 'tcp-backend-v1' },
    refused: ['other.example.com'],
  }),
  {
    ...tlsCase('BackendTLSPolicyTLSRouteTerminate', {
      listeners: [tls({ hostname: '*.example.com' }, 'tls-terminate-checks-certificate')],
      routes: [['abc.example.com', { name: 'tcp-backend', port: 8443 }]],
      served: { 'abc.example.com': 'tcp-backend' },
      refused: [],
    }),
    objects: [
      gateway('secure', [tls({ hostname: '*.example.com' }, 'tls-terminate-checks-certificate')]),
      passing('secure', 'abc.example.com', 'tcp-backend', 8443),
      backendTls('to-tls', { name: 'tcp-backend', sectionName: 'tls' }),
    ],
  },
]

function passing(parent: string, hostname: string, name: string, port = 443) {
  return route('TLSRoute', `${parent}-${hostname.replaceAll(/[*.]/g, 'x')}`, {
    to: [parent],
    hostnames: [hostname],
    rules: [backends({ name, port })],
  })
}

async function expectNoConnection(world: TrafficWorld, name: string, serverName: string): Promise<void> {
  const at = world.addressOf(name)
  await eventually(async () => {
    await assert.rejects(
      ask({ at, host: serverName, tls: { serverName, authority: world.certificates.authority } }),
    )
  })
}

/** Asked at a Gateway of one kind of routes, a Service answers. */
async function expectService(
  world: TrafficWorld,
  [gatewayName, kind]: readonly [gatewayName: string, kind: StreamKind],
  port: number,
  expected: string,
): Promise<void> {
  const at = world.addressOf(gatewayName)
  await eventually(async () => assert.equal((await transports[kind].send(at, port)).service, expected))
}

interface TlsCase {
  readonly listeners: readonly ReturnType<typeof tls>[]
  readonly routes: readonly (readonly [hostname: string, reference: { name: string; port: number }])[]
  readonly served: Readonly<Record<string, string>>
  readonly refused: readonly string[]
}

function tlsCase(name: string, { listeners, routes, served, refused }: TlsCase): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [
      gateway('secure', listeners),
      ...routes.map(([hostname, reference]) => passing('secure', hostname, reference.name, reference.port)),
    ],
    async run(world) {
      const at = world.addressOf('secure')
      for (const [serverName, expected] of Object.entries(served)) {
        await eventually(async () => {
          assert.equal((await askStream({ at, port: 443, serverName })).service, expected)
        })
      }
      for (const serverName of refused) await expectNoConnection(world, 'secure', serverName)
    },
  }
}

/** Two routes at one listener: both are accepted, the older one serves. */
function severalRoutes(kind: StreamKind): SuiteCase<TrafficWorld> {
  const { protocol, backend, send } = transports[kind]
  const at = (name: string, version: number) =>
    route(kind, name, {
      to: [{ name: 'streams', sectionName: 'stream' }],
      rules: [backends(backend(version))],
    })
  const newer = at('newer', 2)
  return {
    name: `${kind}MultipleRoutesAttachment`,
    objects: [gateway('streams', [stream('stream', 9310, protocol)]), at('older', 1)],
    async run(world) {
      await world.apply(newer)
      try {
        for (const name of ['older', 'newer'])
          expectRoute(world, [kind, name], 'streams', 'Accepted=True/Accepted')
        expectListeners(world, ['Gateway', 'streams'], {
          stream: { kinds: [kind], attached: 2, conditions: ['Accepted=True/Accepted'] },
        })
        const address = world.addressOf('streams')
        const oldest = backend(1).name
        await expectService(world, ['streams', kind], 9310, oldest)
        const answers = await Promise.all(Array.from({ length: 20 }, async () => send(address, 9310)))
        for (const answer of answers) assert.equal(answer.service, oldest)
      } finally {
        await world.replace({ gone: [newer] })
      }
    },
  }
}

function attachAll(kind: StreamKind): SuiteCase<TrafficWorld> {
  const { protocol, backend } = transports[kind]
  const ports = [9310, 9311, 9312, 9313]
  return {
    name: kind === 'TCPRoute' ? 'TCPRouteParentRefAttachAll' : 'UDPRouteParentRefAttachAllListeners',
    objects: [
      gateway(
        'streams',
        ports.map((port) => stream(`at-${port}`, port, protocol)),
      ),
      route(kind, 'everywhere', { to: ['streams'], rules: [backends(backend(1))] }),
    ],
    async run(world) {
      expectRoute(world, [kind, 'everywhere'], 'streams', 'Accepted=True/Accepted')
      const listeners = ports.map((port) => [`at-${port}`, { kinds: [kind], attached: 1 }] as const)
      expectListeners(world, ['Gateway', 'streams'], Object.fromEntries(listeners))
      for (const port of ports) await expectService(world, ['streams', kind], port, backend(1).name)
    },
  }
}

function portAndSection(kind: StreamKind): SuiteCase<TrafficWorld> {
  const { protocol, backend } = transports[kind]
  const references = [{ port: 9300 }, { sectionName: 'two' }, { sectionName: 'three', port: 9302 }]
  return {
    name: `${kind}ParentRefPortAndSectionName`,
    objects: [
      gateway(
        'streams',
        ['one', 'two', 'three'].map((name, index) => stream(name, 9300 + index, protocol)),
      ),
      ...references.map((reference, index) =>
        route(kind, `route-${index + 1}`, {
          to: [{ name: 'streams', ...reference }],
          rules: [backends(backend(index + 1))],
        }),
      ),
    ],
    async run(world) {
      for (const index of [0, 1, 2]) {
        expectRoute(world, [kind as RouteKind, `route-${index + 1}`], 'streams', 'Accepted=True/Accepted')
        await expectService(world, ['streams', kind], 9300 + index, backend(index + 1).name)
      }
    },
  }
}

function weighted(kind: StreamKind): SuiteCase<TrafficWorld> {
  const { protocol, backend, send } = transports[kind]
  return {
    name: `${kind}WeightedRouting`,
    objects: [
      gateway('streams', [stream('stream', 9310, protocol)]),
      route(kind, 'weighted', {
        to: ['streams'],
        rules: [
          backends(
            { ...backend(1), weight: 70 },
            { ...backend(2), weight: 30 },
            { ...backend(3), weight: 0 },
          ),
        ],
      }),
    ],
    async run(world) {
      const at = world.addressOf('streams')
      const shares = { [backend(1).name]: 0.7, [backend(2).name]: 0.3 }
      await expectShares(shares, async () => (await send(at, 9310)).service)
    },
  }
}

/** A backend in another namespace, until its grant goes. */
function revoked(kind: StreamKind): SuiteCase<TrafficWorld> {
  const { protocol, elsewhere, send } = transports[kind]
  return {
    name: `${kind}ReferenceGrant`,
    objects: [
      gateway('streams', [stream('stream', 9310, protocol)]),
      route(kind, 'granted', { to: ['streams'], rules: [backends(elsewhere)] }),
      grant('for-streams', { kind, namespace: infra }, { kind: 'Service' }, { namespace: appBackend }),
    ],
    async run(world) {
      expectRoute(world, [kind, 'granted'], 'streams', 'Accepted=True', 'ResolvedRefs=True')
      const at = world.addressOf('streams')
      await eventually(async () => assert.equal((await send(at, 9310)).namespace, appBackend))
      await world.remove('ReferenceGrant', `${appBackend}/for-streams`)
      expectRoute(world, [kind, 'granted'], 'streams', 'ResolvedRefs=False/RefNotPermitted')
    },
  }
}
