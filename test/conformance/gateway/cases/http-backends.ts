/** Backends of HTTPRoutes: references that lead somewhere or not, grants, weights, kinds of Services, protocols. */
import assert from 'node:assert/strict'
import { ask, eventually } from '../client.ts'
import { expectRows, type Row } from '../expecting.ts'
import {
  appBackend,
  backends,
  endpointSlice,
  grant,
  infra,
  matching,
  route,
  service,
  webBackend,
  type KubeManifest,
} from '../objects.ts'
import { exactly, type SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { expectRoute } from '../world.ts'
import { missingGrants } from './reference-grants.ts'

const v = (version: number) => `infra-backend-v${version}`
const webRef = { name: 'web-backend', namespace: webBackend, port: 8080 }
const fromHttp = { kind: 'HTTPRoute' }

/** One route at `same-namespace`, its ResolvedRefs, and what its requests get. */
function resolveCase(
  name: string,
  given: { rules: readonly object[]; others?: readonly KubeManifest[] },
  resolved: string,
  rows: readonly Row[],
): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [
      route('HTTPRoute', 'web', { rules: given.rules as Record<string, unknown>[] }),
      ...(given.others ?? []),
    ],
    async run(world) {
      expectRoute(world, ['HTTPRoute', 'web'], 'same-namespace', 'Accepted=True', `ResolvedRefs=${resolved}`)
      await expectRows(world, 'same-namespace', rows)
    },
  }
}

