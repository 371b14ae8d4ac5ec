/** Requests over listeners of ListenerSets. */
import assert from 'node:assert/strict'
import { expectRows, type Row } from '../expecting.ts'
import { gateway, grant, http, infra, listenerSet, matching, namespace, ofSet, route } from '../objects.ts'
import type { SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { accepted, expectListeners, expectRoute, find, type World } from '../world.ts'

const v = (version: number) => `infra-backend-v${version}`
const anyone = { allowedListeners: { namespaces: { from: 'All' } } }
const served = (attached: number) => ({ kinds: ['HTTPRoute'], attached, conditions: accepted })

function expectSets(world: World, attached: number): void {
  assert.equal(find(world, 'Gateway', 'parent').status.attachedListenerSets, attached)
}

/** A rule by path to an infra backend, from any namespace. */
const rule = (path: string, version: number) =>
  matching([path], { name: v(version), namespace: infra, port: 8080 })

export const listenerSetTrafficCases: readonly SuiteCase<TrafficWorld>[] = [
  {
    name: 'ListenerSetHTTPRouting',
    objects: [
      gateway(
        'parent',
        ['own-1', 'own-2'].map((name) => http({ name, hostname: `${name}.com` })),
        anyone,
      ),
      ...[1, 2].map((set) =>
        listenerSet(
          `set-${set}`,
          'parent',
          [1, 2].map((index) => http({ name: `listener-${index}`, hostname: `set-${set}-${index}.com` })),
        ),
      ),
      route('HTTPRoute', 'everywhere', {
        to: ['parent', ofSet('set-1'), ofSet('set-2')],
        rules: [rule('/route', 1)],
      }),
      route('HTTPRoute', 'of-gateway', { to: ['parent'], rules: [rule('/gateway', 2)] }),
      route('HTTPRoute', 'of-own-1', {
        to: [{ name: 'parent', sectionName: 'own-1' }],
        rules: [rule('/own-1', 3)],
      }),
      route('HTTPRoute', 'of-set-1', { to: [ofSet('set-1')], rules: [rule('/set-1', 2)] }),
      route('HTTPRoute', 'of-set-1-listener-1', {
        to: [ofSet('set-1', { sectionName: 'listener-1' })],
        rules: [rule('/set-1-1', 3)],
      }),
      route('HTTPRoute', 'of-set-2', { to: [ofSet('set-2')], rules: [rule('/set-2', 2)] }),
    ],
    async run(world) {
      expectSets(world, 2)
      expectListeners(world, ['Gateway', 'parent'], { 'own-1': served(3), 'own-2': served(2) })
      expectListeners(world, ['ListenerSet', 'set-1'], { 'listener-1': served(3), 'listener-2': served(2) })
      expectListeners(world, ['ListenerSet', 'set-2'], { 'listener-1': served(2), 'listener-2': served(2) })
      const hosts = ['own-1', 'own-2', 'set-1-1', 'set-1-2', 'set-2-1', 'set-2-2']
      const reached: Record<string, readonly [version: number, hosts: readonly string[]]> = {
        '/route': [1, hosts],
        '/gateway': [2, ['own-1', 'own-2']],
        '/own-1': [3, ['own-1']],
        '/set-1': [2, ['set-1-1', 'set-1-2']],
        '/set-1-1': [3, ['set-1-1']],
        '/set-2': [2, ['set-2-1', 'set-2-2']],
      }
      const rows = Object.entries(reached).flatMap(([path, [version, own]]) =>
        hosts.map((host): Row => [`${host}.com${path}`, own.includes(host) ? version : 404]),
      )
      await expectRows(world, 'parent', rows)
    },
  },
  {
    name: 'ListenerSetDualParentRefIndependence',
    objects: [
      gateway('parent', [http({ name: 'own', hostname: 'gw.com' })], anyone),
      listenerSet('set', 'parent', [http({ name: 'added', hostname: 'ls.com' })]),
      route('HTTPRoute', 'both', { to: ['parent', ofSet('set')], rules: [rule('/both', 1)] }),
      route('HTTPRoute', 'one', {
        to: [{ name: 'parent', sectionName: 'added' }, ofSet('set', { sectionName: 'added' })],
        rules: [rule('/one', 2)],
      }),
    ],
    async run(world) {
      expectSets(world, 1)
      expectListeners(world, ['ListenerSet', 'set'], { added: served(2) })
      expectRoute(world, ['HTTPRoute', 'both'], 'parent', 'Accepted=True')
      expectRoute(world, ['HTTPRoute', 'both'], 'ListenerSet:set', 'Accepted=True')
      expectRoute(world, ['HTTPRoute', 'one'], 'parent', 'Accepted=False/NoMatchingParent')
      expectRoute(world, ['HTTPRoute', 'one'], 'ListenerSet:set', 'Accepted=True')
      await expectRows(world, 'parent', [
        ['gw.com/both', 1],
        ['ls.com/both', 1],
        ['ls.com/one', 2],
        ['gw.com/one', 404],
      ])
    },
  },
  {
    name: 'ListenerSetGatewayParentSectionNameNotFound',
    objects: [
      gateway('parent', [http({ name: 'own', hostname: 'gw.com' })], anyone),
      listenerSet('set', 'parent', [http({ name: 'added', hostname: 'ls.com' })]),
      route('HTTPRoute', 'via-set', {
        to: [ofSet('set', { sectionName: 'added' })],
        rules: [rule('/good', 1)],
      }),
      route('HTTPRoute', 'via-gateway', {
        to: [{ name: 'parent', sectionName: 'added' }],
        rules: [rule('/bad', 2)],
      }),
    ],
    async run(world) {
      expectSets(world, 1)
      expectRoute(world, ['HTTPRoute', 'via-set'], 'ListenerSet:set', 'Accepted=True')
      expectRoute(world, ['HTTPRoute', 'via-gateway'], 'parent', 'Accepted=False/NoMatchingParent')
      await expectRows(world, 'parent', [
        ['ls.com/good', 1],
        ['gw.com/bad', 404],
        ['ls.com/bad', 404],
      ])
    },
  },
  {
    name: 'ListenerSetAllowedRoutesNamespaces',
    objects: [
      gateway('parent', [http({ name: 'own', hostname: 'gw.com' })], anyone),
      namespace('chosen', { allowed: 'ns' }),
      namespace('other'),
      namespace('cross'),
      listenerSet('set', 'parent', [
        http({ name: 'all', hostname: 'all.com' }),
        http({ name: 'same', hostname: 'same.com', allowedRoutes: { namespaces: { from: 'Same' } } }),
        http({
          name: 'selector',
          hostname: 'selector.com',
          allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { allowed: 'ns' } } } },
        }),
      ]),
      listenerSet(
        'cross-set',
        'parent',
        [http({ name: 'same', hostname: 'cross.com', allowedRoutes: { namespaces: { from: 'Same' } } })],
        { namespace: 'cross' },
      ),
      route('HTTPRoute', 'here', { to: [ofSet('set')], rules: [rule('/here', 1)] }),
      route('HTTPRoute', 'chosen', {
        to: [ofSet('set')],
        rules: [rule('/chosen', 2)],
        meta: { namespace: 'chosen' },
      }),
      route('HTTPRoute', 'other', {
        to: [ofSet('set')],
        rules: [rule('/other', 3)],
        meta: { namespace: 'other' },
      }),
      route('HTTPRoute', 'of-cross', {
        to: [ofSet('cross-set', { namespace: 'cross' })],
        rules: [rule('/cross', 1)],
        meta: { namespace: 'cross' },
      }),
      route('HTTPRoute', 'not-of-cross', {
        to: [ofSet('cross-set', { namespace: 'cross' })],
        rules: [rule('/not-cross', 2)],
      }),
      ...['chosen', 'other', 'cross'].map((from) =>
        grant(
          `for-${from}`,
          { kind: 'HTTPRoute', namespace: from },
          { kind: 'Service' },
          { namespace: infra },
        ),
      ),
    ],
    async run(world) {
      expectSets(world, 2)
      expectListeners(world, ['ListenerSet', 'set'], { all: served(3), same: served(1), selector: served(1) })
      expectListeners(world, ['ListenerSet', 'cross/cross-set'], { same: served(1) })
      expectRoute(
        world,
        ['HTTPRoute', 'not-of-cross'],
        'ListenerSet:cross/cross-set',
        'Accepted=False/NotAllowedByListeners',
      )
      await expectRows(world, 'parent', [
        ['all.com/here', 1],
        ['all.com/chosen', 2],
        ['all.com/other', 3],
        ['same.com/here', 1],
        ['same.com/chosen', 404],
        ['same.com/other', 404],
        ['selector.com/here', 404],
        ['selector.com/chosen', 2],
        ['selector.com/other', 404],
        ['cross.com/cross', 1],
        ['cross.com/not-cross', 404],
      ])
    },
  },
]
