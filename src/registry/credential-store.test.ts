import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openCredentialStore, type CredentialStoreOptions } from './credential-store.ts'
import type { Credentials } from './credentials.ts'

/** A home with files by their path in it; helpers are scripts in its `bin`. */
async function configured(
  t: TestContext,
  files: Readonly<Record<string, unknown>>,
  { env: variables = {}, ...options }: Partial<CredentialStoreOptions> = {},
) {
  const home = await mkdtemp(join(tmpdir(), 'slipway-logins-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  for (const [name, content] of Object.entries({ 'bin/.keep': '', ...files })) {
    await mkdir(dirname(join(home, name)), { recursive: true })
    await writeFile(join(home, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  const addHelper = async (name: string, script: string) => {
    const path = join(home, 'bin', `docker-credential-${name}`)
    await writeFile(path, `#!/bin/sh\n${script}\n`)
    await chmod(path, 0o755)
  }
  const env = {
    HOME: home,
    XDG_RUNTIME_DIR: join(home, 'run'),
    PATH: `${home}/bin:/usr/bin:/bin`,
    ...Object.fromEntries(
      Object.entries(variables).map(([key, value]) => [key, value?.replace('HOME', home)]),
    ),
  }
  const open = () => openCredentialStore({ env, platform: 'linux', ...options })
  const store = open()
  const find = async (host: string, repository?: string) => {
    const found = await store.find(host, repository)
    return found && withoutPlace(found)
  }
  const read = async (name: string) => JSON.parse(await readFile(join(home, name), 'utf8')) as unknown
  return { store, open, find, addHelper, home, read }
}

const docker = '.docker/config.json'
const podman = '.config/containers/auth.json'

function withoutPlace(credentials: Credentials): Credentials {
  const { from: _, ...rest } = credentials
  return rest
}

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') })

test('auths are found by host under all the names docker writes', async (t) => {
  const { find } = await configured(t, {
    [docker]: {
      auths: {
        'ghcr.io': auth('ann:secret:with:colons'),
        'https://index.docker.io/v1/': auth('hub:pass'),
        'https://quay.io/v2/': auth('quay:pass'),
        'quay.io:443': auth('port:pass'),
        'old.example/v1/': auth('old:pass'),
        'azure.example': { identitytoken: 'refresh', ...auth('00000000-0000-0000-0000-000000000000:') },
        'token.example': { registrytoken: 'bearer' },
        'plain.example': { username: 'u', password: 'p' },
        'empty.example': {},
      },
    },
  })
  const expected = {
    'ghcr.io': { username: 'ann', password: 'secret:with:colons' },
    'docker.io': { username: 'hub', password: 'pass' },
    'quay.io': { username: 'quay', password: 'pass' },
    'quay.io:443': { username: 'port', password: 'pass' },
    'old.example': { username: 'old', password: 'pass' },
    'azure.example': { identityToken: 'refresh' },
    'token.example': { registryToken: 'bearer' },
    'plain.example': { username: 'u', password: 'p' },
    'empty.example': undefined,
    'unknown.example': undefined,
  }
  for (const [host, credentials] of Object.entries(expected))
    assert.deepEqual(await find(host), credentials, host)
})

test('an exact key wins over one with an address', async (t) => {
  const { find } = await configured(t, {
    [docker]: { auths: { 'https://ghcr.io/v1/': auth('loose:2'), 'ghcr.io': auth('exact:1') } },
  })
  assert.deepEqual(await find('ghcr.io'), { username: 'exact', password: '1' })
})

test('the entry for the longest part of a name wins, and says nothing about other parts', async (t) => {
  const { find } = await configured(t, {
    [podman]: {
      auths: {
        'quay.io/team': auth('team:1'),
        'quay.io/team/app': auth('app:2'),
        'quay.io': auth('all:3'),
        'ghcr.io/team': auth('team:4'),
        'docker.io/acme': auth('hub:5'),
      },
    },
  })
  const userOf = async (host: string, repository?: string) => {
    const found = await find(host, repository)
    return found && 'username' in found ? found.username : undefined
  }
  assert.equal(await userOf('quay.io', 'team/app'), 'app')
  assert.equal(await userOf('quay.io', 'team/app/sub'), 'app')
  assert.equal(await userOf('quay.io', 'team/application'), 'team')
  assert.equal(await userOf('quay.io', 'teams/app'), 'all')
  assert.equal(await userOf('quay.io'), 'all')
  assert.equal(await userOf('ghcr.io', 'other/app'), undefined)
  assert.equal(await userOf('docker.io', 'acme/api'), 'hub')
})

test('files are read in the order of podman and skopeo, docker last, and name the place', async (t) => {
  const files = {
    'run/containers/auth.json': { auths: { 'a.example': auth('session:1') } },
    [podman]: { auths: { 'a.example': auth('user:1'), 'b.example': auth('user:2') } },
    [docker]: {
      auths: { 'a.example': auth('docker:1'), 'b.example': auth('docker:2'), 'c.example': auth('docker:3') },
    },
  }
  const { store, home } = await configured(t, files)
  const places = await Promise.all(
    ['a.example', 'b.example', 'c.example'].map(async (host) => (await store.find(host))?.from),
  )
  assert.deepEqual(places, [join(home, 'run/containers/auth.json'), join(home, podman), join(home, docker)])
  const named = await configured(
    t,
    { ...files, 'own.json': { auths: { 'b.example': auth('own:1') } } },
    {
      env: { REGISTRY_AUTH_FILE: 'HOME/own.json' },
    },
  )
  assert.deepEqual(await named.find('b.example'), { username: 'own', password: '1' })
  assert.equal(await named.find('c.example'), undefined)
})

test('DOCKER_AUTH_CONFIG goes before all files', async (t) => {
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'ghcr.io': auth('ci:1') } }) }
  const { store } = await configured(t, { [docker]: { auths: { 'ghcr.io': auth('ann:2') } } }, { env })
  assert.deepEqual(await store.find('ghcr.io'), {
    username: 'ci',
    password: '1',
    from: '$DOCKER_AUTH_CONFIG',
  })
})

