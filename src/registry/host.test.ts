import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, registryOrigins } from './host.ts'

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
