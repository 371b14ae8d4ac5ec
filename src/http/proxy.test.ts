import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proxyFor } from './proxy.ts'

const proxy = 'http://proxy.example:3128'

for (const [url, exceptions, isProxied] of [
  ['https://ghcr.io/v2/', '', true],
  ['https://ghcr.io/v2/', '*', false],
  ['https://ghcr.io/v2/', 'ghcr.io', false],
  ['https://pkg.ghcr.io/', 'ghcr.io', false],
  ['https://notghcr.io/', 'ghcr.io', true],
  ['https://ghcr.io/', '.ghcr.io', true],
  ['https://pkg.ghcr.io/', '.ghcr.io', false],
  ['https://pkg.ghcr.io/', '*.ghcr.io', false],
  ['https://GHCR.io/', ' quay.io ,GHCR.IO', false],
  ['https://r.example:5000/', 'r.example:5000', false],
  ['https://r.example:5001/', 'r.example:5000', true],
  ['https://r.example/', 'r.example:443', false],
  ['https://10.1.2.3/', '10.0.0.0/8', false],
  ['https://11.1.2.3/', '10.0.0.0/8', true],
  ['https://10.1.2.3/', '10.1.2.3', false],
  ['https://[fd00::1]:5000/', 'fd00::/8', false],
  ['https://[fd00::1]:5000/', 'fd00::1', false],
  ['https://10.1.2.3/', '10.0.0.0/99', true],
  ['http://localhost:5000/', '', false],
  ['http://127.0.0.1:5000/', '', false],
  ['http://[::1]:5000/', '', false],
] as const) {
  test(`${url} ${isProxied ? 'goes through the proxy' : 'goes past the proxy'} with NO_PROXY="${exceptions}"`, () => {
    const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: exceptions }
    assert.equal(proxyFor(new URL(url), env), isProxied ? proxy : undefined)
  })
}

test('each protocol has its proxy, and small names win over large ones', () => {
  const env = { https_proxy: 'http://small:1', HTTPS_PROXY: 'http://large:1', no_proxy: '', NO_PROXY: '' }
  assert.equal(proxyFor(new URL('https://ghcr.io/'), env), 'http://small:1')
  assert.equal(proxyFor(new URL('http://r.example/'), env), undefined)
})