test('no file means no credentials, unless somebody has named it', async (t) => {
  const { find } = await configured(t, {})
  assert.equal(await find('ghcr.io'), undefined)
  const named = await configured(t, {}, { env: { REGISTRY_AUTH_FILE: 'HOME/none.json' } })
  await assert.rejects(named.find('ghcr.io'), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /^there is no file .*none\.json, which REGISTRY_AUTH_FILE names$/,
  })
})

test('a helper gets the host on its input and answers in JSON', async (t) => {
  const { find, addHelper } = await configured(t, {
    [docker]: { credHelpers: { 'ghcr.io': 'one' }, credsStore: 'all' },
  })
  await addHelper('one', 'read host; echo "{\\"Username\\":\\"$1\\",\\"Secret\\":\\"$host\\"}"')
  await addHelper('all', 'read host; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$host\\"}"')
  assert.deepEqual(await find('ghcr.io'), { username: 'get', password: 'ghcr.io' })
  assert.deepEqual(await find('docker.io'), { identityToken: 'https://index.docker.io/v1/' })
})

test('a helper runs once for a host, also when it was started before anybody asked', async (t) => {
  const { store, find, addHelper, home } = await configured(t, { [docker]: { credsStore: 'counts' } })
  await addHelper(
    'counts',
    `echo x >> '${home}/runs'; sleep 0.1; echo '{"Username":"ann","Secret":"secret"}'`,
  )
  store.prepare('ghcr.io')
  const found = await Promise.all([find('ghcr.io', 'a'), find('ghcr.io', 'b'), find('ghcr.io')])
  for (const credentials of found) assert.deepEqual(credentials, { username: 'ann', password: 'secret' })
  assert.equal(await readFile(join(home, 'runs'), 'utf8'), 'x\n')
})

test('a store that knows nothing leaves it to auths', async (t) => {
  const { find, addHelper } = await configured(t, {
    [docker]: { credsStore: 'all', auths: { 'ghcr.io': auth('a:b') } },
  })
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
    const { find, addHelper } = await configured(t, { [docker]: { credsStore: name } }, limits)
    await addHelper(name, script)
    await assert.rejects(find('ghcr.io'), {
      code: 'REGISTRY_UNAUTHORIZED',
      message: `cannot get credentials for ghcr.io from docker-credential-${name}: ${message}`,
    })
  })
}

