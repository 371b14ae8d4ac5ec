import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openFaultClient } from '../../test/support/fault-client.ts'
import type { FaultRegistryOptions } from '../../test/support/fault-registry.ts'
import { bytesBlob, mediaTypes, sha256 } from '../oci/index.ts'
import type { Credentials } from './credentials.ts'

const secret = { username: 'ann', password: 'secret' }
const bearer = { scheme: 'bearer', ...secret } as const
const blob = bytesBlob(mediaTypes.layer, Buffer.from('some layer'))

async function openGuarded(t: TestContext, options: FaultRegistryOptions, credentials?: Credentials) {
  const asked: string[] = []
  const client = await openFaultClient(t, options, {
    async credentials(host) {
      asked.push(host)
      return credentials
    },
  })
  return { ...client, asked }
}

test('credentials are not asked for before a challenge', async (t) => {
  const { registry, asked } = await openGuarded(t, {}, secret)
  await registry.pushBlob('a', blob)
  assert.deepEqual(asked, [])
})

test('a push under Basic meets one challenge only', async (t) => {
  const { server, registry, asked } = await openGuarded(t, { auth: { scheme: 'basic', ...secret } }, secret)
  await registry.pushBlob('a', blob)
  assert.deepEqual(
    server.requests.map((request) => request.status),
    [401, 404, 202, 201],
  )
  assert.deepEqual(asked, [server.host])
})

test('a push under Bearer fetches one token for everything', async (t) => {
  const { server, registry, tally } = await openGuarded(t, { auth: bearer }, secret)
  await registry.pushBlob('a/b', blob)
  await registry.pushManifest('a/b', '1', { mediaType: mediaTypes.manifest, bytes: Buffer.from('{}') })
  assert.ok(await registry.headManifest('a/b', '1'))
  assert.deepEqual(tally.requests, {
    'HEAD blob': 2,
    token: 1,
    'POST upload': 1,
    'PUT upload': 1,
    'PUT manifest': 1,
    'HEAD manifest': 1,
  })
  const token = server.requests.find((request) => request.purpose === 'token')
  assert.equal(token?.url, '/token?service=test&scope=repository%3Aa%2Fb%3Apull%2Cpush')
})

test('many requests at once meet one challenge and fetch one token', async (t) => {
  const { registry, tally } = await openGuarded(t, { auth: bearer }, secret)
  const digests = Array.from({ length: 40 }, (_, index) => sha256(String(index)))
  await Promise.all(digests.map((digest) => registry.hasBlob('a', digest)))
  assert.deepEqual(tally.requests, { 'HEAD blob': 41, token: 1 })
})

test('a token that stops being good in the middle is fetched again, once for all', async (t) => {
  const { server, registry, tally } = await openGuarded(t, { auth: bearer }, secret)
  await registry.hasBlob('a', sha256('x'))
  server.expireTokens()
  await Promise.all(Array.from({ length: 10 }, (_, index) => registry.hasBlob('a', sha256(String(index)))))
  assert.equal(tally.requests['token'], 2)
})

test('a token that stops being good during an upload makes the blob be sent again', async (t) => {
  const challenge = { 'www-authenticate': 'Bearer realm="http://HOST/token",service="test"' }
  const faults = [{ on: 'PUT upload', act: { kind: 'answer', status: 401, headers: challenge } }] as const
  const { server, registry, tally, clock } = await openGuarded(t, { auth: bearer, faults }, secret)
  challenge['www-authenticate'] = challenge['www-authenticate'].replace('HOST', server.host)
  assert.equal(await registry.pushBlob('a', blob), 'uploaded')
  assert.deepEqual(tally.requests, { 'HEAD blob': 2, token: 2, 'POST upload': 1, 'PUT upload': 2 })
  assert.deepEqual(clock.slept, [])
})

