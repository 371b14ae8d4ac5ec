/** Routes whose status is all there is to see. */
import assert from 'node:assert/strict'
import { backends, backendTls, gateway, http, https, route, tls, webBackend } from '../objects.ts'
import type { RouteKind } from '../objects.ts'
import type { SuiteCase } from '../suite-case.ts'
import {
  changed,
  expectLatest,
  expectListeners,
  expectObject,
  expectPolicy,
  expectRoute,
  find,
  type World,
} from '../world.ts'

const certificate = 'tls-validity-checks-certificate'

function expectNoAcceptedParents(world: World, kind: string, name: string): void {
  const parents = find(world, kind, name).status.parents ?? []
  const conditions = parents.flatMap((parent) => parent.conditions)
  assert.ok(!conditions.some(({ type, status }) => type === 'Accepted' && status === 'True'))
}

export const routeStatusCases: readonly SuiteCase[] = [
  {
    name: 'HTTPRouteInvalidCrossNamespaceParentRef',
    objects: [route('HTTPRoute', 'elsewhere', { meta: { namespace: webBackend } })],
    run(world) {
      const name = `${webBackend}/elsewhere`
      expectRoute(world, ['HTTPRoute', name], 'same-namespace', 'Accepted=False/NotAllowedByListeners')
      expectListeners(world, ['Gateway', 'same-namespace'], { http: { attached: 0 } })
    },
  },
  {
    name: 'HTTPRouteInvalidParentRefNotMatchingSectionName',
    objects: [route('HTTPRoute', 'nowhere', { to: [{ name: 'same-namespace', sectionName: 'not-there' }] })],
    run(world) {
      expectRoute(world, ['HTTPRoute', 'nowhere'], 'same-namespace', 'Accepted=False/NoMatchingParent')
      expectNoAcceptedParents(world, 'HTTPRoute', 'nowhere')
      expectListeners(world, ['Gateway', 'same-namespace'], { http: { attached: 0 } })
    },
  },
  {
    name: 'HTTPRouteInvalidParentRefNotMatchingListenerPort',
    objects: [route('HTTPRoute', 'nowhere', { to: [{ name: 'same-namespace', port: 81 }] })],
    run(world) {
      expectRoute(world, ['HTTPRoute', 'nowhere'], 'same-namespace', 'Accepted=False/NoMatchingParent')
      expectNoAcceptedParents(world, 'HTTPRoute', 'nowhere')
      expectListeners(world, ['Gateway', 'same-namespace'], { http: { attached: 0 } })
    },
  },
  {
    name: 'HTTPRouteInvalidParentRefSectionNameNotMatchingPort',
    objects: [
      gateway('two-ports', [http({ name: 'port-80' }), http({ name: 'port-8080', port: 8080 })]),
      route('HTTPRoute', 'nowhere', { to: [{ name: 'two-ports', sectionName: 'port-80', port: 8080 }] }),
    ],
    run(world) {
      expectRoute(world, ['HTTPRoute', 'nowhere'], 'two-ports', 'Accepted=False/NoMatchingParent')
      expectNoAcceptedParents(world, 'HTTPRoute', 'nowhere')
      expectListeners(world, ['Gateway', 'two-ports'], {
        'port-80': { attached: 0 },
        'port-8080': { attached: 0 },
      })
    },
  },
  {
    name: 'HTTPRouteObservedGenerationBump',
    objects: [route('HTTPRoute', 'bumped', {})],
    async run(world) {
      expectRoute(world, ['HTTPRoute', 'bumped'], 'same-namespace', 'Accepted=True')
      const before = expectLatest(world, 'HTTPRoute', 'bumped')
      await world.apply(
        changed(world, 'HTTPRoute', 'bumped', () => ({ rules: [backends('infra-backend-v2')] })),
      )
      expectRoute(world, ['HTTPRoute', 'bumped'], 'same-namespace', 'Accepted=True')
      assert.notEqual(expectLatest(world, 'HTTPRoute', 'bumped'), before)
    },
  },
  {
    name: 'HTTPRouteDisallowedKind',
    objects: [
      gateway('tls-only', [tls({ allowedRoutes: { kinds: [{ kind: 'TLSRoute' }] } })]),
      route('HTTPRoute', 'disallowed', { to: ['tls-only'] }),
    ],
    run(world) {
      expectRoute(world, ['HTTPRoute', 'disallowed'], 'tls-only', 'Accepted=False/NotAllowedByListeners')
      expectNoAcceptedParents(world, 'HTTPRoute', 'disallowed')
      expectListeners(world, ['Gateway', 'tls-only'], { tls: { attached: 0 } })
    },
  },
  {
    name: 'TLSRouteInvalidNoMatchingListener',
    objects: [
      gateway('tls-only', [tls()]),
      gateway('http-only', [http()]),
      gateway('https-only', [https(certificate)]),
      tlsRoute('for-http', 'http-only'),
      tlsRoute('for-https', 'https-only'),
      tlsRoute('for-section', { name: 'tls-only', sectionName: 'not-there' }),
    ],
    run(world) {
      expectRoute(world, ['TLSRoute', 'for-http'], 'http-only', 'Accepted=False/NotAllowedByListeners')
      expectRoute(world, ['TLSRoute', 'for-https'], 'https-only', 'Accepted=False/NotAllowedByListeners')
      expectRoute(world, ['TLSRoute', 'for-section'], 'tls-only', 'Accepted=False/NoMatchingParent')
      for (const name of ['for-http', 'for-https', 'for-section'])
        expectNoAcceptedParents(world, 'TLSRoute', name)
      expectListeners(world, ['Gateway', 'http-only'], { http: { attached: 0 } })
      expectListeners(world, ['Gateway', 'https-only'], { https: { attached: 0 } })
    },
  },
  {
    name: 'TLSRouteInvalidNoMatchingListenerHostname',
    objects: [
      gateway('tls-only', [tls({ hostname: '*.example.com' })]),
      tlsRoute('nowhere', 'tls-only', 'abc.org'),
    ],
    run(world) {
      expectRoute(world, ['TLSRoute', 'nowhere'], 'tls-only', 'Accepted=False/NoMatchingListenerHostname')
      expectNoAcceptedParents(world, 'TLSRoute', 'nowhere')
      expectListeners(world, ['Gateway', 'tls-only'], { tls: { attached: 0 } })
    },
  },
  {
    name: 'TLSRouteListenerPassthroughSupportedKinds',
    objects: [
      gateway('kinds', [tls({ allowedRoutes: { kinds: [{ kind: 'TCPRoute' }, { kind: 'TLSRoute' }] } })]),
      gateway('only-wrong', [tls({ allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }] } })]),
      gateway('only-right', [tls({ allowedRoutes: { kinds: [{ kind: 'TLSRoute' }] } })]),
    ],
    run(world) {
      const conditions = ['ResolvedRefs=False/InvalidRouteKinds']
      expectListeners(world, ['Gateway', 'kinds'], { tls: { kinds: ['TLSRoute'], attached: 0, conditions } })
      const supported = find(world, 'Gateway', 'kinds').status.listeners?.[0]?.supportedKinds
      assert.deepEqual(
        supported?.map(({ kind }) => kind),
        ['TLSRoute'],
      )
      expectListeners(world, ['Gateway', 'only-wrong'], { tls: { kinds: [], conditions } })
      expectListeners(world, ['Gateway', 'only-right'], {
        tls: { kinds: ['TLSRoute'], conditions: ['ResolvedRefs=True'] },
      })
    },
  },
  {
    name: 'TLSRouteListenerTerminateSupportedKinds',
    objects: [
      gateway('terminates', [
        tls(
          { port: 8443, hostname: 'terminate.example.com', allowedRoutes: { kinds: [{ kind: 'TLSRoute' }] } },
          'tls-terminate-checks-certificate',
        ),
      ]),
    ],
    run(world) {
      expectListeners(world, ['Gateway', 'terminates'], {
        tls: { kinds: ['TLSRoute'], attached: 0, conditions: ['Accepted=True/Accepted'] },
      })
    },
  },
  {
    name: 'BackendTLSPolicyObservedGenerationBump',
    objects: [
      route('HTTPRoute', 'to-tls', { rules: [backends({ name: 'tls-backend', port: 443 })] }),
      backendTls('bumped', 'tls-backend'),
    ],
    async run(world) {
      expectPolicy(world, 'bumped', 'same-namespace', 'Accepted=True')
      const before = expectLatest(world, 'BackendTLSPolicy', 'bumped')
      await world.apply(
        changed(world, 'BackendTLSPolicy', 'bumped', ({ validation }: { validation: object }) => ({
          validation: { ...validation, hostname: 'other.example.com' },
        })),
      )
      expectPolicy(world, 'bumped', 'same-namespace', 'Accepted=True')
      assert.notEqual(expectLatest(world, 'BackendTLSPolicy', 'bumped'), before)
    },
  },
  streamCase(
    'TCPRouteInvalidBackendRefNonexistent',
    'TCPRoute',
    { name: 'not-there', port: 3000 },
    'BackendNotFound',
  ),
  streamCase(
    'TCPRouteInvalidCrossNamespaceBackendRef',
    'TCPRoute',
    { name: 'web-backend', namespace: webBackend, port: 8080 },
    'RefNotPermitted',
  ),
  streamCase(
    'UDPRouteInvalidBackendRefNonexistent',
    'UDPRoute',
    { name: 'not-there', port: 5300 },
    'BackendNotFound',
  ),
  streamCase(
    'UDPRouteInvalidCrossNamespaceBackendRef',
    'UDPRoute',
    { name: 'web-backend', namespace: webBackend, port: 8080 },
    'RefNotPermitted',
  ),
  refusedCase('TCPRouteInvalidNonTCPListener', 'TCPRoute'),
  refusedCase('UDPRouteNotAllowedByListeners', 'UDPRoute'),
]

