import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { ClusterConnection, Identity } from '../config/connection.ts'
import { newAuthorization } from './authorization.ts'

describe('credentials of requests', () => {
  let folder: string
  let now = 1_000_000
  const clock = { now: () => now, random: () => 0, sleep: async () => undefined }
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'auth-'))
  })
  after(() => rm(folder, { recursive: true }))

  const authorization = (identity: Identity) => {
    const connection: ClusterConnection = {
      server: 'https://x',
      authorities: undefined,
      isUnverified: false,
      serverName: undefined,
      proxyUrl: undefined,
      namespace: 'default',
      identity,
      from: 'context "test"',
    }
    return newAuthorization(connection, { env: process.env, clock })
  }
  const headerOf = async (own: ReturnType<typeof authorization>) =>
    (await own.current({})).headers['authorization']

  /** A plugin that counts how often it is asked. */
  async function plugin(status: string): Promise<Identity> {
    const script = join(folder, 'plugin.sh')
    await writeFile(
      script,
      `n=$(cat count 2>/dev/null || echo 0); n=$((n+1)); echo $n > count; printf '%s' "${status}"`,
    )
    await rm(join(folder, 'count'), { force: true })
    const entry = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: ['-c', `cd ${folder} && . ./plugin.sh`],
    }
    return { exec: { entry, folder } }
  }

  test('a token, a file that is read anew after a minute, a name and a password', async () => {
    assert.equal(await headerOf(authorization({ token: 'abc' })), 'Bearer abc')
    assert.equal(await headerOf(authorization({ basic: { username: 'u', password: 'p' } })), 'Basic dTpw')
    const tokenFile = join(folder, 'token')
    await writeFile(tokenFile, 'one\n')
    const own = authorization({ tokenFile })
    assert.equal(await headerOf(own), 'Bearer one')
    await writeFile(tokenFile, 'two\n')
    assert.equal(await headerOf(own), 'Bearer one')
    now += 61_000
    assert.equal(await headerOf(own), 'Bearer two')
  })

  test('a plugin is asked once, again before its token expires, and when the server refuses it', async () => {
    const expires = new Date(now + 60_000).toISOString()
    const own = authorization(
      await plugin(`{\\"status\\":{\\"token\\":\\"t$n\\",\\"expirationTimestamp\\":\\"${expires}\\"}}`),
    )
    assert.equal(await headerOf(own), 'Bearer t1')
    assert.equal(await headerOf(own), 'Bearer t1')
    assert.equal(own.refused(), true)
    assert.equal(await headerOf(own), 'Bearer t2')
    now += 51_000
    assert.equal(await headerOf(own), 'Bearer t3')
  })

  const bad: readonly [string, string, RegExp][] = [
    [
      'something that is not JSON',
      'hello',
      /the exec plugin sh of context "test" gave something that is not JSON/,
    ],
    ['nothing of use', '{}', /gave neither a token nor a certificate/],
  ]
  for (const [name, output, message] of bad)
    test(`a plugin that gives ${name} is named`, async () => {
      await assert.rejects(headerOf(authorization(await plugin(output))), message)
    })

  test('a plugin that is not installed is named with its hint, and an unknown version is refused', async () => {
    const entry = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'no-such-plugin',
      installHint: 'brew install it',
    }
    await assert.rejects(headerOf(authorization({ exec: { entry, folder } })), {
      code: 'CLUSTER_UNAUTHORIZED',
      message: 'the exec plugin no-such-plugin of context "test" is not installed',
      hint: 'brew install it',
    })
    const old = { ...entry, apiVersion: 'client.authentication.k8s.io/v1alpha1' }
    await assert.rejects(headerOf(authorization({ exec: { entry: old, folder } })), {
      code: 'KUBECONFIG_INVALID',
    })
  })

  test('impersonation goes with every request', async () => {
    const own = authorization({ token: 'abc', impersonate: { user: 'ci', groups: ['builders'] } })
    assert.deepEqual((await own.current({})).headers, {
      'impersonate-user': 'ci',
      'impersonate-group': 'builders',
      authorization: 'Bearer abc',
    })
  })
})
