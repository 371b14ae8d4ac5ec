/** Retries, mirrors, CORS and faults of an HTTP rule of a VirtualService, a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { echo, forward, other, route, to } from '../../../../test/support/istio-rule.ts'

describe('timeout and retries', () => {
  const standard = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled']
  const rows: [string, string, object | undefined][] = [
    ['two more attempts by default', '', { attempts: 2, on: standard, avoidPrevious: true }],
    ['attempts: 0 is none', 'retries: { attempts: 0 }', undefined],
    ['retries without attempts is none', 'retries: { perTryTimeout: 1s }', undefined],
    [
      'all fields',
      'retries: { attempts: 3, perTryTimeout: 250ms, retryOn: "5xx, 409,retriable-status-codes", backoff: 1s, retryIgnorePreviousHosts: false }',
      { attempts: 3, on: ['5xx', 409], avoidPrevious: false, perTryTimeoutMs: 250, backoffMs: 1000 },
    ],
  ]
  for (const [name, retries, expected] of rows) {
    test(name, () => assert.deepEqual(forward(`{ ${to}${retries && `, ${retries}`} }`).retry, expected))
  }

  test('a hashed destination is tried again where it was', () => {
    const action = forward('{ route: [{ destination: { host: other.local } }] }')
    assert.equal(action.retry?.avoidPrevious, false)
  })
  test('no timeout by default', () => assert.equal(forward(`{ ${to} }`).timeoutMs, undefined))
  test('timeout', () => assert.equal(forward(`{ ${to}, timeout: 1.5s }`).timeoutMs, 1500))
})

describe('mirrors', () => {
  const rows: [string, string, object[] | undefined][] = [
    ['all by default, the host as it is', 'mirror: { host: other.local }', [other]],
    [
      'a percentage',
      'mirror: { host: other.local }, mirrorPercentage: { value: 12.5 }',
      [{ ...other, fraction: 0.125 }],
    ],
    ['the old field', 'mirror: { host: other.local }, mirrorPercent: 50', [{ ...other, fraction: 0.5 }]],
    ['0 is none', 'mirror: { host: other.local }, mirrorPercentage: { value: 0 }', undefined],
    [
      'several',
      'mirrors: [{ destination: { host: other.local }, percentage: { value: 10 } }, { destination: { host: echo.local } }]',
      [{ ...other, fraction: 0.1 }, echo],
    ],
    ['one that is unknown is left out', 'mirror: { host: none.local }', undefined],
  ]
  for (const [name, mirror, expected] of rows) {
    test(name, () => assert.deepEqual(forward(`{ ${to}, ${mirror} }`).mirrors, expected))
  }
})

describe('corsPolicy', () => {
  const lists = { allowMethods: [], allowHeaders: [], exposeHeaders: [], allowCredentials: false }
  const rows: [string, string, object][] = [
    [
      'origins by condition; * is any',
      'allowOrigins: [{ exact: "*" }, { prefix: "https://a" }, { regex: ".*" }]',
      {
        ...lists,
        allowOrigins: [
          { kind: 'any' },
          { kind: 'prefix', value: 'https://a' },
          { kind: 'regex', value: '.*' },
        ],
        forwardUnmatchedPreflight: true,
      },
    ],
    [
      'everything',
      'allowOrigin: ["http://a"], allowMethods: [GET], allowHeaders: [X], exposeHeaders: [Y], allowCredentials: true, maxAge: 24h, unmatchedPreflights: IGNORE',
      {
        allowOrigins: [{ kind: 'exact', value: 'http://a' }],
        allowMethods: ['GET'],
        allowHeaders: ['X'],
        exposeHeaders: ['Y'],
        allowCredentials: true,
        maxAgeSeconds: 86_400,
        forwardUnmatchedPreflight: false,
      },
    ],
  ]
  for (const [name, cors, expected] of rows) {
    test(name, () => assert.deepEqual(route(`{ ${to}, corsPolicy: { ${cors} } }`)?.cors, expected))
  }
})

describe('fault', () => {
  const rows: [string, string, object | undefined][] = [
    [
      'delay',
      'delay: { fixedDelay: 5s, percentage: { value: 0.1 } }',
      { delay: { ms: 5000, fraction: 0.001 } },
    ],
    ['the old percent', 'delay: { fixedDelay: 5s, percent: 10 }', { delay: { ms: 5000, fraction: 0.1 } }],
    [
      'abort',
      'abort: { httpStatus: 503, percentage: { value: 50 } }',
      { abort: { status: 503, fraction: 0.5 } },
    ],
    [
      'abort for gRPC',
      'abort: { grpcStatus: UNAVAILABLE, percentage: { value: 100 } }',
      { abort: { status: 200, grpcStatus: 14, fraction: 1 } },
    ],
    [
      'without a percentage it never happens',
      'abort: { httpStatus: 503 }',
      { abort: { status: 503, fraction: 0 } },
    ],
    ['an exponential delay is none', 'delay: { exponentialDelay: 1s }', undefined],
  ]
  for (const [name, fault, expected] of rows) {
    test(name, () => assert.deepEqual(route(`{ ${to}, fault: { ${fault} } }`)?.fault, expected))
  }
})