test('a helper that is missing, or whose name is a path, is an error', async (t) => {
  const missing = await configured(t, { [docker]: { credsStore: 'nowhere' } })
  await assert.rejects(missing.find('ghcr.io'), {
    message: /docker-credential-nowhere: it is not installed$/,
  })
  const path = await configured(t, { [docker]: { credsStore: '/../../evil' } })
  await assert.rejects(path.find('ghcr.io'), { message: /the name is not one of a helper$/ })
})

test('an abort ends the wait for a helper', { timeout: 10_000 }, async (t) => {
  const stop = new AbortController()
  const { find, addHelper } = await configured(
    t,
    { [docker]: { credsStore: 'hangs' } },
    { signal: stop.signal },
  )
  await addHelper('hangs', 'sleep 60')
  setTimeout(() => stop.abort(new Error('enough')), 20)
  await assert.rejects(find('ghcr.io'), { message: 'enough' })
})

test('a file that cannot be understood is an error with its path', async (t) => {
  const broken = await configured(t, { [docker]: '{ not json' })
  await assert.rejects(broken.find('ghcr.io'), {
    message: /^cannot take credentials from .*config\.json: it is not JSON$/,
  })
  const entry = await configured(t, { [docker]: { auths: { 'ghcr.io': { auth: '!!!' } } } })
  await assert.rejects(entry.find('ghcr.io'), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /the auth entry of ghcr\.io/,
  })
})

const ann = { username: 'ann', password: 'secret' }

test('a login is kept in docker’s file, with all else that is in it, for its owner only', async (t) => {
  const before = { auths: { 'quay.io': auth('q:1') }, HttpHeaders: { 'X-A': 'b' }, psFormat: '{{.ID}}' }
  const { store, open, home, read } = await configured(t, { [docker]: before })
  assert.equal(await store.save('ghcr.io', ann), join(home, docker))
  await store.save('docker.io', ann)
  assert.deepEqual(await read(docker), {
    ...before,
    auths: {
      ...before.auths,
      'ghcr.io': auth('ann:secret'),
      'https://index.docker.io/v1/': auth('ann:secret'),
    },
  })
  assert.equal((await stat(join(home, docker))).mode & 0o777, 0o600)
  const again = open()
  assert.equal((await again.find('docker.io', 'acme/api'))?.from, join(home, docker))
  assert.deepEqual(await again.remove('docker.io'), [join(home, docker)])
  assert.deepEqual(await again.remove('docker.io'), [])
  assert.equal(await open().find('docker.io'), undefined)
  assert.deepEqual(await open().remove('ghcr.io'), [join(home, docker)])
  assert.deepEqual(await read(docker), before)
})

test('a login replaces the one there is, in the file that has it, under one key', async (t) => {
  const { store, home, read } = await configured(t, {
    [podman]: { auths: { 'docker.io': auth('old:1'), 'docker.io/team': auth('team:1') } },
    [docker]: { auths: { 'https://ghcr.io/v2/': auth('old:2') } },
  })
  assert.equal(await store.save('docker.io', ann), join(home, podman))
  assert.equal(await store.save('ghcr.io', ann), join(home, docker))
  assert.deepEqual(await read(podman), {
    auths: { 'docker.io/team': auth('team:1'), 'docker.io': auth('ann:secret') },
  })
  assert.deepEqual(await read(docker), { auths: { 'ghcr.io': auth('ann:secret') } })
})

test('a named file is made, and a link stays a link', async (t) => {
  const named = await configured(t, {}, { env: { REGISTRY_AUTH_FILE: 'HOME/new/auth.json' } })
  await named.store.save('docker.io', ann)
  assert.deepEqual(await named.read('new/auth.json'), { auths: { 'docker.io': auth('ann:secret') } })
  const linked = await configured(t, { 'dotfiles/config.json': {}, '.docker/.keep': '' })
  await symlink('../dotfiles/config.json', join(linked.home, docker))
  await linked.store.save('ghcr.io', ann)
  assert.deepEqual(await linked.read('dotfiles/config.json'), { auths: { 'ghcr.io': auth('ann:secret') } })
})

