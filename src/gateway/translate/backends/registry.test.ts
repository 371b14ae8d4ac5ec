import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { objectSet } from '../../../../test/support/kube-objects.ts'
import { clusterOf } from './cluster.ts'
import { serviceRegistry } from './registry.ts'

const slices = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80, targetPort: http}, {name: grpc, port: 81, targetPort: 9000}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web, version: v1}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints:
- {addresses: [10.0.0.1], targetRef: {name: web-a}, zone: z1}
- {addresses: [10.0.0.2], conditions: {ready: false}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-2, namespace: other, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints: [{addresses: [10.9.9.9]}]
`

describe('services', () => {
  test('ready endpoints of the slices of its own namespace, at the port of the same name', () => {
    const service = serviceRegistry(objectSet(slices), 'cluster.local').service('default', 'web')
    assert.ok(service)
    assert.deepEqual(clusterOf(service, service.ports[0]!), {
      name: 'outbound|80||web.default.svc.cluster.local',
      discovery: 'static',
      endpoints: [{ address: '10.0.0.1', port: 8080, label: 'web-a', locality: 'z1' }],
    })
    assert.deepEqual(service.endpoints(service.ports[0]!)[0]?.labels['version'], 'v1')
    assert.deepEqual(clusterOf(service, service.ports[1]!), {
      name: 'outbound|81||web.default.svc.cluster.local',
      discovery: 'static',
      endpoints: [],
      protocol: 'h2',
    })
  })

  test('an annotation says where a service without slices is', () => {
    const registry = serviceRegistry(
      objectSet(`
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {slipway.dev/endpoints: '127.0.0.1, [::1]:81, echo:82, admin=127.0.0.2:9'}}
spec: {ports: [{name: http, port: 80, targetPort: 3000}, {name: admin, port: 90}]}
`),
      'cluster.local',
    )
    const service = registry.service('default', 'web')
    assert.ok(service)
    const addresses = (at: number) =>
      service.endpoints(service.ports[at]!).map(({ address, port }) => `${address} ${port}`)
    assert.deepEqual(addresses(0), ['127.0.0.1 3000', '::1 81', 'echo 82'])
    assert.deepEqual(addresses(1), ['127.0.0.1 90', '::1 81', 'echo 82', '127.0.0.2 9'])
    assert.equal(clusterOf(service, service.ports[0]!).discovery, 'strict-dns')
  })

  test('an external name is resolved, and told to the backend on request', () => {
    const registry = serviceRegistry(
      objectSet(`
apiVersion: v1
kind: Service
metadata: {name: out}
spec: {type: ExternalName, externalName: api.example.com, ports: [{port: 443}]}
`),
      'cluster.local',
    )
    const service = registry.service('default', 'out')
    assert.ok(service)
    assert.deepEqual(clusterOf(service, service.ports[0]!), {
      name: 'outbound|443||out.default.svc.cluster.local',
      discovery: 'strict-dns',
      endpoints: [{ address: 'api.example.com', hostname: 'api.example.com', port: 443 }],
    })
  })
})

describe('hosts', () => {
  const registry = serviceRegistry(
    objectSet(
      slices,
      `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: echo}
spec:
  hosts: [echo.local]
  ports: [{number: 80, name: http, protocol: HTTP, targetPort: 3000}]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: wild}
spec: {hosts: ['*.example.com'], ports: [{number: 80, name: http}], resolution: DYNAMIC_DNS, exportTo: ['.']}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: vm}
spec:
  hosts: [vm.local, web.default.svc.cluster.local]
  ports: [{number: 80, name: http2-main}]
  resolution: STATIC
  workloadSelector: {labels: {app: vm}}
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: vm1, labels: {app: vm}}
spec: {address: 10.1.1.1, ports: {http2-main: 8080}, weight: 3, locality: r/z}
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: socket}
spec: {address: 'unix:///run/vm.sock', labels: {app: vm}}
`,
    ),
    'cluster.local',
  )

  test('DNS without endpoints resolves the host itself, at the target port', () => {
    const service = registry.host('echo.local', 'default')
    assert.ok(service)
    assert.deepEqual(clusterOf(service, service.ports[0]!), {
      name: 'outbound|80||echo.local',
      discovery: 'strict-dns',
      endpoints: [{ address: 'echo.local', hostname: 'echo.local', port: 3000 }],
    })
  })

  test('WorkloadEntries join by label; a socket has no port; the name of a port tells the protocol', () => {
    const service = registry.host('VM.local', 'elsewhere')
    assert.ok(service)
    assert.deepEqual(clusterOf(service, service.ports[0]!), {
      name: 'outbound|80||vm.local',
      discovery: 'static',
      endpoints: [
        { address: 'unix:/run/vm.sock', port: 0 },
        { address: '10.1.1.1', port: 8080, weight: 3, locality: 'r/z' },
      ],
      protocol: 'h2',
    })
  })

  test('a Service beats a ServiceEntry; a wildcard covers many labels; exportTo hides', () => {
    assert.equal(registry.host('web.default.svc.cluster.local', 'default')?.object.kind, 'Service')
    assert.equal(registry.host('a.b.example.com', 'default')?.host, '*.example.com')
    assert.equal(registry.host('a.b.example.com', 'other'), undefined)
  })
})
