import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, registryOrigin } from './host.ts'

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
    assert.equal(registryOrigin(host).origin, origin)
    assert.equal(isLoopback(host), origin.startsWith('http:'))
  })
}
