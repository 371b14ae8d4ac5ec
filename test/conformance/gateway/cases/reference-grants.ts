/** References from Gateways and routes to other namespaces, where nothing but the status is looked at. */
import { appBackend, backends, gateway, grant, https, route, tls, webBackend } from '../objects.ts'
import type { SuiteCase } from '../suite-case.ts'
import { accepted, expectListeners, expectObject, expectRoute } from '../world.ts'

const elsewhere = { kind: 'Secret', group: '', name: 'certificate', namespace: webBackend }
const gatewayHere = { kind: 'Gateway' }
const secretThere = { kind: 'Secret', name: 'certificate' }

/** Grants that miss in one point each: namespace of the grant, and group, kind and name of both ends. */
export function missingGrants(from: { kind: string }, to: { kind: string; name: string }) {
  return [
    grant('wrong-namespace', from, to, { namespace: appBackend }),
    grant('wrong-from-group', { ...from, group: 'not-the-group.example.com' }, to),
    grant('wrong-from-kind', { kind: 'SomeOtherKind' }, to),
    grant('wrong-from-namespace', { ...from, namespace: 'not-the-namespace' }, to),
    grant('wrong-to-group', from, { ...to, group: 'not-the-group.example.com' }),
    grant('wrong-to-kind', from, { ...to, kind: 'SomeOtherKind' }),
    grant('wrong-to-name', from, { ...to, name: 'not-the-name' }),
  ]
}

export const referenceGrantCases: readonly SuiteCase[] = [
  {
    name: 'GatewaySecretInvalidReferenceGrant',
    objects: [gateway('with-secret', [https(elsewhere)]), ...missingGrants(gatewayHere, secretThere)],
    run(world) {
      expectListeners(world, ['Gateway', 'with-secret'], {
        https: { kinds: ['HTTPRoute'], attached: 0, conditions: ['ResolvedRefs=False/RefNotPermitted'] },
      })
    },
  },
  {
    name: 'GatewaySecretMissingReferenceGrant',
    objects: [gateway('with-secret', [https(elsewhere)])],
    run(world) {
      expectListeners(world, ['Gateway', 'with-secret'], {
        https: { kinds: ['HTTPRoute'], attached: 0, conditions: ['ResolvedRefs=False/RefNotPermitted'] },
      })
    },
  },
  {
    name: 'GatewaySecretReferenceGrantAllInNamespace',
    objects: [gateway('with-secret', [https(elsewhere)]), grant('all', gatewayHere, { kind: 'Secret' })],
    run(world) {
      expectListeners(world, ['Gateway', 'with-secret'], {
        https: { kinds: ['HTTPRoute'], attached: 0, conditions: accepted },
      })
      expectObject(world, 'Gateway', 'with-secret', 'Programmed=True')
    },
  },
  {
    name: 'GatewaySecretReferenceGrantSpecific',
    objects: [gateway('with-secret', [https(elsewhere)]), grant('one', gatewayHere, secretThere)],
    run(world) {
      expectListeners(world, ['Gateway', 'with-secret'], {
        https: { kinds: ['HTTPRoute'], attached: 0, conditions: accepted },
      })
    },
  },
  {
    name: 'TLSRouteInvalidReferenceGrant',
    objects: [
      gateway('tls-only', [tls()]),
      route('TLSRoute', 'not-granted', {
        to: ['tls-only'],
        hostnames: ['abc.example.com'],
        rules: [backends({ name: 'web-backend', namespace: webBackend, port: 8080 })],
      }),
      ...missingGrants({ kind: 'TLSRoute' }, { kind: 'Service', name: 'web-backend' }),
    ],
    run(world) {
      expectRoute(world, ['TLSRoute', 'not-granted'], 'tls-only', 'ResolvedRefs=False/RefNotPermitted')
      expectListeners(world, ['Gateway', 'tls-only'], { tls: { attached: 1 } })
    },
  },
]
