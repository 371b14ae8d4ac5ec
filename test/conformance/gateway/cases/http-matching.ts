/** Which route of HTTPRoutes a request takes: paths, headers, methods, queries, precedence. */
import { backends, matching, route, webBackend } from '../objects.ts'
import { expectRows } from '../expecting.ts'
import { httpTable } from '../http-table.ts'
import { exactly, prefix, values, type SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { expectRoute } from '../world.ts'

const v = (version: number) => `infra-backend-v${version}`

export const httpMatchingCases: readonly SuiteCase<TrafficWorld>[] = [
  httpTable('HTTPRouteSimpleSameNamespace', [backends(v(1))], [['/', 1]]),
  httpTable(
    'HTTPRouteNamedRule',
    [{ name: 'named', ...matching(['/named'], v(1)) }, matching(['/unnamed'], v(2))],
    [
      ['/named', 1],
      ['/unnamed', 2],
    ],
  ),
  {
    name: 'HTTPRouteCrossNamespace',
    objects: [
      route('HTTPRoute', 'web', {
        to: ['backend-namespaces'],
        rules: [backends('web-backend')],
        meta: { namespace: webBackend },
      }),
    ],
    async run(world) {
      expectRoute(world, ['HTTPRoute', `${webBackend}/web`], 'backend-namespaces', 'Accepted=True')
      await expectRows(world, 'backend-namespaces', [
        ['/', { backend: 'web-backend', namespace: webBackend }],
      ])
    },
  },
  httpTable(
    'HTTPRouteExactPathMatching',
    [matching([exactly('/one')], v(1)), matching([exactly('/two')], v(2))],
    [
      ['/one', 1],
      ['/two', 2],
      ['/', 404],
      ['/one/example', 404],
      ['/two/', 404],
      ['/Two', 404],
    ],
  ),
  httpTable(
    'HTTPRouteHeaderMatching',
    [
      matching([{ headers: values({ version: 'one' }) }], v(1)),
      matching([{ headers: values({ version: 'two' }) }], v(2)),
      matching([{ headers: values({ version: 'two', color: 'orange' }) }], v(1)),
      matching([{ headers: values({ color: 'blue' }) }, { headers: values({ color: 'green' }) }], v(1)),
      matching([{ headers: values({ color: 'red' }) }, { headers: values({ color: 'yellow' }) }], v(2)),
    ],
    [
      ['/ Version=one', 1],
      ['/ Version=two', 2],
      ['/ Version=two Color=orange', 1],
      ['/ Version=two Color=blue', 2],
      ['/ Color=orange', 404],
      ['/ Some-Other-Header=one', 404],
      ['/ Color=blue', 1],
      ['/ Color=green', 1],
      ['/ Color=red', 2],
      ['/ Color=yellow', 2],
      ['/ Color=purple', 404],
    ],
  ),
  httpTable(
    'HTTPRouteMatching',
    [
      matching(['/', { headers: values({ version: 'one' }) }], v(1)),
      matching(['/v2', { headers: values({ version: 'two' }) }], v(2)),
    ],
    [
      ['/', 1],
      ['/example', 1],
      ['/ Version=one', 1],
      ['/v2', 2],
      ['/v2/example', 2],
      ['/ Version=two', 2],
      ['/v2/', 2],
      ['/v2example', 1],
      ['/foo/v2/example', 1],
    ],
  ),
  {
    name: 'HTTPRouteMatchingAcrossRoutes',
    objects: [
      route('HTTPRoute', 'part-1', {
        hostnames: ['example.com', 'example.net'],
        rules: [matching(['/', { headers: values({ version: 'one' }) }], v(1))],
      }),
      route('HTTPRoute', 'part-2', {
        hostnames: ['example.com'],
        rules: [matching(['/v2', { headers: values({ version: 'two' }) }], v(2))],
      }),
    ],
    async run(world) {
      await expectRows(world, 'same-namespace', [
        ['example.com/', 1],
        ['example.com/example', 1],
        ['example.net/example', 1],
        ['example.com/example Version=one', 1],
        ['example.com/v2', 2],
        ['example.net/v2', 1],
        ['example.com/v2/example', 2],
        ['example.com/ Version=two', 2],
      ])
    },
  },
  httpTable(
    'HTTPRoutePathMatchOrder',
    [
      matching([exactly('/match')], v(1)),
      matching([exactly('/match/exact')], v(2)),
      matching([exactly('/match/exact/one')], v(3)),
      matching(['/match/'], v(3)),
      matching(['/match/prefix/'], v(1)),
      matching(['/match/prefix/one'], v(2)),
    ],
    [
      ['/match/exact/one', 3],
      ['/match/exact', 2],
      ['/match', 1],
      ['/match/prefix/one/any', 2],
      ['/match/prefix/any', 1],
      ['/match/any', 3],
    ],
  ),
  httpTable(
    'HTTPRouteMethodMatching',
    [
      matching([{ method: 'POST' }], v(1)),
      matching([{ method: 'GET' }], v(2)),
      matching([prefix('/path1', { method: 'GET' })], v(1)),
      matching([{ headers: values({ version: 'one' }), method: 'PUT' }], v(2)),
      matching([prefix('/path2', { headers: values({ version: 'two' }), method: 'POST' })], v(3)),
      matching(
        [
          prefix('/path3', { method: 'PATCH' }),
          prefix('/path4', { headers: values({ version: 'three' }), method: 'DELETE' }),
        ],
        v(1),
      ),
      matching(['/path5'], v(1)),
      matching([{ method: 'PATCH' }], v(2)),
      matching([{ headers: values({ version: 'four' }) }], v(3)),
    ],
    [
      ['POST /', 1],
      ['GET /', 2],
      ['HEAD /', 404],
      ['GET /path1', 1],
      ['PUT / version=one', 2],
      ['POST /path2 version=two', 3],
      ['PATCH /path3', 1],
      ['DELETE /path4 version=three', 1],
      ['PUT /', 404],
      ['DELETE /path4', 404],
      ['PATCH /path5', 1],
      ['PATCH / version=four', 2],
    ],
  ),
  httpTable(
    'HTTPRouteQueryParamMatching',
    [
      matching([{ queryParams: values({ animal: 'whale' }) }], v(1)),
      matching([{ queryParams: values({ animal: 'dolphin' }) }], v(2)),
      matching(
        [
          { queryParams: values({ animal: 'dolphin', color: 'blue' }) },
          { queryParams: values({ ANIMAL: 'Whale' }) },
        ],
        v(3),
      ),
      matching([prefix('/path1', { queryParams: values({ animal: 'whale' }) })], v(1)),
      matching([{ headers: values({ version: 'one' }), queryParams: values({ animal: 'whale' }) }], v(2)),
      matching(
        [prefix('/path2', { headers: values({ version: 'two' }), queryParams: values({ animal: 'whale' }) })],
        v(3),
      ),
      matching(
        [
          prefix('/path3', { queryParams: values({ animal: 'shark' }) }),
          prefix('/path4', {
            headers: values({ version: 'three' }),
            queryParams: values({ animal: 'kraken' }),
          }),
        ],
        v(1),
      ),
      matching(['/path5'], v(1)),
      matching([{ queryParams: values({ animal: 'hydra' }) }], v(2)),
      matching([{ headers: values({ version: 'four' }) }], v(3)),
    ],
    [
      ['/?animal=whale', 1],
      ['/?animal=dolphin', 2],
      ['/?animal=dolphin&color=blue', 3],
      ['/?ANIMAL=Whale', 3],
      ['/?animal=whale&otherparam=irrelevant', 1],
      ['/?animal=dolphin&color=yellow', 2],
      ['/?color=blue', 404],
      ['/?animal=dog', 404],
      ['/?animal=whaledolphin', 404],
      ['/', 404],
      ['/path1?animal=whale', 1],
      ['/?animal=whale version=one', 2],
      ['/path2?animal=whale version=two', 3],
      ['/path3?animal=shark', 1],
      ['/path4?animal=kraken version=three', 1],
      ['/?animal=shark', 404],
      ['/path4?animal=kraken', 404],
      ['/path5?animal=hydra', 1],
      ['/?animal=hydra version=four', 3],
    ],
  ),
]
