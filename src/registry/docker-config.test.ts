import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { dockerConfigCredentials, type DockerConfigOptions } from './docker-config.ts'

async function configured(t: TestContext, config: unknown, options: DockerConfigOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-docker-config-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  const addHelper = async (name: string, script: string) => {
    const path = join(folder, `docker-credential-${name}`)
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o755)
  }
  const env = { DOCKER_CONFIG: folder, PATH: `${folder}:/usr/bin:/bin` }
  return { find: dockerConfigCredentials({ env, ...options }), addHelper, folder }
}

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') })

test('auths are found by host under all the names docker writes', async (t) => {
  const { find } = await configured(t, {
    auths: {
      'ghcr.io': auth('ann:secret:with:colons'),
      'https://index.docker.io/v1/': auth('hub:pass'),
      'https://quay.io/v2/': auth('quay:pass'),
      'quay.io:443': auth('port:pass'),
      'azure.example': { identitytoken: 'refresh', ...auth('00000000-0000-0000-0000-000000000000:') },
      'plain.example': { username: 'u', password: 'p' },
      'empty.example': {},
    },
  })
  const expected = {
    'ghcr.io': { username: 'ann', password: 'secret:with:colons' },
    'docker.io': { username: 'hub', password: 'pass' },
    'quay.io': { username: 'quay', password: 'pass' },
    'quay.io:443': { username: 'port', password: 'pass' },
    'azure.example': { identityToken: 'refresh' },
    'plain.example': { username: 'u', password: 'p' },
    'empty.example': undefined,
    'unknown.example': undefined,
  }
  for (const [host, credentials] of Object.entries(expected))
    assert.deepEqual(await find(host), credentials, host)
})

test('an exact key wins over one with a path', async (t) => {
  const { find } = await configured(t, {
    auths: { 'ghcr.io': auth('exact:1'), 'https://ghcr.io/v1/': auth('loose:2') },
  })
  assert.deepEqual(await find('ghcr.io'), { username: 'exact', password: '1' })
})

test('no file means no credentials', async (t) => {
  const { folder } = await configured(t, {})
  const find = dockerConfigCredentials({ path: join(folder, 'none.json') })
  assert.equal(await find('ghcr.io'), undefined)
})

test('a helper gets the host on its input and answers in JSON', async (t) => {
  const { find, addHelper } = await configured(t, { credHelpers: { 'ghcr.io': 'one' }, credsStore: 'all' })
  await addHelper('one', 'read host; echo "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$host\\"}"')
  await addHelper('all', 'read host; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$host\\"}"')
  assert.deepEqual(await find('ghcr.io'), { username: 'get', password: 'ghcr.io' })
  assert.deepEqual(await find('docker.io'), { identityToken: 'https://index.docker.io/v1/' })
})

test('a store that knows nothing leaves it to auths', async (t) => {
  const { find, addHelper } = await configured(t, { credsStore: 'all', auths: { 'ghcr.io': auth('a:b') } })
  await addHelper('all', 'echo "credentials not found in native keychain"; exit 1')
  assert.deepEqual(await find('ghcr.io'), { username: 'a', password: 'b' })
  assert.equal(await find('quay.io'), undefined)
})

for (const [name, script, message] of [
  ['fails', 'echo "keychain is locked"; exit 3', 'it failed: keychain is locked'],
  ['babbles', 'echo hello', 'its answer is not JSON'],
  ['lacks', 'echo "{}"', 'its answer has no Username and Secret'],
  ['hangs', 'sleep 60', 'it gave no answer within 0.3 s'],
  ['forks', 'sleep 60 & exit 0', 'it gave no answer within 0.3 s'],
  ['floods', 'while :; do echo 0123456789012345678901234567890123456789; done', 'its answer is too long'],
] as const) {
  test(`a helper that ${name} is named in the error`, { timeout: 10_000 }, async (t) => {
    const limits = name === 'hangs' || name === 'forks' ? { helperTimeoutMs: 300 } : {}
    const { find, addHelper } = await configured(t, { credsStore: name }, limits)
    await addHelper(name, script)
    await assert.rejects(find('ghcr.io'), {
      code: 'REGISTRY_UNAUTHORIZED',
      message: `cannot get credentials for ghcr.io from docker-credential-${name}: ${message}`,
    })
  })
}

test('a helper that is missing, or whose name is a path, is an error', async (t) => {
  const missing = await configured(t, { credsStore: 'nowhere' })
  await assert.rejects(missing.find('ghcr.io'), {
    message: /docker-credential-nowhere: it is not installed$/,
  })
  const path = await configured(t, { credsStore: '/../../evil' })
  await assert.rejects(path.find('ghcr.io'), { message: /the name is not one of a helper$/ })
})

test('an abort ends the wait for a helper', { timeout: 10_000 }, async (t) => {
  const stop = new AbortController()
  const { find, addHelper } = await configured(t, { credsStore: 'hangs' }, { signal: stop.signal })
  await addHelper('hangs', 'sleep 60')
  setTimeout(() => stop.abort(new Error('enough')), 20)
  await assert.rejects(find('ghcr.io'), { message: 'enough' })
})

test('a file that cannot be understood is an error with its path', async (t) => {
  const broken = await configured(t, '{ not json')
  await assert.rejects(broken.find('ghcr.io'), {
    message: /^cannot take credentials from .*config\.json: it is not JSON$/,
  })
  const entry = await configured(t, { auths: { 'ghcr.io': { auth: '!!!' } } })
  await assert.rejects(entry.find('ghcr.io'), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /the auth entry of ghcr\.io/,
  })
})