test('a helper keeps the login where one is named, and the file only says so', async (t) => {
  const { store, home, read, addHelper } = await configured(t, { [docker]: { credsStore: 'keeps' } })
  await addHelper(
    'keeps',
    `cd '${home}'
case $1 in
store) cat > kept ;;
get) read server; test -f kept && echo '{"Username":"ann","Secret":"secret"}' || { echo "credentials not found in native keychain"; exit 1; } ;;
erase) cat > erased; rm kept ;;
esac`,
  )
  assert.equal(await store.save('docker.io', ann), 'docker-credential-keeps')
  assert.deepEqual(await read('kept'), {
    ServerURL: 'https://index.docker.io/v1/',
    Username: 'ann',
    Secret: 'secret',
  })
  assert.deepEqual(await read(docker), { credsStore: 'keeps', auths: { 'https://index.docker.io/v1/': {} } })
  assert.deepEqual(await store.remove('docker.io'), ['docker-credential-keeps'])
  assert.equal(await readFile(join(home, 'erased'), 'utf8'), 'https://index.docker.io/v1/\n')
  assert.deepEqual(await read(docker), { credsStore: 'keeps', auths: {} })
  assert.deepEqual(await store.remove('docker.io'), [])
})

test('many logins at once lose none', async (t) => {
  const { open, read } = await configured(t, {})
  const hosts = Array.from({ length: 10 }, (_, index) => `r${index}.example`)
  await Promise.all(hosts.map((host) => open().save(host, ann)))
  const { auths } = (await read(docker)) as { auths: object }
  assert.deepEqual(Object.keys(auths).toSorted(), hosts.toSorted())
})

const named = (...credentialHelpers: string[]) => ({
  conf: async () => ({ rules: [], credentialHelpers }),
})
const knows = (user: string) => `echo '{"Username":"${user}","Secret":"secret"}'`
const knowsNothing = 'echo "credentials not found in native keychain"; exit 1'
const file = { [podman]: { auths: { 'ghcr.io': auth('file:secret'), 'ghcr.io/team': auth('team:secret') } } }

test('helpers of registries.conf and the files are asked in the order it names them', async (t) => {
  const cases = [
    [['knows', 'containers-auth.json'], 'knows'],
    [['containers-auth.json', 'knows'], 'file'],
    [['nothing', 'containers-auth.json'], 'file'],
    [['missing', 'nothing', 'knows'], 'knows'],
    [['nothing'], undefined],
  ] as const
  for (const [names, user] of cases) {
    const { find, addHelper } = await configured(t, file, named(...names))
    await addHelper('knows', `read server; test "$server" = ghcr.io && ${knows('knows')}`)
    await addHelper('nothing', knowsNothing)
    const found = await find('ghcr.io', 'acme/api')
    assert.deepEqual(found, user === undefined ? undefined : { username: user, password: 'secret' })
  }
})

test('a helper of registries.conf that fails is told when nothing else has a login', async (t) => {
  const { find, store } = await configured(t, file, named('missing', 'containers-auth.json'))
  assert.equal((await store.find('ghcr.io', 'team/api'))?.from?.endsWith(podman), true)
  await assert.rejects(find('quay.io'), {
    code: 'REGISTRY_UNAUTHORIZED',
    message: /docker-credential-missing: it is not installed/,
  })
})

test('logins are kept by the first helper of registries.conf that takes them, and removed everywhere', async (t) => {
  const { store, home, read, addHelper } = await configured(
    t,
    file,
    named('no', 'yes', 'containers-auth.json'),
  )
  await addHelper('no', knowsNothing)
  await addHelper('yes', `test $1 = store && cat > '${home}/kept'; ${knows('yes')}`)
  assert.equal(await store.save('ghcr.io', ann), 'docker-credential-yes')
  assert.deepEqual(await read('kept'), { ServerURL: 'ghcr.io', Username: 'ann', Secret: 'secret' })
  assert.deepEqual(await store.remove('ghcr.io'), ['docker-credential-yes', join(home, podman)])
})
