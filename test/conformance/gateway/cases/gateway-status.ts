/** Gateways whose status is all there is to see. */
import assert from 'node:assert/strict'
import { backends, gateway, http, https, route, secret, webBackend } from '../objects.ts'
import type { SuiteCase } from '../suite-case.ts'
import {
  accepted,
  changed,
  expectLatest,
  expectListeners,
  expectObject,
  expectRoute,
  find,
} from '../world.ts'

const httpRoute = ['HTTPRoute']
const seen = ['Accepted=True', 'ResolvedRefs=True']
const certificate = 'tls-validity-checks-certificate'
const elsewhere = { kind: 'Secret', group: '', name: 'certificate', namespace: webBackend }
const longest = Array.from({ length: 4 }, () => 'n'.repeat(63))
  .join('.')
  .slice(0, 253)

export const gatewayStatusCases: readonly SuiteCase[] = [
  {
    name: 'GatewayClassObservedGenerationBump',
    objects: [
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'GatewayClass',
        metadata: { name: 'described' },
        spec: { controllerName: 'slipway.dev/gateway-controller', description: 'old' },
      },
    ],
    async run(world) {
      expectObject(world, 'GatewayClass', 'described', 'Accepted=True')
      const before = expectLatest(world, 'GatewayClass', 'described')
      await world.apply(changed(world, 'GatewayClass', 'described', () => ({ description: 'new' })))
      expectObject(world, 'GatewayClass', 'described', 'Accepted=True')
      assert.notEqual(expectLatest(world, 'GatewayClass', 'described'), before)
      const features = find(world, 'GatewayClass', 'described').status.supportedFeatures ?? []
      const names = features.map(({ name }) => name)
      assert.deepEqual(names, names.toSorted(), 'features are sorted')
    },
  },
  {
    name: 'GatewayInvalidParametersRef',
    objects: [
      gateway('with-parameters', [http()], {
        infrastructure: {
          parametersRef: { group: 'invalid.io', kind: 'InvalidParameters', name: 'invalid' },
        },
      }),
    ],
    run(world) {
      expectObject(world, 'Gateway', 'with-parameters', 'Accepted=False/InvalidParameters')
      expectLatest(world, 'Gateway', 'with-parameters')
    },
  },
  {
    name: 'GatewayInvalidRouteKind',
    objects: [
      gateway('only-invalid', [http({ allowedRoutes: { kinds: [{ kind: 'InvalidRoute' }] } })]),
      gateway('also-valid', [
        http({ allowedRoutes: { kinds: [{ kind: 'InvalidRoute' }, { kind: 'HTTPRoute' }] } }),
      ]),
    ],
    run(world) {
      const conditions = ['ResolvedRefs=False/InvalidRouteKinds']
      expectListeners(world, ['Gateway', 'only-invalid'], { http: { kinds: [], attached: 0, conditions } })
      expectListeners(world, ['Gateway', 'also-valid'], {
        http: { kinds: httpRoute, attached: 0, conditions },
      })
    },
  },
  {
    name: 'GatewayInvalidTLSConfiguration',
    objects: [
      gateway('no-secret', [https('not-there')]),
      gateway('wrong-group', [https({ group: 'wrong.example.io', kind: 'Secret', name: certificate })]),
      gateway('wrong-kind', [https({ group: '', kind: 'WrongKind', name: certificate })]),
      gateway('malformed', [https('malformed-certificate')]),
      secret('malformed-certificate', { 'tls.crt': 'Hello world', 'tls.key': 'Hello world' }),
    ],
    run(world) {
      for (const name of ['no-secret', 'wrong-group', 'wrong-kind', 'malformed']) {
        expectListeners(world, ['Gateway', name], {
          https: { kinds: httpRoute, attached: 0, conditions: ['ResolvedRefs=False/InvalidCertificateRef'] },
        })
      }
    },
  },
  {
    name: 'GatewayListenerUnsupportedProtocol',
    objects: [
      gateway('only-unsupported', [{ name: 'invalid', port: 1111, protocol: 'INVALID' }]),
      gateway('also-supported', [http(), { name: 'invalid', port: 1111, protocol: 'INVALID' }]),
    ],
    run(world) {
      const invalid = { kinds: [], attached: 0, conditions: ['Accepted=False/UnsupportedProtocol'] }
      expectObject(world, 'Gateway', 'only-unsupported', 'Accepted=False/ListenersNotValid')
      expectListeners(world, ['Gateway', 'only-unsupported'], { invalid })
      expectObject(world, 'Gateway', 'also-supported', 'Accepted=True/ListenersNotValid')
      expectListeners(world, ['Gateway', 'also-supported'], {
        http: { kinds: httpRoute, attached: 0, conditions: ['Accepted=True/Accepted'] },
        invalid,
      })
    },
  },
  {
    name: 'GatewayModifyListeners',
    objects: [
      gateway('add-listener', [https(certificate, { hostname: 'secure.test.com' })]),
      route('HTTPRoute', 'of-added', { to: ['add-listener'] }),
      gateway('remove-listener', [https(certificate, { hostname: 'secure.test.com' }), http()]),
      route('HTTPRoute', 'of-removed', { to: ['remove-listener'] }),
    ],
    async run(world) {
      const served = { kinds: httpRoute, attached: 1, conditions: seen }
      const before = expectLatest(world, 'Gateway', 'add-listener')
      await world.apply(
        changed(world, 'Gateway', 'add-listener', ({ listeners }: { listeners: object[] }) => ({
          listeners: [...listeners, http({ hostname: 'data.test.com' })],
        })),
      )
      expectListeners(world, ['Gateway', 'add-listener'], { https: served, http: served })
      assert.notEqual(expectLatest(world, 'Gateway', 'add-listener'), before)
      const old = expectLatest(world, 'Gateway', 'remove-listener')
      await world.apply(changed(world, 'Gateway', 'remove-listener', () => ({ listeners: [http()] })))
      expectListeners(world, ['Gateway', 'remove-listener'], { http: served })
      assert.notEqual(expectLatest(world, 'Gateway', 'remove-listener'), old)
    },
  },
  {
    name: 'GatewayNameMaximumLength',
    objects: [gateway(longest, [http()])],
    run(world) {
      assert.equal(longest.length, 253)
      expectObject(world, 'Gateway', longest, 'Accepted=True', 'Programmed=True')
    },
  },
  {
    name: 'GatewayObservedGenerationBump',
    objects: [gateway('bumped', [http({ hostname: 'bar.com' })])],
    async run(world) {
      const before = expectLatest(world, 'Gateway', 'bumped')
      await world.apply(
        changed(world, 'Gateway', 'bumped', ({ listeners }: { listeners: object[] }) => ({
          listeners: [...listeners, http({ name: 'alternate', hostname: 'foo.com' })],
        })),
      )
      assert.notEqual(expectLatest(world, 'Gateway', 'bumped'), before)
    },
  },
  {
    name: 'GatewayWithAttachedRoutes',
    objects: [
      gateway('with-one', [http({ name: 'http', allowedRoutes: { namespaces: { from: 'Same' } } })]),
      route('HTTPRoute', 'first', { to: ['with-one'] }),
      gateway('with-two', [http({ hostname: 'example.com' })]),
      route('HTTPRoute', 'second', { to: ['with-two'] }),
      route('HTTPRoute', 'third', { to: ['with-two'] }),
      route('HTTPRoute', 'elsewhere', { to: ['with-two'], hostnames: ['other.com'] }),
      gateway('unresolved', [https('not-there', { name: 'tls' })]),
      route('HTTPRoute', 'fourth', { to: ['unresolved'], rules: [backends('not-there')] }),
      gateway('with-none', [http({ name: 'unattached' }), http({ name: 'attached', port: 8080 })]),
      route('HTTPRoute', 'fifth', { to: [{ name: 'with-none', sectionName: 'attached' }] }),
    ],
    run(world) {
      expectListeners(world, ['Gateway', 'with-one'], {
        http: { kinds: httpRoute, attached: 1, conditions: seen },
      })
      expectListeners(world, ['Gateway', 'with-two'], {
        http: { kinds: httpRoute, attached: 2, conditions: seen },
      })
      expectRoute(world, ['HTTPRoute', 'elsewhere'], 'with-two', 'Accepted=False/NoMatchingListenerHostname')
      expectListeners(world, ['Gateway', 'unresolved'], {
        tls: { kinds: httpRoute, attached: 1, conditions: ['Programmed=False', 'ResolvedRefs=False'] },
      })
      expectRoute(world, ['HTTPRoute', 'fourth'], 'unresolved', 'ResolvedRefs=False')
      expectListeners(world, ['Gateway', 'with-none'], {
        unattached: { attached: 0, conditions: seen },
        attached: { attached: 1, conditions: seen },
      })
    },
  },
  {
    name: 'GatewayWithAttachedRoutesWithPort8080',
    objects: [
      gateway('two-ports', [
        http({ name: 'http-unattached', port: 8080, hostname: 'foo.com' }),
        http({ hostname: 'foo.com' }),
      ]),
      route('HTTPRoute', 'by-section', { to: [{ name: 'two-ports', sectionName: 'http' }] }),
    ],
    run(world) {
      expectListeners(world, ['Gateway', 'two-ports'], {
        'http-unattached': { kinds: httpRoute, attached: 0, conditions: seen },
        http: { kinds: httpRoute, attached: 1, conditions: seen },
      })
    },
  },
  {
    name: 'GatewayStaticAddresses',
    objects: [
      gateway('static-addresses', [http({ port: 8080 })], {
        addresses: [
          { type: 'test.example.com/fake-invalid-type', value: 'invalid' },
          { type: 'IPAddress', value: '192.0.2.1' },
          { type: 'IPAddress', value: '127.0.9.1' },
        ],
      }),
    ],
    async run(world) {
      const without = (unwanted: string) =>
        changed(
          world,
          'Gateway',
          'static-addresses',
          ({ addresses }: { addresses: { value: string }[] }) => ({
            addresses: addresses.filter(({ value }) => value !== unwanted),
          }),
        )
      expectObject(world, 'Gateway', 'static-addresses', 'Accepted=False/UnsupportedAddress')
      await world.apply(without('invalid'))
      expectObject(
        world,
        'Gateway',
        'static-addresses',
        'Accepted=True/Accepted',
        'Programmed=False/AddressNotUsable',
      )
      await world.apply(without('192.0.2.1'))
      expectObject(
        world,
        'Gateway',
        'static-addresses',
        'Accepted=True/Accepted',
        'Programmed=True/Programmed',
      )
      expectListeners(world, ['Gateway', 'static-addresses'], {
        http: { kinds: httpRoute, attached: 0, conditions: seen },
      })
      assert.deepEqual(find(world, 'Gateway', 'static-addresses').status.addresses, [
        { type: 'IPAddress', value: '127.0.9.1' },
      ])
    },
  },
  {
    name: 'GatewayOptionalAddressValue',
    objects: [gateway('any-address', [http({ port: 8080 })], { addresses: [{ type: 'IPAddress' }] })],
    run(world) {
      expectLatest(world, 'Gateway', 'any-address')
      expectObject(world, 'Gateway', 'any-address', 'Programmed=True')
      const { addresses } = find(world, 'Gateway', 'any-address').status
      assert.equal(addresses?.length, 1)
      assert.match(addresses[0]?.value ?? '', /^127\./)
    },
  },
  {
    name: 'GatewayInvalidTLSBackendConfiguration',
    objects: [
      ...Object.entries({
        nonexistent: { group: '', kind: 'Secret', name: 'not-there' },
        'unsupported-group': { group: 'wrong.example.io', kind: 'Secret', name: certificate },
        'unsupported-kind': { group: '', kind: 'WrongKind', name: certificate },
        malformed: { group: '', kind: 'Secret', name: 'empty-secret' },
        'no-grant': elsewhere,
      }).map(([name, clientCertificateRef]) =>
        gateway(`client-certificate-${name}`, [http()], { tls: { backend: { clientCertificateRef } } }),
      ),
      secret('empty-secret', {}),
    ],
    run(world) {
      for (const name of ['nonexistent', 'unsupported-group', 'unsupported-kind', 'malformed', 'no-grant']) {
        const reason = name === 'no-grant' ? 'RefNotPermitted' : 'InvalidClientCertificateRef'
        const called = `client-certificate-${name}`
        expectLatest(world, 'Gateway', called)
        expectObject(world, 'Gateway', called, `ResolvedRefs=False/${reason}`, 'Accepted=True/Accepted')
      }
    },
  },
  {
    name: 'GatewayInvalidFrontendClientCertificateValidation',
    objects: [
      gateway(
        'invalid-client-validation',
        [
          https(certificate),
          https(certificate, { name: 'unresolved', port: 7443, hostname: 'first-example.org' }),
          https(certificate, { name: 'invalid-kind', port: 8443, hostname: 'second-example.org' }),
          https(certificate, { name: 'no-grant', port: 6443, hostname: 'fourth-example.org' }),
        ],
        {
          tls: {
            frontend: {
              default: validation({ kind: 'ConfigMap', name: 'client-validation-ca' }),
              perPort: [
                { port: 7443, tls: validation({ kind: 'ConfigMap', name: 'not-there' }) },
                { port: 8443, tls: validation({ kind: 'Service', name: 'infra-backend-v2' }) },
                { port: 6443, tls: validation({ kind: 'ConfigMap', name: 'any', namespace: webBackend }) },
              ],
            },
          },
        },
      ),
    ],
    run(world) {
      const refused = (reason: string) => ({
        conditions: [
          `ResolvedRefs=False/${reason}`,
          'Accepted=False/NoValidCACertificate',
          'Programmed=False',
        ],
      })
      expectListeners(world, ['Gateway', 'invalid-client-validation'], {
        https: { conditions: accepted },
        unresolved: refused('InvalidCACertificateRef'),
        'invalid-kind': refused('InvalidCACertificateKind'),
        'no-grant': refused('RefNotPermitted'),
      })
    },
  },
]

function validation(reference: object): object {
  return { validation: { caCertificateRefs: [{ group: '', ...reference }] } }
}
