/** Timeouts and retries of HTTPRoutes. */
import { randomUUID } from 'node:crypto'
import { ask, eventually, expectAnswer } from '../client.ts'
import { expectRows } from '../expecting.ts'
import { matching, route } from '../objects.ts'
import type { SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { expectRoute } from '../world.ts'

/** One backend with one pod counts tries. */
const retried = 'infra-backend-v3'

/** Path and query of `/retry`, and the status that comes of it. */
type Try = readonly [path: string, query: string, status: number | readonly number[]]

function retryCase(name: string, rules: readonly object[], tries: readonly Try[]): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [route('HTTPRoute', 'web', { rules: rules as Record<string, unknown>[] })],
    async run(world) {
      expectRoute(world, ['HTTPRoute', 'web'], 'same-namespace', 'Accepted=True', 'ResolvedRefs=True')
      const at = world.addressOf('same-namespace')
      await Promise.all(
        tries.map(async ([path, query, status]) => {
          try {
            await eventually(async () =>
              expectAnswer(await ask({ at, path: `${path}?uuid=${randomUUID()}&${query}` }), { status }),
            )
          } catch (error) {
            throw new Error(`${path}?${query}: ${(error as Error).message}`, { cause: error })
          }
        }),
      )
    },
  }
}

function timeoutCase(name: string, field: string): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [
      route('HTTPRoute', 'web', {
        rules: [
          { ...matching(['/limited'], 'infra-backend-v1'), timeouts: { [field]: '500ms' } },
          { ...matching(['/unlimited'], 'infra-backend-v1'), timeouts: { [field]: '0s' } },
        ],
      }),
    ],
    async run(world) {
      await expectRows(world, 'same-namespace', [
        ['/limited', 200],
        ['/limited?delay=1s', { status: [504, 408] }],
        ['/unlimited?delay=1s', 200],
      ])
    },
  }
}

const codes = [500, 502, 503, 504]

export const httpReliabilityCases: readonly SuiteCase<TrafficWorld>[] = [
  timeoutCase('HTTPRouteTimeoutRequest', 'request'),
  timeoutCase('HTTPRouteTimeoutBackendRequest', 'backendRequest'),
  retryCase(
    'HTTPRouteRetry',
    [
      { ...matching(['/retry/only-500'], retried), retry: { codes: [500], attempts: 3 } },
      { ...matching(['/retry/all'], retried), retry: { codes, attempts: 2 } },
    ],
    [
      ['/retry/only-500', 'responseCode=500&succeedAfter=2', 200],
      ['/retry/only-500', 'responseCode=500&succeedAfter=4', 500],
      ['/retry/only-500', 'responseCode=503&succeedAfter=2', 503],
      ...codes.flatMap((code): Try[] => [
        ['/retry/all', `responseCode=${code}&succeedAfter=1`, 200],
        ['/retry/all', `responseCode=${code}&succeedAfter=3`, code],
      ]),
    ],
  ),
  retryCase(
    'HTTPRouteRetryConnectionError',
    [{ ...matching(['/retry/connection'], retried), retry: { attempts: 3 } }],
    [
      ['/retry/connection', 'succeedAfter=2', 200],
      ['/retry/connection', 'succeedAfter=4', [500, 503]],
    ],
  ),
  retryCase(
    'HTTPRouteRetryWithTimeouts',
    [
      {
        ...matching(['/retry/backend-timeout'], retried),
        retry: { attempts: 2 },
        timeouts: { backendRequest: '200ms' },
      },
      {
        ...matching(['/retry/request-timeout'], retried),
        retry: { codes: [500], attempts: 5 },
        timeouts: { backendRequest: '200ms', request: '400ms' },
      },
    ],
    [
      ['/retry/backend-timeout', 'responseCode=500&succeedAfter=2&delayRetry=300ms', 200],
      ['/retry/backend-timeout', 'responseCode=500&succeedAfter=3&delayRetry=300ms', 504],
      ['/retry/request-timeout', 'responseCode=500&succeedAfter=1', 200],
      ['/retry/request-timeout', 'responseCode=500&succeedAfter=4&delayRetry=100ms', 504],
    ],
  ),
]
