import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { istio, told } from '../../../../test/support/translate-istio.ts'

const demo = `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gateway, namespace: default }
spec:
  selector: { istio: ingressgateway }
  servers:
    - port: { number: 8080, name: http, protocol: HTTP }
      hosts: ['*']
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: echo, namespace: default }
spec:
  hosts: ['*']
  gateways: [gateway]
  http:
    - route:
        - destination: { host: echo.local, port: { number: 80 } }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: echo }
spec:
  hosts: [echo.local]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: DNS
`

describe('the well-known demo', () => {
  const made = istio(demo)

  test('nothing is told', () => assert.deepEqual(told(made), []))

  test('one listener', () => {
    assert.deepEqual(made.listeners, [
      {
        name: '127.0.0.1:8080/tcp',
        address: '127.0.0.1',
        port: 8080,
        transport: 'tcp',
        filterChains: [
          {
            name: 'Gateway default/gateway server 0',
            match: { tls: false, serverNames: [] },
            filter: {
              kind: 'http',
              routeConfiguration: 'istio/http/127.0.0.1:8080/tcp',
              serverName: 'istio-envoy',
              forwardClientCert: 'sanitize-set',
            },
          },
        ],
      },
    ])
  })

  test('one route', () => {
    assert.deepEqual(made.routeConfigurations, [
      {
        name: 'istio/http/127.0.0.1:8080/tcp',
        virtualHosts: [
          {
            name: '*:8080',
            domains: ['*'],
            routes: [
              {
                name: 'VirtualService default/echo http 0',
                match: { path: { kind: 'prefix', value: '/' } },
                action: {
                  kind: 'forward',
                  targets: [{ weight: 1, to: { cluster: 'outbound|80||echo.local' } }],
                  noTargetStatus: 503,
                  retry: {
                    attempts: 2,
                    on: ['connect-failure', 'refused-stream', 'unavailable', 'cancelled'],
                    avoidPrevious: true,
                  },
                },
              },
            ],
          },
        ],
      },
    ])
  })

  test('one cluster, found by DNS', () => {
    assert.deepEqual(made.clusters, [
      {
        name: 'outbound|80||echo.local',
        discovery: 'strict-dns',
        endpoints: [{ address: 'echo.local', hostname: 'echo.local', port: 80 }],
      },
    ])
  })

  test('every object says that it has its effect', () => {
    assert.deepEqual(
      made.statuses.map(({ kind, status }) => [
        kind,
        (status['conditions'] as { status: string }[]).map((one) => one.status),
      ]),
      [
        ['Gateway', ['True', 'True']],
        ['VirtualService', ['True', 'True']],
        ['ServiceEntry', ['True', 'True']],
      ],
    )
  })

  test('a listener that is not bound makes it false', () => {
    const [gateway] = made.statuses
    const status = gateway?.unbound?.({ '127.0.0.1:8080/tcp': { message: 'port 8080 is in use' } })
    const [reconciled] = (status?.['conditions'] ?? []) as { status: string; message: string }[]
    assert.equal(reconciled?.status, 'False')
    assert.equal(reconciled.message, 'port 8080 is in use')
  })
})
