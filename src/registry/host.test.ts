import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, isNearby, registryOrigins } from './host.ts'

for (const [host, origin] of [
  ['localhost', 'http://localhost'],
  ['localhost:5000', 'http://localhost:5000'],
  ['registry.localhost:5000', 'http://registry.localhost:5000'],
  ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
  ['127.8.9.10', 'http://127.8.9.10'],
  ['[::1]:5000', 'http://[::1]:5000'],
  ['docker.io', 'https://registry-1.docker.io'],
  ['ghcr.io', 'https://ghcr.io'],
  ['10.0.0.1:5000', 'https://10.0.0.1:5000'],
  ['127.0.0.1.example.com', 'https://127.0.0.1.example.com'],
  ['notlocalhost', 'https://notlocalhost'],
  ['localhost.example.com', 'https://localhost.example.com'],
] as const) {
  test(`${host} is reached at ${origin}`, () => {
    assert.equal(registryOrigins(host)[0].origin, origin)
    assert.equal(isLoopback(host), origin.startsWith('http:'))
  })
}

test('TLS goes first where it is set up, and without it only where that is allowed', () => {
  const origins = (host: string, options = {}) => registryOrigins(host, options).map(({ origin }) => origin)
  assert.deepEqual(origins('localhost:5000'), ['http://localhost:5000', 'https://localhost:5000'])
  assert.deepEqual(origins('localhost:5000', { hasCertificates: true }), [
    'https://localhost:5000',
    'http://localhost:5000',
  ])
  assert.deepEqual(origins('registry.example', { hasCertificates: true }), ['https://registry.example'])
  assert.deepEqual(origins('registry.example', { isInsecure: true }), [
    'https://registry.example',
    'http://registry.example',
  ])
})

for (const [isNear, hosts] of [
  [true, 'localhost:5000 app.localhost 127.0.0.1:5000 [::1]:5000 10.1.2.3:5000 172.31.0.1 192.168.0.2:80'],
  [true, '[fd00::1]:5000 registry:5000 kind-registry registry.tools.svc:5000 r.t.svc.cluster.local'],
  [true, 'host.docker.internal:5000 host.containers.internal'],
  [false, 'docker.io ghcr.io registry.example.com:5000 172.32.0.1:5000 8.8.8.8 [2001:db8::1]:5000'],
  [false, 'registry.internal 10.1.2.3.example.com cluster.local.example.com svc.example.com'],
] as const) {
  for (const host of hosts.split(' '))
    test(`${host} is ${isNear ? '' : 'not '}nearby`, () => assert.equal(isNearby(host), isNear))
}