test('a token is renewed before it expires', async (t) => {
  const { registry, tally, clock } = await openGuarded(t, { auth: bearer }, secret)
  await registry.hasBlob('a', sha256('x'))
  clock.advance(269_000)
  await registry.hasBlob('a', sha256('x'))
  assert.equal(tally.requests['token'], 1)
  clock.advance(2000)
  await registry.hasBlob('a', sha256('x'))
  assert.deepEqual(tally.requests, { 'HEAD blob': 4, token: 2 })
})

test('a mount asks for a token for both repositories, ours first, and does without when it gets none', async (t) => {
  const { server, registry } = await openGuarded(t, { auth: bearer }, secret)
  server.blobs.set(blob.descriptor.digest, Buffer.alloc(0))
  assert.equal(await registry.pushBlob('a', blob, { mountFrom: ['b'], skipHead: true }), 'mounted')
  const token = server.requests.find((request) => request.purpose === 'token')
  assert.deepEqual(new URL(`http://x${token?.url}`).searchParams.getAll('scope'), [
    'repository:a:pull,push',
    'repository:b:pull',
  ])
  const refusing = await openGuarded(
    t,
    { auth: bearer, faults: [{ on: 'token', act: { kind: 'answer', status: 403 } }] },
    secret,
  )
  assert.equal(await refusing.registry.pushBlob('a', blob, { mountFrom: ['b'], skipHead: true }), 'uploaded')
})

test('an identity token is exchanged, or sent as a password where that is not known', async (t) => {
  const auth = { scheme: 'bearer' } as const
  const { server, registry } = await openGuarded(t, { auth }, { identityToken: 'refresh' })
  await registry.hasBlob('a', sha256('x'))
  const [exchange] = server.requests.filter((request) => request.purpose === 'token')
  assert.equal(exchange?.method, 'POST')
  assert.equal(exchange?.headers['content-type'], 'application/x-www-form-urlencoded')
  const faults = [{ on: 'token', act: { kind: 'answer', status: 405 } }] as const
  const old = await openGuarded(t, { auth, faults }, { identityToken: 'refresh' })
  await old.registry.hasBlob('a', sha256('x'))
  const methods = old.server.requests
    .filter((request) => request.purpose === 'token')
    .map(({ method }) => method)
  assert.deepEqual(methods, ['POST', 'GET'])
})

test('access_token is a token too, and a token that cannot be a header is none', async (t) => {
  const faults = [
    { on: 'token', times: 9, act: { kind: 'answer', status: 200, body: '{"access_token":"abc"}' } },
  ] as const
  const { server, registry } = await openGuarded(t, { auth: bearer, faults }, secret)
  await assert.rejects(registry.hasBlob('a', sha256('x')), { code: 'REGISTRY_UNAUTHORIZED' })
  assert.equal(server.requests.at(-1)?.authorization, 'Bearer abc')
  for (const body of ['{"token":"a\\nb"}', '{"token":""}', '[]', 'null', 'x']) {
    const bad = [{ on: 'token', act: { kind: 'answer', status: 200, body } }] as const
    const client = await openGuarded(t, { auth: bearer, faults: bad }, secret)
    await assert.rejects(client.registry.hasBlob('a', sha256('x')), {
      code: 'REGISTRY_UNAUTHORIZED',
      message: /the token server 127\.0\.0\.1:\d+ gave no token$/,
    })
  }
})

test('a token server that is not on https gets no credentials unless the registry is on this machine', async () => {
  const { newAuthorization } = await import('./authorization.ts')
  const authorization = newAuthorization({
    host: 'ghcr.io',
    credentials: async () => secret,
    clock: { now: () => 0, sleep: async () => {}, random: () => 0 },
    client: {
      send: () => assert.fail('nothing may be sent'),
      close: () => {},
    },
    isPlain: () => false,
    onRequest: () => {},
  })
  for (const realm of ['http://auth.example/token', 'file:///token', '']) {
    await assert.rejects(authorization.renew(`Bearer realm="${realm}"`, []), {
      code: 'REGISTRY_UNAUTHORIZED',
    })
  }
})