function tlsRoute(name: string, parent: string | Record<string, string>, hostname = 'tls.example.com') {
  return route('TLSRoute', name, {
    to: [parent],
    hostnames: [hostname],
    rules: [backends({ name: 'tls-backend', port: 443 })],
  })
}

/** A backend that leads nowhere: attached all the same, and said so. */
function streamCase(name: string, kind: RouteKind, reference: object, reason: string): SuiteCase {
  const protocol = kind === 'TCPRoute' ? 'TCP' : 'UDP'
  return {
    name,
    objects: [
      gateway('streams', [http({ name: 'stream', port: 5000, protocol })]),
      route(kind, 'unresolved', { to: ['streams'], rules: [backends(reference as Record<string, unknown>)] }),
    ],
    run(world) {
      expectRoute(world, [kind, 'unresolved'], 'streams', 'Accepted=True', `ResolvedRefs=False/${reason}`)
      expectListeners(world, ['Gateway', 'streams'], { stream: { kinds: [kind], attached: 1 } })
    },
  }
}

/** A route at listeners of other protocols. */
function refusedCase(name: string, kind: RouteKind): SuiteCase {
  return {
    name,
    objects: [
      gateway('http-only', [http()]),
      route(kind, 'refused', { to: ['http-only'], rules: [backends({ name: 'tcp-backend', port: 3000 })] }),
    ],
    run(world) {
      expectRoute(world, [kind, 'refused'], 'http-only', 'Accepted=False/NotAllowedByListeners')
      expectNoAcceptedParents(world, kind, 'refused')
      expectListeners(world, ['Gateway', 'http-only'], { http: { attached: 0 } })
      expectObject(world, 'Gateway', 'http-only', 'Accepted=True')
    },
  }
}
