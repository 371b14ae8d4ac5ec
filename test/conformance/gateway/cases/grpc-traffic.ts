/** GRPCRoutes. */
import assert from 'node:assert/strict'
import { eventually } from '../client.ts'
import { grpcService } from '../echo/echo-grpc.ts'
import { call, expectCalls, grpcBackend, unimplemented, type GrpcRow } from '../grpc-client.ts'
import { backends, backendTls, endpointSlice, gateway, http, matching, route, service } from '../objects.ts'
import { filter, filtered, values, type SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { expectPolicy, expectRoute } from '../world.ts'
import { expectShares } from './http-backends.ts'

const v = (version: number) => `grpc-infra-backend-v${version}`
const byMethod = (method: string) => ({ method: { service: grpcService, method } })

function table(name: string, rules: readonly object[], rows: readonly GrpcRow[]): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [route('GRPCRoute', 'calls', { rules: rules as Record<string, unknown>[] })],
    async run(world) {
      expectRoute(world, ['GRPCRoute', 'calls'], 'same-namespace', 'Accepted=True', 'ResolvedRefs=True')
      await expectCalls(world.addressOf('same-namespace'), rows)
    },
  }
}

const headers = (pairs: Record<string, string>) => ({ headers: values(pairs) })

export const grpcTrafficCases: readonly SuiteCase<TrafficWorld>[] = [
  table(
    'GRPCExactMethodMatching',
    [matching([byMethod('Echo')], v(1)), matching([byMethod('EchoTwo')], v(2))],
    [
      [{}, grpcBackend(1)],
      [{ method: 'EchoTwo' }, grpcBackend(2)],
      [{ method: 'EchoThree' }, unimplemented],
    ],
  ),
  table(
    'GRPCRouteNamedRule',
    [{ name: 'named', ...matching([byMethod('Echo')], v(1)) }, matching([byMethod('EchoTwo')], v(2))],
    [
      [{}, grpcBackend(1)],
      [{ method: 'EchoTwo' }, grpcBackend(2)],
    ],
  ),
  table(
    'GRPCRouteHeaderMatching',
    [
      matching([headers({ version: 'one' })], v(1)),
      matching([headers({ version: 'two' })], v(2)),
      matching([headers({ version: 'two', color: 'orange' })], v(1)),
      matching([headers({ color: 'blue' }), headers({ color: 'green' })], v(1)),
      matching([headers({ color: 'red' }), headers({ color: 'yellow' })], v(2)),
    ],
    [
      [{ metadata: { Version: 'one' } }, grpcBackend(1)],
      [{ metadata: { Version: 'two' } }, grpcBackend(2)],
      [{ metadata: { Version: 'two', Color: 'orange' } }, grpcBackend(1)],
      [{ metadata: { Version: 'two', Color: 'blue' } }, grpcBackend(2)],
      [{ metadata: { Color: 'orange' } }, unimplemented],
      [{ metadata: { 'Some-Other-Header': 'one' } }, unimplemented],
      [{ metadata: { Color: 'blue' } }, grpcBackend(1)],
      [{ metadata: { Color: 'green' } }, grpcBackend(1)],
      [{ metadata: { Color: 'red' } }, grpcBackend(2)],
      [{ metadata: { Color: 'yellow' } }, grpcBackend(2)],
      [{ metadata: { Color: 'purple' } }, unimplemented],
    ],
  ),
  {
    name: 'GRPCRouteListenerHostnameMatching',
    objects: [
      gateway('hostnames', [
        http({ name: 'one', hostname: 'bar.com' }),
        http({ name: 'two', hostname: 'foo.bar.com' }),
        http({ name: 'three', hostname: '*.bar.com' }),
        http({ name: 'four', hostname: '*.foo.com' }),
      ]),
      ...[['one'], ['two'], ['three', 'four']].map((sections, index) =>
        route('GRPCRoute', `backend-${index + 1}`, {
          to: sections.map((sectionName) => ({ name: 'hostnames', sectionName })),
          rules: [backends(v(index + 1))],
        }),
      ),
    ],
    async run(world) {
      await expectCalls(world.addressOf('hostnames'), [
        [{ authority: 'bar.com' }, grpcBackend(1)],
        [{ authority: 'foo.bar.com' }, grpcBackend(2)],
        [{ authority: 'baz.bar.com' }, grpcBackend(3)],
        [{ authority: 'multiple.prefixes.bar.com' }, grpcBackend(3)],
        [{ authority: 'multiple.prefixes.foo.com' }, grpcBackend(3)],
        [{ authority: 'foo.com' }, unimplemented],
        [{ authority: 'no.matching.host' }, unimplemented],
      ])
    },
  },
  {
    name: 'GRPCRouteWeight',
    objects: [
      route('GRPCRoute', 'calls', {
        rules: [
          backends(
            { name: v(1), port: 8080, weight: 70 },
            { name: v(2), port: 8080, weight: 30 },
            { name: v(3), port: 8080, weight: 0 },
          ),
        ],
      }),
    ],
    async run(world) {
      const at = world.addressOf('same-namespace')
      await expectShares({ [v(1)]: 0.7, [v(2)]: 0.3 }, async () => (await call({ at })).echo?.service)
    },
  },
  table(
    'GRPCRouteRequestHeaderModifier',
    [
      filtered(
        matching([byMethod('Echo')], v(1)),
        filter.requestHeaders({
          set: { 'X-Header-Set': 'set-overwrites-values' },
          add: { 'X-Header-Add': 'add-appends-values' },
          remove: ['X-Header-Remove'],
        }),
      ),
    ],
    [
      [
        { metadata: { 'Some-Other-Header': 'val' } },
        {
          ...grpcBackend(1),
          headers: {
            'some-other-header': 'val',
            'x-header-set': 'set-overwrites-values',
            'x-header-add': 'add-appends-values',
          },
        },
      ],
      [
        { metadata: { 'x-header-set': 'old', 'X-Header-Add': 'old', 'x-header-remove': 'old' } },
        {
          ...grpcBackend(1),
          headers: { 'x-header-set': 'set-overwrites-values', 'x-header-remove': undefined },
        },
      ],
    ],
  ),
  {
    name: 'BackendTLSPolicyGRPCRoute',
    objects: [
      route('GRPCRoute', 'calls', {
        hostnames: ['abc.example.com'],
        rules: [
          matching([byMethod('Echo')], { name: 'grpc-tls', port: 443 }),
          matching([byMethod('EchoTwo')], { name: 'grpc-host-mismatch', port: 443 }),
          matching([byMethod('EchoThree')], { name: 'grpc-cert-mismatch', port: 443 }),
        ],
      }),
      ...['grpc-tls', 'grpc-host-mismatch', 'grpc-cert-mismatch'].map((name) =>
        service(name, [{ name: 'btls', port: 443, targetPort: 8443 }]),
      ),
      backendTls('grpc-tls', { name: 'grpc-tls', sectionName: 'btls' }),
      backendTls('grpc-host-mismatch', 'grpc-host-mismatch', { hostname: 'mismatch.example.com' }),
      backendTls('grpc-cert-mismatch', 'grpc-cert-mismatch', {
        caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'mismatch-ca-certificate' }],
      }),
    ],
    async run(world) {
      const names = ['grpc-tls', 'grpc-host-mismatch', 'grpc-cert-mismatch']
      const pod = world.pods.pods.find((candidate) => candidate.service === v(1))
      assert.ok(pod)
      const slices = names.map((name) =>
        endpointSlice(
          name,
          [{ name: 'btls', port: pod.ports.https }],
          [{ address: pod.address, pod: pod.name }],
        ),
      )
      await world.apply(...slices)
      try {
        for (const name of names) {
          expectPolicy(
            world,
            name,
            'same-namespace',
            'Accepted=True/Accepted',
            'ResolvedRefs=True/ResolvedRefs',
          )
        }
        const at = world.addressOf('same-namespace')
        const authority = 'abc.example.com'
        await expectCalls(at, [[{ authority }, grpcBackend(1)]])
        for (const method of ['EchoTwo', 'EchoThree']) {
          await eventually(async () => assert.notEqual((await call({ at, authority, method })).code, 0))
        }
      } finally {
        await world.replace({ gone: slices })
      }
    },
  },
]
