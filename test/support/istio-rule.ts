/** One HTTP rule of a VirtualService between a Gateway and two ServiceEntries. */
import assert from 'node:assert/strict'
import type { ForwardAction, Route } from '../../src/gateway/model/index.ts'
import { istio, routesFor } from './translate-istio.ts'

export const around = (http: string) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: web }
spec: { servers: [{ port: { number: 8080, name: http, protocol: HTTP }, hosts: ['*'] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: one }
spec: { hosts: [a.com], gateways: [web], http: [${http}] }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: echo }
spec:
  hosts: [echo.local, other.local]
  ports: [{ number: 80, name: http, protocol: HTTP }]
  resolution: DNS
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: sticky }
spec: { host: other.local, trafficPolicy: { loadBalancer: { consistentHash: { useSourceIp: true } } } }
`

/** The route that `http` becomes. */
export const route = (http: string): Route | undefined => routesFor(istio(around(http)), 'a.com')[0]
/** Sends to `echo.local`. */
export const to = 'route: [{ destination: { host: echo.local } }]'
export const forward = (http: string): ForwardAction => {
  const action = route(http)?.action
  assert.ok(action?.kind === 'forward')
  return action
}
export const echo = { cluster: 'outbound|80||echo.local' }
export const other = { cluster: 'outbound|80||other.local' }
