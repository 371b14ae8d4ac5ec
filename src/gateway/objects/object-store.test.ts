import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPlace } from '../../base/index.ts'
import type { Diagnostic } from './diagnostic.ts'
import { newObjectStore, type LoadedObjects, type ObjectStore } from './object-store.ts'

function route(name: string, hostname = 'a.example', extra = ''): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${name}
spec:
  hostnames: [${hostname}]
  parentRefs: [{name: web}]${extra}
`
}

interface Fixture {
  readonly store: ObjectStore
  readonly ages: Map<string, number>
  readonly load: (files: Record<string, string>) => Promise<LoadedObjects>
}

function newFixture({ strict = false } = {}): Fixture {
  let time = 1000
  const ages = new Map<string, number>()
  const store = newObjectStore({ namespace: 'default', strict, ages, now: () => (time += 1000) })
  return {
    store,
    ages,
    load: (files) =>
      store.load({
        files: Object.entries(files).map(([path, text]) => ({ path, text })),
        problems: [],
        unread: [],
      }),
  }
}

const routes = 'HTTPRoute.gateway.networking.k8s.io'
const told = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.map(({ severity, rule, message, at, hint }) =>
    [`${severity} ${rule}`, formatPlace(at), message, ...(hint === undefined ? [] : [hint])].join(' | '),
  )

test('an object gets its namespace, defaults, generation and age', async () => {
  const { load } = newFixture()
  const { objects, diagnostics } = await load({ 'a.yaml': route('web') })
  const web = objects.get<{ rules: unknown; parentRefs: unknown }>(routes, 'default', 'web')!
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(web.metadata, {
    name: 'web',
    namespace: 'default',
    labels: {},
    annotations: {},
    generation: 1,
    created: 2000,
  })
  assert.deepEqual(web.spec.parentRefs, [
    { name: 'web', group: 'gateway.networking.k8s.io', kind: 'Gateway' },
  ])
  assert.deepEqual(web.spec.rules, [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }])
  assert.equal(formatPlace(web.placeOf(['spec', 'hostnames', 0])), 'a.yaml:6:15')
  assert.equal(formatPlace(web.placeOf(['spec', 'rules', 0])), 'a.yaml:5:1')
})

test('the generation grows with the spec only, and the age stays', async () => {
  const { load } = newFixture()
  const meta = async (text: string) =>
    (await load({ 'a.yaml': text })).objects.get(routes, 'default', 'web')!.metadata
  assert.deepEqual(
    [(await meta(route('web'))).generation, (await meta(`# new\n${route('web')}`)).generation],
    [1, 1],
  )
  const changed = await meta(route('web', 'b.example'))
  assert.deepEqual([changed.generation, changed.created], [2, 2000])
})

test('a broken object keeps its last good version, and the rest lives on', async () => {
  const { load } = newFixture()
  await load({ 'a.yaml': `${route('one')}---\n${route('two')}` })
  const { objects, diagnostics } = await load({
    'a.yaml': `${route('one', 'NOT_A_HOST')}---\n${route('two', 'new.example')}`,
  })
  const hosts = objects.list<{ hostnames: string[] }>(routes).map(({ spec }) => spec.hostnames[0])
  assert.deepEqual(hosts, ['a.example', 'new.example'])
  assert.equal(diagnostics.length, 1)
  assert.match(
    told(diagnostics)[0]!,
    /^error schema \| a.yaml:6:15 \| spec.hostnames\[0\] "NOT_A_HOST" does not have the form .*; its last good version stays in effect$/,
  )
})

test('a file cut in the middle keeps what it held', async () => {
  const { load } = newFixture()
  const whole = `${route('one')}---\n${route('two')}`
  await load({ 'a.yaml': whole, 'b.yaml': route('three') })
  const { objects, diagnostics } = await load({
    'a.yaml': whole.slice(0, whole.indexOf(']', 250)),
    'b.yaml': route('three', 'new.example'),
  })
  assert.deepEqual(
    objects.list(routes).map(({ metadata }) => metadata.name),
    ['one', 'three', 'two'],
  )
  assert.deepEqual(
    diagnostics.map(({ rule, at }) => [rule, at.file]),
    [['syntax', 'a.yaml']],
  )
  assert.match(diagnostics[0]!.message, /what the file held before stays in effect$/)
})

