/** The fields of an HTTP rule of a VirtualService that choose and change requests, a row a rule. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { around, echo, forward, other, route, to } from '../../../../test/support/istio-rule.ts'
import { istio, routesFor, told } from '../../../../test/support/translate-istio.ts'

describe('match', () => {
  const rows: [string, string, object][] = [
    ['nothing is everything', 'name: x', { path: { kind: 'prefix', value: '/' } }],
    ['uri exact', 'uri: { exact: /a }', { path: { kind: 'exact', value: '/a' } }],
    ['uri prefix is a plain one', 'uri: { prefix: /a }', { path: { kind: 'prefix', value: '/a' } }],
    ['uri regex', 'uri: { regex: "/a.*" }', { path: { kind: 'regex', value: '/a.*' } }],
    [
      'ignoreUriCase for exact',
      'uri: { exact: /A }, ignoreUriCase: true',
      { path: { kind: 'exact', value: '/A', ignoreCase: true } },
    ],
    [
      'ignoreUriCase for prefix',
      'uri: { prefix: /A }, ignoreUriCase: true',
      { path: { kind: 'prefix', value: '/A', ignoreCase: true } },
    ],
    [
      'method, scheme and authority',
      'method: { exact: GET }, scheme: { exact: http }, authority: { prefix: a }',
      {
        path: { kind: 'prefix', value: '/' },
        method: { kind: 'exact', value: 'GET' },
        scheme: { kind: 'exact', value: 'http' },
        authority: { kind: 'prefix', value: 'a' },
      },
    ],
    [
      'headers in lower case, sorted; an empty condition and the regex * ask for presence',
      'headers: { X-B: { regex: "*" }, X-A: {}, X-C: { exact: "1" } }',
      {
        path: { kind: 'prefix', value: '/' },
        headers: [
          { name: 'x-a', value: { kind: 'present' } },
          { name: 'x-b', value: { kind: 'present' } },
          { name: 'x-c', value: { kind: 'exact', value: '1' } },
        ],
      },
    ],
    [
      'withoutHeaders',
      'withoutHeaders: { x: { prefix: a } }',
      {
        path: { kind: 'prefix', value: '/' },
        headers: [{ name: 'x', value: { kind: 'prefix', value: 'a' }, invert: true }],
      },
    ],
    [
      'queryParams keep their case',
      'queryParams: { Q: { exact: "" }, r: { regex: "a+" } }',
      {
        path: { kind: 'prefix', value: '/' },
        query: [
          { name: 'Q', value: { kind: 'exact', value: '' } },
          { name: 'r', value: { kind: 'regex', value: 'a+' } },
        ],
      },
    ],
  ]
  for (const [name, match, expected] of rows) {
    test(name, () => assert.deepEqual(route(`{ match: [{ ${match} }], ${to} }`)?.match, expected))
  }
})

describe('rewrite', () => {
  const rows: [string, string, string, object | undefined][] = [
    ['none', 'uri: { prefix: /a }', '', undefined],
    [
      'a prefix',
      'uri: { prefix: /a }',
      'rewrite: { uri: /b }',
      { path: { kind: 'prefix', prefix: '/a', value: '/b' } },
    ],
    [
      'without a match the prefix is /',
      '',
      'rewrite: { uri: /b/ }',
      { path: { kind: 'prefix', prefix: '/', value: '/b/' } },
    ],
    [
      'an exact path is replaced whole',
      'uri: { exact: /a }',
      'rewrite: { uri: /b }',
      { path: { kind: 'full', value: '/b' } },
    ],
    [
      'so is that of a regex',
      'uri: { regex: /a.* }',
      'rewrite: { uri: /b }',
      { path: { kind: 'full', value: '/b' } },
    ],
    [
      'a regex',
      'uri: { prefix: /a }',
      'rewrite: { uriRegexRewrite: { match: "^/a(.*)", rewrite: "/b\\\\1" } }',
      { path: { kind: 'regex', pattern: '^/a(.*)', value: String.raw`/b\1` } },
    ],
    ['authority', 'uri: { prefix: /a }', 'rewrite: { authority: b.com }', { host: 'b.com' }],
    [
      'the header Host is the authority',
      '',
      'headers: { request: { set: { Host: b.com, x: y } } }',
      { host: 'b.com' },
    ],
  ]
  for (const [name, match, more, expected] of rows) {
    test(name, () => {
      const action = forward(`{ ${match && `match: [{ ${match} }], `}${to}${more && `, ${more}`} }`)
      assert.deepEqual(action.rewrite, expected)
    })
  }
})

describe('redirect', () => {
  const rows: [string, string, object][] = [
    [
      '301, and the port of the request stays',
      'uri: /b',
      { status: 301, port: 'request', path: { kind: 'full', value: '/b' } },
    ],
    [
      'another code',
      'uri: /b, redirectCode: 307',
      { status: 307, port: 'request', path: { kind: 'full', value: '/b' } },
    ],
    ['a new authority has its own port', 'authority: b.com', { status: 301, host: 'b.com' }],
    ['an authority with a port', 'authority: "b.com:8443"', { status: 301, host: 'b.com', port: 8443 }],
    ['scheme and port', 'scheme: https, port: 8443', { status: 301, scheme: 'https', port: 8443 }],
    [
      'the protocol`s port',
      'scheme: https, derivePort: FROM_PROTOCOL_DEFAULT',
      { status: 301, scheme: 'https' },
    ],
    [
      'the request`s port with a new authority',
      'authority: b.com, derivePort: FROM_REQUEST_PORT',
      { status: 301, host: 'b.com', port: 'request' },
    ],
    [
      'a query in the uri replaces that of the request',
      'uri: "/b?x=1"',
      { status: 301, port: 'request', path: { kind: 'full', value: '/b?x=1' }, stripQuery: true },
    ],
  ]
  for (const [name, redirect, expected] of rows) {
    test(name, () => {
      assert.deepEqual(route(`{ redirect: { ${redirect} } }`)?.action, { kind: 'redirect', ...expected })
    })
  }
})

describe('directResponse', () => {
  const rows: [string, string, object][] = [
    ['a status', 'status: 503', { status: 503 }],
    ['text', 'status: 200, body: { string: hi }', { status: 200, body: { text: 'hi' } }],
    ['bytes', 'status: 200, body: { bytes: aGk= }', { status: 200, body: { base64: 'aGk=' } }],
  ]
  for (const [name, response, expected] of rows) {
    test(name, () => {
      assert.deepEqual(route(`{ directResponse: { ${response} } }`)?.action, {
        kind: 'response',
        ...expected,
      })
    })
  }
})

describe('destinations', () => {
  const rows: [string, string, object[]][] = [
    [
      'one gets everything, whatever its weight',
      '{ destination: { host: echo.local }, weight: 0 }',
      [{ weight: 1, to: echo }],
    ],
    [
      'several by weight',
      '{ destination: { host: echo.local }, weight: 80 }, { destination: { host: other.local }, weight: 20 }',
      [
        { weight: 80, to: echo },
        { weight: 20, to: other },
      ],
    ],
    [
      'of several those without weight are left out',
      '{ destination: { host: echo.local }, weight: 1 }, { destination: { host: other.local } }',
      [{ weight: 1, to: echo }],
    ],
    [
      'a host that is unknown keeps its weight as 503',
      '{ destination: { host: none.local }, weight: 1 }, { destination: { host: echo.local }, weight: 1 }',
      [
        { weight: 1, to: { status: 503, why: 'no ServiceEntry and no Service has the host none.local' } },
        { weight: 1, to: echo },
      ],
    ],
    [
      'headers of one destination',
      '{ destination: { host: echo.local }, headers: { request: { set: { X: "1" }, add: { Y: "2" }, remove: [Z] }, response: { set: { A: b } } } }',
      [
        {
          weight: 1,
          to: echo,
          requestHeaders: {
            set: [{ name: 'x', value: '1' }],
            add: [{ name: 'y', value: '2' }],
            remove: ['z'],
          },
          responseHeaders: { set: [{ name: 'a', value: 'b' }] },
        },
      ],
    ],
    [
      'the header Host of a destination',
      '{ destination: { host: echo.local }, headers: { request: { set: { Host: b.com } } } }',
      [{ weight: 1, to: echo, rewrite: { host: 'b.com' } }],
    ],
  ]
  for (const [name, routes, expected] of rows) {
    test(name, () => assert.deepEqual(forward(`{ route: [${routes}] }`).targets, expected))
  }

  test('the rule`s own Host goes before that of a destination', () => {
    const action = forward(
      '{ rewrite: { authority: r.com }, route: [{ destination: { host: echo.local }, headers: { request: { set: { Host: d.com } } } }] }',
    )
    assert.deepEqual(action.rewrite, { host: 'r.com' })
    assert.equal(action.targets[0]?.rewrite, undefined)
  })

  test('headers of the rule are the route`s', () => {
    const made = route(`{ ${to}, headers: { request: { remove: [X-A] }, response: { add: { X-B: c } } } }`)
    assert.deepEqual(made?.requestHeaders, { remove: ['x-a'] })
    assert.deepEqual(made.responseHeaders, { add: [{ name: 'x-b', value: 'c' }] })
  })
})

describe('what is told', () => {
  const rows: [string, string, RegExp][] = [
    [
      'an unknown host',
      'route: [{ destination: { host: echo.lcl } }]',
      /destination-not-found: .* echo\.lcl/,
    ],
    [
      'an unknown short host',
      'route: [{ destination: { host: echo } }]',
      /host echo\.default\.svc\.cluster\.local/,
    ],
    [
      'an unknown port',
      'route: [{ destination: { host: echo.local, port: { number: 81 } } }]',
      /has no port 81, only 80/,
    ],
    ['an unknown subset', 'route: [{ destination: { host: echo.local, subset: v9 } }]', /has the subset v9/],
    ['no action', 'name: x', /rule-without-action/],
    [
      'no weights',
      'route: [{ destination: { host: echo.local } }, { destination: { host: other.local } }]',
      /weights-without-sum/,
    ],
    ['a code that is no redirect', 'redirect: { redirectCode: 200 }', /invalid-redirect-code: 200/],
    ['a retry condition', `${to}, retries: { attempts: 1, retryOn: never }`, /retryOn "never" is not known/],
    [
      'retryRemoteLocalities',
      `${to}, retries: { attempts: 1, retryRemoteLocalities: true }`,
      /retries.retryRemoteLocalities has no effect/,
    ],
    ['a duration', `${to}, timeout: soon`, /invalid-duration: "soon"/],
    ['statPrefix', `match: [{ statPrefix: x }], ${to}`, /match.statPrefix has no effect/],
    [
      'a claim',
      `match: [{ headers: { "@request.auth.claims.a": { exact: x } } }], ${to}`,
      /claims of a token/,
    ],
    ['a header named uri', `match: [{ headers: { uri: { exact: x } } }], ${to}`, /write match\.uri/],
    ['a fault without percentage', `${to}, fault: { abort: { httpStatus: 500 } }`, /no percentage is given/],
    [
      'a regex that is none',
      `match: [{ uri: { regex: '/(?=x)' } }], ${to}`,
      /invalid-regex: "\/\(\?=x\)" is no regular expression of RE2/,
    ],
    ['a regex of a header', `match: [{ headers: { x: { regex: '(' } } }], ${to}`, /invalid-regex: "\("/],
    [
      'a regex of a rewrite',
      `${to}, rewrite: { uriRegexRewrite: { match: '(', rewrite: x } }`,
      /invalid-regex: "\("/,
    ],
    ['a regex of an origin', `${to}, corsPolicy: { allowOrigins: [{ regex: '(' }] }`, /invalid-regex: "\("/],
    ['http2Error', `${to}, fault: { abort: { http2Error: x } }`, /unsupported-fault/],
  ]
  for (const [name, rule, expected] of rows) {
    test(name, () => assert.match(told(istio(around(`{ ${rule} }`))).join('\n'), expected))
  }
})

test('a match whose regex is none never holds; the rules beside it do', () => {
  const made = istio(around(`{ match: [{ uri: { regex: '(' } }, { uri: { exact: /a } }], ${to} }`))
  assert.deepEqual(
    routesFor(made, 'a.com').map(({ match }) => match.path.value),
    ['/a'],
  )
})
