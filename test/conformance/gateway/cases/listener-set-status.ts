/** ListenerSets whose status is all there is to see. */
import assert from 'node:assert/strict'
import {
  grant,
  gateway,
  http,
  https,
  infra,
  listenerSet,
  matching,
  namespace,
  ofSet,
  route,
  tls,
  webBackend,
} from '../objects.ts'
import type { SuiteCase } from '../suite-case.ts'
import type { World } from '../world.ts'
import { accepted, expectListeners, expectObject, expectRoute, find } from '../world.ts'

const own = http({ name: 'own', hostname: 'gateway-listener.com' })
const added = (hostname: string) => http({ name: 'added', hostname })
const allow = (namespaces: object) => ({ allowedListeners: { namespaces } })
const notAllowed = ['Accepted=False/NotAllowed', 'Programmed=False/NotAllowed']
const elsewhere = { kind: 'Secret', group: '', name: 'certificate', namespace: webBackend }

function expectSets(world: World, name: string, attached: number): void {
  expectObject(world, 'Gateway', name, 'Accepted=True')
  assert.equal(find(world, 'Gateway', name).status.attachedListenerSets, attached)
}

export const listenerSetStatusCases: readonly SuiteCase[] = [
  {
    name: 'ListenerSetAllowedNamespaceNone',
    objects: [
      gateway('parent', [own], allow({ from: 'None' })),
      listenerSet('set', 'parent', [added('set.com')]),
    ],
    run(world) {
      expectSets(world, 'parent', 0)
      expectObject(world, 'ListenerSet', 'set', ...notAllowed)
    },
  },
  {
    name: 'ListenerSetDefaultNotAllowed',
    objects: [gateway('parent', [own]), listenerSet('set', 'parent', [added('set.com')])],
    run(world) {
      expectSets(world, 'parent', 0)
      expectObject(world, 'ListenerSet', 'set', ...notAllowed)
    },
  },
  {
    name: 'ListenerSetAllowedNamespaceSame',
    objects: [
      gateway('parent', [own], allow({ from: 'Same' })),
      listenerSet('set', 'parent', [added('set.com')]),
      namespace('other'),
      listenerSet('other-set', 'parent', [added('other.com')], { namespace: 'other' }),
    ],
    run(world) {
      expectSets(world, 'parent', 1)
      expectObject(world, 'ListenerSet', 'set', 'Accepted=True/Accepted', 'Programmed=True/Programmed')
      expectListeners(world, ['ListenerSet', 'set'], { added: { conditions: accepted } })
      expectObject(world, 'ListenerSet', 'other/other-set', ...notAllowed)
    },
  },
  {
    name: 'ListenerSetAllowedNamespaceSelector',
    objects: [
      gateway('parent', [own], allow({ from: 'Selector', selector: { matchLabels: { allowed: 'ns' } } })),
      namespace('chosen', { allowed: 'ns' }),
      listenerSet('set', 'parent', [added('set.com')], { namespace: 'chosen' }),
      namespace('other'),
      listenerSet('set', 'parent', [added('other.com')], { namespace: 'other' }),
    ],
    run(world) {
      expectSets(world, 'parent', 1)
      expectObject(world, 'ListenerSet', 'chosen/set', 'Accepted=True/Accepted', 'Programmed=True/Programmed')
      expectListeners(world, ['ListenerSet', 'chosen/set'], { added: { conditions: accepted } })
      expectObject(world, 'ListenerSet', 'other/set', ...notAllowed)
    },
  },
  conflictCase('ListenerSetHostnameConflict', 'HostnameConflict', (name) => ({
    winner: http({ name, hostname: `${name}.com` }),
    loser: http({ name, hostname: `${name}.com` }),
  })),
  conflictCase('ListenerSetProtocolConflict', 'ProtocolConflict', (name) => {
    const port = name === 'with-gateway' ? 8081 : 8082
    return { winner: http({ name, port, hostname: `${name}.com` }), loser: tcp({ name, port }) }
  }),
  {
    name: 'ListenerSetReferenceGrant',
    objects: [
      gateway('parent', [https(elsewhere, { name: 'own', hostname: 'own.com' })], allow({ from: 'All' })),
      grant('for-gateway', { kind: 'Gateway' }, { kind: 'Secret' }),
      grant('for-set', { kind: 'ListenerSet' }, { kind: 'Secret' }),
      listenerSet('granted', 'parent', [https(elsewhere, { hostname: 'granted.com' })]),
      namespace('other'),
      listenerSet('not-granted', 'parent', [https(elsewhere, { hostname: 'not-granted.com' })], {
        namespace: 'other',
      }),
    ],
    run(world) {
      expectObject(world, 'Gateway', 'parent', 'Accepted=True')
      expectObject(world, 'ListenerSet', 'granted', 'Accepted=True', 'Programmed=True')
      expectListeners(world, ['ListenerSet', 'granted'], { https: { conditions: ['ResolvedRefs=True'] } })
      expectObject(
        world,
        'ListenerSet',
        'other/not-granted',
        'Accepted=False/ListenersNotValid',
        'Programmed=False/ListenersNotValid',
      )
      expectListeners(world, ['ListenerSet', 'other/not-granted'], {
        https: { conditions: ['ResolvedRefs=False/RefNotPermitted'] },
      })
    },
  },
  {
    name: 'ListenerSetAllowedRoutesSupportedKinds',
    objects: [
      gateway('parent', [own], allow({ from: 'All' })),
      listenerSet('set', 'parent', [
        tls({ hostname: 'tls-only.com', allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }] } }),
      ]),
    ],
    run(world) {
      expectObject(world, 'Gateway', 'parent', 'Accepted=True')
      expectListeners(world, ['ListenerSet', 'set'], {
        tls: { conditions: ['ResolvedRefs=False/InvalidRouteKinds'] },
      })
    },
  },
  {
    name: 'ListenerSetRouteStatusScopedToParentRef',
    objects: [
      gateway('parent', [own], allow({ from: 'Same' })),
      listenerSet('set', 'parent', [added('set.com')]),
      route('HTTPRoute', 'of-gateway', {
        to: ['parent'],
        rules: [matching(['/gateway'], 'infra-backend-v1')],
      }),
      route('HTTPRoute', 'of-set', { to: [ofSet('set')], rules: [matching(['/set'], 'infra-backend-v2')] }),
    ],
    run(world) {
      expectSets(world, 'parent', 1)
      expectListeners(world, ['ListenerSet', 'set'], {
        added: { kinds: ['HTTPRoute'], attached: 1, conditions: accepted },
      })
      expectRoute(world, ['HTTPRoute', 'of-gateway'], 'parent', 'Accepted=True')
      expectRoute(world, ['HTTPRoute', 'of-set'], 'ListenerSet:set', 'Accepted=True')
      for (const [name, kind, parent] of [
        ['of-gateway', 'Gateway', 'parent'],
        ['of-set', 'ListenerSet', 'set'],
      ] as const) {
        const parents = find(world, 'HTTPRoute', name).status.parents ?? []
        assert.deepEqual(
          parents.map(({ parentRef, controllerName }) => ({ ...parentRef, controllerName })),
          [
            {
              group: 'gateway.networking.k8s.io',
              kind,
              namespace: infra,
              name: parent,
              controllerName: 'slipway.dev/gateway-controller',
            },
          ],
        )
      }
    },
  },
]

