import assert from 'node:assert/strict'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Failure } from '../../base/index.ts'
import { loadConnection } from './load-connection.ts'

const pem = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n'
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('where the cluster is', () => {
  let home: string
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'kube-'))
    await mkdir(join(home, '.kube'))
    await writeFile(join(home, '.kube/ca.pem'), pem)
    await writeFile(
      join(home, '.kube/config'),
      `current-context: here
clusters:
- {name: c, cluster: {server: "https://one:6443/", certificate-authority: ca.pem}}
- {name: open, cluster: {server: "http://two"}}
contexts:
- {name: here, context: {cluster: c, user: u, namespace: shop}}
- {name: there, context: {cluster: open}}
- {name: broken, context: {cluster: gone}}
users:
- {name: u, user: {client-certificate-data: ${base64(pem)}, client-key-data: ${base64(pem)}}}
extra-of-another-tool: {}
`,
    )
  })
  after(() => rm(home, { recursive: true }))

  test('the file at home, its current context, files relative to it', async () => {
    const found = await loadConnection({ env: { HOME: home } })
    assert.equal(found.server, 'https://one:6443')
    assert.equal(found.authorities, pem)
    assert.equal(found.namespace, 'shop')
    assert.deepEqual(found.identity.certificate, { certificate: pem, key: pem })
    assert.equal(found.from, `context "here" of ${join(home, '.kube/config')}`)
  })

  test('another context', async () => {
    const found = await loadConnection({ env: { HOME: home }, context: 'there' })
    assert.equal(found.server, 'http://two')
    assert.equal(found.namespace, 'default')
    assert.deepEqual(found.identity, {})
  })

  test('of several files the first that has something counts, and one that is not there is passed over', async () => {
    const own = join(home, 'own')
    await writeFile(own, 'clusters: [{name: c, cluster: {server: "https://mine"}}]')
    const KUBECONFIG = [own, join(home, 'nothing'), join(home, '.kube/config')].join(':')
    assert.equal((await loadConnection({ env: { HOME: home, KUBECONFIG } })).server, 'https://mine')
  })

  test('in a pod its account', async () => {
    const accountFolder = join(home, 'account')
    await mkdir(accountFolder)
    for (const [name, text] of [
      ['token', 'secret\n'],
      ['ca.crt', pem],
      ['namespace', 'pods'],
    ] as const)
      await writeFile(join(accountFolder, name), text)
    const env = { HOME: '/nowhere', KUBERNETES_SERVICE_HOST: '::1', KUBERNETES_SERVICE_PORT: '443' }
    const found = await loadConnection({ env, accountFolder })
    assert.equal(found.server, 'https://[::1]:443')
    assert.equal(found.namespace, 'pods')
    assert.deepEqual(found.identity, { tokenFile: join(accountFolder, 'token') })
  })

  const bad: readonly [name: string, text: string, message: RegExp, hint?: RegExp][] = [
    [
      'a context that is not there',
      'current-context: heer\ncontexts: [{name: here, context: {cluster: c}}]',
      /no context "heer"/,
      /did you mean "here"/,
    ],
    ['no context at all', 'clusters: []', /has no current context/],
    [
      'a cluster that is not there',
      'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]',
      /no cluster "c", which context "a"/,
    ],
    [
      'an address that is none',
      'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "one:6443"}}]',
      /"one:6443" is not the address of a server/,
    ],
    [
      'a key without its certificate',
      `current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: "https://x"}}]\nusers: [{name: u, user: {client-key-data: ${base64(pem)}}}]`,
      /must both be there/,
    ],
    [
      'data that is no PEM',
      'current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: "https://x", certificate-authority-data: eA==}}]',
      /certificate-authority-data is not PEM in base64/,
    ],
    [
      'an auth-provider',
      'current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: "https://x"}}]\nusers: [{name: u, user: {auth-provider: {name: gcp}}}]',
      /auth-provider was removed/,
      /exec plugin/,
    ],
    ['a list where a map belongs', 'clusters: {}', /clusters must be a list/],
  ]
  for (const [name, text, message, hint] of bad)
    test(`${name} is refused`, async () => {
      const kubeconfig = join(home, 'bad')
      await writeFile(kubeconfig, text)
      await assert.rejects(loadConnection({ kubeconfig, env: {} }), (error: Failure) => {
        assert.equal(error.code, 'KUBECONFIG_INVALID')
        assert.match(error.message, message)
        if (hint) assert.match(error.hint ?? '', hint)
        return true
      })
    })

  test('a file that is named must be there; without any it is said which was looked for', async () => {
    await assert.rejects(
      loadConnection({ kubeconfig: '/nowhere', env: {} }),
      /\/nowhere cannot be read: there is no such file/,
    )
    await assert.rejects(
      loadConnection({ env: { HOME: '/nowhere' } }),
      /\/nowhere\/\.kube\/config is not there/,
    )
  })
})