test('what cannot be read at the moment keeps what it held', async () => {
  const { load, store } = newFixture()
  await load({ 'a/b.yaml': route('one'), 'ab.yaml': route('two') })
  const { all } = await store.load({ files: [], problems: [], unread: ['a'] })
  assert.deepEqual(
    all.map(({ metadata }) => metadata.name),
    ['one'],
  )
})

test('an alias bomb is refused', async () => {
  const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`)
  const { diagnostics } = await newFixture().load({ 'a.yaml': `l0: &l0 [x]\n${levels.join('\n')}\n` })
  assert.match(told(diagnostics).join(), /error syntax .*alias/)
})

test('of two objects of one name the first seen stays, whatever the order of the files', async () => {
  const { load } = newFixture()
  await load({ 'b.yaml': route('web', 'first.example') })
  const { objects, diagnostics } = await load({
    'a.yaml': route('web', 'second.example'),
    'b.yaml': route('web', 'changed.example'),
  })
  assert.deepEqual(objects.list<{ hostnames: string[] }>(routes)[0]!.spec.hostnames, ['changed.example'])
  assert.deepEqual(told(diagnostics), [
    'error duplicate-object | a.yaml:4:9 | HTTPRoute default/web is written twice; this one has no effect, the one at ' +
      'b.yaml:4:9 has | remove one of the two, or give them different names or namespaces',
  ])
  const moved = await load({ 'a.yaml': route('web', 'second.example') })
  assert.deepEqual(moved.diagnostics, [])
  assert.equal(moved.objects.list(routes)[0]!.metadata.generation, 3)
})

test('an object that is gone is gone, and comes back as a new one', async () => {
  const { load, ages } = newFixture()
  await load({ 'a.yaml': route('web') })
  assert.deepEqual((await load({})).all, [])
  assert.deepEqual([...ages], [])
  const { all } = await load({ 'a.yaml': route('web', 'b.example') })
  assert.equal(all[0]!.metadata.generation, 1)
})

const problems: readonly [name: string, text: string, expected: string][] = [
  [
    'an unknown field',
    route('web', 'a.example', '\n  hostname: b.example'),
    'warning unknown-field | a.yaml:8:3 | spec.hostname is not a field of this kind and has no effect',
  ],
  [
    'a misspelt field deep down',
    route('web', 'a.example', '\n  rules: [{mathces: []}]'),
    'warning unknown-field | a.yaml:8:12 | spec.rules[0].mathces is not a field of this kind and has no effect | did you mean "matches"?',
  ],
  [
    'an unknown kind',
    route('web').replace('HTTPRoute', 'HTTPRuote'),
    'error unknown-kind | a.yaml:2:7 | there is no kind HTTPRuote in "gateway.networking.k8s.io" | did you mean "HTTPRoute"?',
  ],
  [
    'a kind in the wrong group',
    route('web').replace('gateway.networking.k8s.io', 'gateway.networking'),
    'error unknown-kind | a.yaml:2:7 | there is no kind HTTPRoute in "gateway.networking" | write apiVersion: gateway.networking.k8s.io/v1',
  ],
  [
    'a kind that guards',
    'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: a}\n',
    'error unsupported-kind | a.yaml:2:7 | kind AuthorizationPolicy of security.istio.io is not supported: nothing is guarded by it',
  ],
  [
    'a kind of no concern',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n',
    'info unused-kind | a.yaml:2:7 | kind Deployment is nothing that a gateway reads',
  ],
  [
    'a version that is not there',
    route('web').replace('/v1', '/v7'),
    'error unknown-version | a.yaml:1:13 | kind HTTPRoute has no version "v7"; it has no effect | write gateway.networking.k8s.io/v1',
  ],
  [
    'no name',
    route('web').replace('name: web\nspec', 'labels: {}\nspec'),
    'error invalid-name | a.yaml:3:1 | metadata.name is missing or not a text',
  ],
  [
    'another kind of file',
    'services: {}\n',
    'info foreign-document | a.yaml:1:1 | a document of a.yaml is no Kubernetes object, as it has no apiVersion and no kind',
  ],
  [
    'a Backend of Envoy Gateway with two addresses in one endpoint',
    'apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: Backend\nmetadata: {name: a}\n' +
      'spec: {endpoints: [{fqdn: {hostname: a, port: 1}, ip: {address: 127.0.0.1, port: 2}}]}\n',
    'error schema | a.yaml:4:20 | spec.endpoints[0] can have only one of fqdn or ip; it has no effect',
  ],
  [
    'half of an object',
    'kind: Service\n',
    'error not-an-object | a.yaml:1:1 | apiVersion is missing: this is no Kubernetes object',
  ],
  ['a text', 'hello\n', 'error not-an-object | a.yaml:1:1 | a document of a.yaml is not an object'],
  [
    'a wrong type',
    route('web', 'a.example', '\n  rules: [{backendRefs: [{name: x, port: "80"}]}]'),
    'error schema | a.yaml:8:42 | spec.rules[0].backendRefs[0].port must be a whole number, not "80"; it has no effect',
  ],
  [
    'a value that is not among those allowed',
    route('web', 'a.example', '\n  rules: [{matches: [{path: {type: Prefix}}]}]'),
    'error schema | a.yaml:8:36 | spec.rules[0].matches[0].path.type must be Exact, PathPrefix or RegularExpression, not "Prefix"; it has no effect',
  ],
  [
    'two forms of a choice',
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\n' +
      'spec:\n  hosts: [a]\n  http: [{match: [{uri: {exact: /a, prefix: /b}}]}]\n',
    'error schema | a.yaml:6:25 | spec.http[0].match[0].uri can have only one of exact or prefix; it has no effect',
  ],
]
for (const [name, text, expected] of problems) {
  test(`told with its place: ${name}`, async () => {
    const { diagnostics } = await newFixture().load({ 'a.yaml': text })
    assert.deepEqual(told(diagnostics), [expected])
  })
}

test('strict: an unknown field is an error and the object has no effect', async () => {
  const { all, diagnostics } = await newFixture({ strict: true }).load({
    'a.yaml': route('web', 'a.example', '\n  hostname: b.example'),
  })
  assert.deepEqual(all, [])
  assert.equal(diagnostics[0]!.severity, 'error')
})

test('lists, JSON, null fields and status are read as an API server would', async () => {
  const item = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: null },
    spec: { ports: [{ port: 80 }], clusterIP: null },
    status: { loadBalancer: {} },
  })
  const { all, diagnostics } = await newFixture().load({
    'a.json': JSON.stringify(
      { apiVersion: 'v1', kind: 'List', items: [item('one'), item('two')] },
      null,
      '\t',
    ),
  })
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(
    all.map(({ metadata, spec, rest }) => [metadata.name, metadata.namespace, spec, rest]),
    [
      ['one', 'default', { ports: [{ port: 80 }] }, {}],
      ['two', 'default', { ports: [{ port: 80 }] }, {}],
    ],
  )
  assert.equal(all[1]!.placeOf(['metadata', 'name']).line, 28)
})

test('what a Secret holds is in no message', async () => {
  const { diagnostics } = await newFixture().load({
    'a.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {tls.key: not-base64-hunter2}\nstringData: {x: 4711}\n',
  })
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    [
      'data.tls.key must be a text in base64; it has no effect',
      'stringData.x must be a text; it has no effect',
    ],
  )
  assert.doesNotMatch(JSON.stringify(diagnostics), /hunter2|4711/)
})

test('what a Secret has beside a spec is kept', async () => {
  const { all } = await newFixture().load({
    'a.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: kubernetes.io/tls\ndata: {tls.crt: aGk=}\n',
  })
  assert.deepEqual(all[0]!.rest, { type: 'kubernetes.io/tls', data: { 'tls.crt': 'aGk=' } })
})

test('a namespace that no file defines is taken as present, and that is said', async () => {
  const { load } = newFixture()
  const inEdge = (name: string) => `${route(name).replace('spec:', '  namespace: edge\nspec:')}---\n`
  const text = inEdge('one') + inEdge('two')
  assert.deepEqual(told((await load({ 'a.yaml': text })).diagnostics), [
    'info implied-namespace | a.yaml:5:14 | no file defines the namespace edge; it is taken as present',
  ])
  const { objects, diagnostics } = await load({
    'a.yaml': `${text}apiVersion: v1\nkind: Namespace\nmetadata: {name: edge, labels: {team: a}}\n`,
  })
  assert.deepEqual(diagnostics, [])
  assert.deepEqual(objects.namespaceLabels('edge'), { team: 'a', 'kubernetes.io/metadata.name': 'edge' })
  assert.deepEqual(objects.namespaceLabels('x'), { 'kubernetes.io/metadata.name': 'x' })
})