function tcp(fields: object): ReturnType<typeof http> {
  return { port: 80, protocol: 'TCP', ...fields } as ReturnType<typeof http>
}

/** A Gateway's listener wins over those of sets, an older set over a younger; a set with no listener left is refused. */
function conflictCase(
  name: string,
  reason: string,
  pair: (name: string) => { winner: ReturnType<typeof http>; loser: ReturnType<typeof http> },
): SuiteCase {
  const withGateway = pair('with-gateway')
  const withSet = pair('with-set')
  const at = (second: number) => ({ creationTimestamp: `2026-01-01T00:00:0${second}Z` })
  return {
    name,
    objects: [
      gateway('parent', [own, withGateway.winner], allow({ from: 'Same' })),
      listenerSet('set-1', 'parent', [added('one.com'), withGateway.loser, withSet.winner], at(1)),
      listenerSet('set-2', 'parent', [withGateway.loser], at(2)),
      listenerSet('set-3', 'parent', [{ ...added('three.com'), name: 'third' }, withSet.loser], at(3)),
      listenerSet('set-4', 'parent', [withSet.loser], at(4)),
    ],
    run(world) {
      const lost = {
        conditions: [`Accepted=False/${reason}`, `Programmed=False/${reason}`, `Conflicted=True/${reason}`],
      }
      const won = { conditions: accepted }
      expectSets(world, 'parent', 2)
      expectListeners(world, ['Gateway', 'parent'], { own: won, 'with-gateway': won })
      expectObject(world, 'ListenerSet', 'set-1', 'Accepted=True', 'Programmed=True/Programmed')
      expectListeners(world, ['ListenerSet', 'set-1'], { added: won, 'with-gateway': lost, 'with-set': won })
      expectObject(world, 'ListenerSet', 'set-3', 'Accepted=True', 'Programmed=True/Programmed')
      expectListeners(world, ['ListenerSet', 'set-3'], { third: won, 'with-set': lost })
      for (const [set, listener] of [
        ['set-2', 'with-gateway'],
        ['set-4', 'with-set'],
      ] as const) {
        expectObject(
          world,
          'ListenerSet',
          set,
          'Accepted=False/ListenersNotValid',
          'Programmed=False/ListenersNotValid',
        )
        expectListeners(world, ['ListenerSet', set], { [listener]: lost })
      }
    },
  }
}