export const httpBackendCases: readonly SuiteCase<TrafficWorld>[] = [
  resolveCase(
    'HTTPRouteInvalidBackendRefUnknownKind',
    { rules: [backends({ group: 'unknownkind.example.com', kind: 'NonExistent', name: v(1), port: 8080 })] },
    'False/InvalidKind',
    [['/v2', 500]],
  ),
  resolveCase(
    'HTTPRouteInvalidNonExistentBackendRef',
    { rules: [backends('not-there')] },
    'False/BackendNotFound',
    [['/', 500]],
  ),
  resolveCase(
    'HTTPRouteNoBackendRefs',
    {
      rules: [
        { matches: [exactly('/omitted')] },
        { matches: [exactly('/empty')], backendRefs: [] },
        matching(['/'], v(1)),
      ],
    },
    'True',
    [
      ['/forward', 1],
      ['/omitted', 500],
      ['/empty', 500],
    ],
  ),
  resolveCase(
    'HTTPRouteInvalidCrossNamespaceBackendRef',
    { rules: [backends(webRef)] },
    'False/RefNotPermitted',
    [['/', 500]],
  ),
  resolveCase(
    'HTTPRouteInvalidReferenceGrant',
    { rules: [backends(webRef)], others: missingGrants(fromHttp, { kind: 'Service', name: 'web-backend' }) },
    'False/RefNotPermitted',
    [['/v2', 500]],
  ),
  resolveCase(
    'HTTPRoutePartiallyInvalidViaInvalidReferenceGrant',
    {
      rules: [
        matching(['/v2'], { name: 'app-backend-v2', namespace: appBackend, port: 8080 }),
        backends({ name: 'app-backend-v1', namespace: appBackend, port: 8080 }),
      ],
      others: [
        grant('only-v1', fromHttp, { kind: 'Service', name: 'app-backend-v1' }, { namespace: appBackend }),
      ],
    },
    'False/RefNotPermitted',
    [
      ['/v2', 500],
      ['/', { backend: 'app-backend-v1', namespace: appBackend }],
    ],
  ),
  {
    name: 'HTTPRouteReferenceGrant',
    objects: [
      route('HTTPRoute', 'web', { rules: [backends(webRef)] }),
      grant('granted', fromHttp, { kind: 'Service', name: 'web-backend' }),
    ],
    async run(world) {
      expectRoute(world, ['HTTPRoute', 'web'], 'same-namespace', 'ResolvedRefs=True')
      await expectRows(world, 'same-namespace', [['/', { backend: 'web-backend', namespace: webBackend }]])
      await world.remove('ReferenceGrant', `${webBackend}/granted`)
      await expectRows(world, 'same-namespace', [['/', 500]])
      expectRoute(world, ['HTTPRoute', 'web'], 'same-namespace', 'ResolvedRefs=False/RefNotPermitted')
    },
  },
  {
    name: 'HTTPRouteServiceTypes',
    objects: [
      route('HTTPRoute', 'web', {
        rules: ['manual', 'headless', 'headless-manual'].map((name) => matching([exactly(`/${name}`)], name)),
      }),
      service('manual', [{ name: 'first-port', port: 8080, targetPort: 3000 }]),
      service(
        'headless-manual',
        [{ name: 'first-port', port: 8080, targetPort: 3000 }],
        {},
        { clusterIP: 'None' },
      ),
      service(
        'headless',
        [{ name: 'first-port', port: 8080, targetPort: 3000 }],
        {},
        { clusterIP: 'None', selector: { app: 'infra-backend-v1' } },
      ),
    ],
    async run(world) {
      expectRoute(world, ['HTTPRoute', 'web'], 'same-namespace', 'ResolvedRefs=True')
      await expectRows(world, 'same-namespace', [['/manual', 503]])
      const pod = world.pods.pods.find((candidate) => candidate.service === v(1))
      assert.ok(pod)
      await world.apply(
        ...['manual', 'headless-manual', 'headless'].map((name) =>
          endpointSlice(
            name,
            [{ name: 'first-port', port: pod.ports.http }],
            [{ address: pod.address, pod: pod.name }],
          ),
        ),
      )
      await expectRows(
        world,
        'same-namespace',
        ['manual', 'headless', 'headless-manual'].map((name): Row => [`/${name}`, 1]),
      )
      for (const name of ['manual', 'headless-manual', 'headless']) {
        await world.remove('EndpointSlice', `${infra}/${name}-slice`)
      }
    },
  },
  {
    name: 'HTTPRouteWeight',
    objects: [
      route('HTTPRoute', 'web', {
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
      await expectShares({ [v(1)]: 0.7, [v(2)]: 0.3 }, async () => (await ask({ at })).echo?.service)
    },
  },
  {
    name: 'HTTPRouteBackendProtocolH2C',
    objects: [route('HTTPRoute', 'web', { rules: [backends({ name: v(1), port: 8081 })] })],
    async run(world) {
      const at = world.addressOf('same-namespace')
      await expectRows(world, 'same-namespace', [[{ http2: true }, 1]])
      assert.equal((await ask({ at, http2: true })).echo?.proto, 'HTTP/2.0')
      assert.equal((await ask({ at })).echo?.proto, 'HTTP/2.0')
    },
  },
  {
    name: 'HTTPRouteBackendProtocolWebSocket',
    objects: [route('HTTPRoute', 'web', { rules: [backends({ name: v(1), port: 8082 })] })],
    async run(world) {
      const url = `ws://${world.addressOf('same-namespace')}/ws`
      await eventually(async () => {
        const answer = await webSocketEcho(url, 'WebSocket support!')
        assert.equal(answer, 'WebSocket support!')
      })
    },
  },
]

async function webSocketEcho(url: string, text: string): Promise<string> {
  const socket = new WebSocket(url)
  try {
    return await new Promise((resolve, reject) => {
      socket.addEventListener('open', () => socket.send(text))
      socket.addEventListener('message', ({ data }) => resolve(String(data)))
      socket.addEventListener('error', () => reject(new Error('the WebSocket failed')))
      socket.addEventListener('close', () => reject(new Error('the WebSocket was closed')))
    })
  } finally {
    socket.close()
  }
}

/**
 * Of 500 requests, ten at a time, each backend has its share within 5 points; with bad luck up to ten times.
 * What is not in `shares` must get none.
 */
export async function expectShares(
  shares: Readonly<Record<string, number>>,
  send: () => Promise<string | undefined>,
): Promise<void> {
  let told = ''
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const counts = new Map<string, number>()
    for (let sent = 0; sent < 500; sent += 10) {
      const backendsSeen = await Promise.all(Array.from({ length: 10 }, send))
      for (const backend of backendsSeen) {
        assert.ok(backend !== undefined && backend in shares, `no request goes to ${backend}`)
        counts.set(backend, (counts.get(backend) ?? 0) + 1)
      }
    }
    const isFair = Object.entries(shares).every(
      ([name, share]) => Math.abs((counts.get(name) ?? 0) / 500 - share) <= 0.05,
    )
    if (isFair) return
    told = JSON.stringify(Object.fromEntries(counts))
  }
  assert.fail(`shares are ${told}, expected ${JSON.stringify(shares)}`)
}