test('a location on another host gets no credentials', async (t) => {
  const other = await openFaultClient(t)
  const headers = { location: `http://${other.server.host}/v2/a/blobs/uploads/elsewhere` }
  const faults = [{ on: 'POST upload', act: { kind: 'answer', status: 202, headers } }] as const
  const { registry } = await openGuarded(t, { auth: bearer, faults }, secret)
  // The other host knows no such session: the push goes on with a new one at home.
  assert.equal(await registry.pushBlob('a', blob), 'uploaded')
  assert.deepEqual(
    other.server.requests.map((request) => [request.purpose, request.authorization]),
    [['PUT upload', undefined]],
  )
})

test('a registry must not send us nearer to this machine than it is itself for a token', async (t) => {
  const challenge = { 'www-authenticate': 'Bearer realm="http://127.0.0.2:1/token",service="test"' }
  const faults = [{ on: 'HEAD blob', act: { kind: 'answer', status: 401, headers: challenge } }] as const
  const client = await openFaultClient(
    t,
    { faults },
    {
      credentials: async () => secret,
      reachOf: (address) => (address === '127.0.0.1' ? 'public' : 'loopback'),
    },
  )
  await assert.rejects(client.registry.hasBlob('a', sha256('x')), {
    code: 'REGISTRY_REFUSED',
    message: /it sends us to 127\.0\.0\.2:1, an address of this machine$/,
    hint: /SLIPWAY_PRIVATE_HOSTS=127\.0\.0\.2$/,
  })
})

test('a registry token is shown to the registry as it is, and nobody is asked for another', async (t) => {
  const { server, registry } = await openGuarded(t, { auth: bearer }, { registryToken: 'given' })
  await assert.rejects(registry.hasBlob('a', sha256('x')), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /the registry refused the credentials of a registry token \(401/,
  })
  assert.deepEqual(
    server.requests.map(({ authorization }) => authorization),
    [undefined, 'Bearer given'],
  )
})

test('each part of a registry is asked for with its own credentials', async (t) => {
  const passwords = new Map([
    ['a', { username: 'ann', password: 'secret' }],
    ['b', { username: 'bob', password: 'secret' }],
  ])
  const { server, registry } = await openFaultClient(
    t,
    { auth: { scheme: 'basic' } },
    {
      credentials: async (_host, repository = '') => passwords.get(repository),
    },
  )
  await registry.hasBlob('a', sha256('x')).catch(() => undefined)
  await registry.hasBlob('b', sha256('x')).catch(() => undefined)
  const shown = server.requests.flatMap(({ authorization }) => authorization ?? [])
  assert.deepEqual(
    shown.map((value) => Buffer.from(value.slice(6), 'base64').toString()),
    ['ann:secret', 'bob:secret'],
  )
})

test('looking at a tag before a push asks for the token of the push', async (t) => {
  const { registry, tally } = await openGuarded(t, { auth: bearer }, secret)
  await registry.headManifest('a/b', '1', { willPush: true })
  await registry.pushBlob('a/b', blob)
  assert.equal(tally.requests['token'], 1)
})

for (const pushScope of ['refused', 'stripped'] as const) {
  test(`who may only read looks at tags all the same: a token to push is ${pushScope}`, async (t) => {
    const { server, registry } = await openGuarded(t, { auth: { ...bearer, pushScope } }, secret)
    assert.equal(await registry.headManifest('a/b', '1', { willPush: true }), undefined)
    assert.equal(await registry.headManifest('a/b', '2', { willPush: true }), undefined)
    const scopes = server.requests
      .filter(({ purpose }) => purpose === 'token')
      .map(({ url }) => new URL(url, 'http://x').searchParams.get('scope'))
    assert.deepEqual(scopes, ['repository:a/b:pull,push', 'repository:a/b:pull'])
  })
}
