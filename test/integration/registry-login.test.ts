/** Logins end to end: passwords, tokens, helpers; `slipway login` and `skopeo login` into the same files. */
import assert from 'node:assert/strict'
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { skipWithoutOpenssl } from '../support/certificates.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { htpasswd, skipWithoutHtpasswd } from '../support/htpasswd.ts'
import { hasProgram, programEnvironment, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway, slipwayOk, type SlipwayOptions } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { startTokenServer, type TokenServer, type TokenServerOptions } from '../support/token-server.ts'

const users = {
  ann: { password: 'right', access: { 'acme/': ['pull', 'push'] }, identityToken: 'refresh-ann' },
  bob: { password: 'builder', access: { 'acme/': ['pull'] } },
} as const

const skip =
  skipWithoutDockerRegistry() ||
  skipWithoutHtpasswd() ||
  skipWithoutOpenssl() ||
  requirePart('skopeo', hasProgram('skopeo'))

/** A home of its own with a project to build, and what is done in it. */
async function newHome(folder: TemporaryFolder, name: string) {
  const home = folder.join(name)
  const write = async (path: string, content: string | object, mode = 0o644) => {
    await mkdir(dirname(`${home}/${path}`), { recursive: true })
    await writeFile(`${home}/${path}`, typeof content === 'string' ? content : JSON.stringify(content), {
      mode,
    })
    await chmod(`${home}/${path}`, mode)
  }
  await write('project/Dockerfile', 'FROM scratch\nCOPY hello /\n')
  await write('project/hello', `hello from ${name}`)
  const options: SlipwayOptions = { home, env: { PATH: `${home}/bin:${programEnvironment['PATH']}` } }
  const login = async (host: string, user: string, password: string) =>
    slipway(['login', '-u', user, '--password-stdin', host], { ...options, input: `${password}\n` })
  const push = async (reference: string) =>
    slipway(['build', '-t', reference, '--push', '--progress=plain', `${home}/project`], options)
  /** pulls the image as a base and its layer, into a layout */
  const pull = async (reference: string) => {
    await write('child/Dockerfile', `FROM ${reference}\nCOPY more /\n`)
    await write('child/more', 'more')
    return slipwayOk(['build', '-o', `type=oci,dest=${home}/layout`, `${home}/child`], options)
  }
  return {
    home,
    options,
    write,
    login,
    push,
    pull,
    read: (path: string) => readFile(`${home}/${path}`, 'utf8'),
  }
}

suite('a registry with passwords', { skip, timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  let server: DockerRegistry
  before(async () => {
    folder = await temporaryFolder()
    await writeFile(folder.join('htpasswd'), await htpasswd({ ann: 'right' }))
    const auth = { htpasswd: { realm: 'tests', path: folder.join('htpasswd') } }
    server = await startDockerRegistry({ auth })
  })
  after(async () => {
    await server.stop()
    await folder.remove()
  })

  test('login, push, pull, logout', async () => {
    const { home, options, login, push, pull, read } = await newHome(folder, 'basic')
    const done = await login(server.host, 'ann', 'right')
    assert.equal(done.status, 0, done.stderr)
    assert.equal(
      done.stdout,
      `logged in to ${server.host} as ann; the login is kept in ${home}/.docker/config.json\n`,
    )
    assert.equal((await stat(`${home}/.docker/config.json`)).mode & 0o777, 0o600)
    const pushed = await push(`${server.host}/acme/api:1`)
    assert.equal(pushed.status, 0, pushed.stderr)
    await pull(`${server.host}/acme/api:1`)
    const out = await slipway(['logout', server.host], options)
    assert.equal(out.stdout, `logged out of ${server.host}: removed from ${home}/.docker/config.json\n`)
    assert.deepEqual(JSON.parse(await read('.docker/config.json')), { auths: {} })
    const again = await slipway(['logout', server.host], options)
    assert.deepEqual([again.status, again.stdout], [0, `there was no login for ${server.host}\n`])
    const refused = await push(`${server.host}/acme/api:2`)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /the registry wants credentials \(401/)
    assert.match(refused.stderr, new RegExp(`slipway login ${server.host}`))
  })

  test('a wrong password is refused and not kept', async () => {
    const { login, read } = await newHome(folder, 'wrong')
    const { status, stderr } = await login(server.host, 'ann', 'wrong')
    assert.equal(status, 1)
    assert.match(
      stderr,
      new RegExp(
        `^error: cannot log in to ${server.host}: the registry refused the credentials of "ann" \\(401`,
      ),
    )
    await assert.rejects(read('.docker/config.json'), { code: 'ENOENT' })
  })

  test('skopeo uses what slipway login left', async () => {
    const { home, login, push } = await newHome(folder, 'to-skopeo')
    await login(server.host, 'ann', 'right')
    assert.equal((await push(`${server.host}/acme/shared:1`)).status, 0)
    const env = { HOME: home, XDG_RUNTIME_DIR: `${home}/run`, REGISTRY_AUTH_FILE: '' }
    const file = ['--authfile', `${home}/.docker/config.json`]
    const { stdout } = await runProgram('skopeo', ['login', ...file, '--get-login', server.host], { env })
    assert.equal(stdout.trim(), 'ann')
    const image = `docker://${server.host}/acme/shared:1`
    const inspected = await runProgram('skopeo', ['inspect', '--tls-verify=false', ...file, image], { env })
    assert.match(inspected.stdout, /"Digest": "sha256:/)
  })

  test('slipway uses what skopeo login left, and removes it again', async () => {
    const { home, options, write, push } = await newHome(folder, 'from-skopeo')
    const file = `${home}/.config/containers/auth.json`
    await write('.config/containers/auth.json', { auths: { 'quay.io/team': { auth: 'YTpi' } } })
    const login = ['login', '--tls-verify=false', '--authfile', file, '-u', 'ann', '-p', 'right', server.host]
    await runProgram('skopeo', login, { env: { HOME: home } })
    const pushed = await push(`${server.host}/acme/skopeo:1`)
    assert.equal(pushed.status, 0, pushed.stderr)
    const out = await slipway(['logout', server.host], options)
    assert.equal(out.stdout, `logged out of ${server.host}: removed from ${file}\n`)
    const env = { HOME: home }
    await assert.rejects(
      runProgram('skopeo', ['login', '--authfile', file, '--get-login', server.host], { env }),
      /not logged in/,
    )
    const kept = JSON.parse(await readFile(file, 'utf8')) as { auths: object }
    assert.deepEqual(Object.keys(kept.auths), ['quay.io/team'])
  })

  test('a helper keeps the login, and is asked once in a run', async () => {
    const { home, options, write, login, push, read } = await newHome(folder, 'helper')
    await write('.docker/config.json', { credHelpers: { [server.host]: 'slip' } })
    const script = `#!/bin/sh
echo "$1" >> '${home}/calls'
case $1 in
store) cat > '${home}/kept' ;;
get) read server; test -f '${home}/kept' || { echo "credentials not found in native keychain"; exit 1; }; cat '${home}/kept' ;;
erase) read server; rm '${home}/kept' ;;
esac
`
    await write('bin/docker-credential-slip', script, 0o755)
    const done = await login(server.host, 'ann', 'right')
    assert.match(done.stdout, /kept in docker-credential-slip\n$/, done.stderr)
    assert.doesNotMatch(await read('.docker/config.json'), /YW5u|right/)
    await writeFile(`${home}/calls`, '')
    const pushed = await push(`${server.host}/acme/helped:1`)
    assert.equal(pushed.status, 0, pushed.stderr)
    assert.equal(await read('calls'), 'get\n')
    const out = await slipway(['logout', server.host], options)
    assert.equal(out.stdout, `logged out of ${server.host}: removed from docker-credential-slip\n`)
  })

  test('a helper that registries.conf names is asked, and no file', async () => {
    const { write, push, login, read } = await newHome(folder, 'conf-helper')
    await login(server.host, 'ann', 'right')
    await write('.config/containers/registries.conf', 'credential-helpers = ["conf"]\n')
    const missing = await push(`${server.host}/acme/conf:1`)
    assert.equal(missing.status, 1)
    assert.match(
      missing.stderr,
      /cannot get credentials for .* from docker-credential-conf: it is not installed/,
    )
    const answer = '{"Username":"ann","Secret":"right"}'
    await write(
      'bin/docker-credential-conf',
      `#!/bin/sh\necho "$1 $(cat)" >> "$HOME/calls"\necho '${answer}'\n`,
      0o755,
    )
    const pushed = await push(`${server.host}/acme/conf:1`)
    assert.equal(pushed.status, 0, pushed.stderr)
    assert.equal(await read('calls'), `get ${server.host}\n`)
  })

  test('what cannot be a login is said before anybody is asked', async () => {
    const { options } = await newHome(folder, 'usage')
    const cases = [
      [
        ['login', '-u', 'ann', server.host],
        /there is no terminal to ask for the password on\n {2}hint: slipway login -u ann --password-stdin/,
      ],
      [['login', '--password-stdin', server.host], /--password-stdin needs a user/],
      [
        ['login', '-u', 'ann', '-p', 'right', server.host],
        /a password on the command line is seen by others/,
      ],
      [['login', '-u', 'ann', '--password-stdin', server.host], /the standard input has no password/],
      [['login', 'ghcr.io/acme'], /"ghcr.io\/acme" is a part of a registry/],
      [['login', 'no host'], /"no host" is not the host of a registry/],
    ] as const
    for (const [args, message] of cases) {
      const { status, stderr } = await slipway(args, { ...options, input: '' })
      assert.equal(status, 2, stderr)
      assert.match(stderr, message)
    }
  })

  test('a terminal is asked for user and password, and does not show the password', async () => {
    const { home, options, read } = await newHome(folder, 'terminal')
    const main = new URL('../../src/cli/main.ts', import.meta.url).pathname
    const command = `(sleep 2; echo ann; sleep 1; echo right) | script -qec '${process.execPath} ${main} login ${server.host}' /dev/null`
    const { stdout } = await runProgram('sh', ['-c', command], {
      env: { ...options.env, HOME: home, XDG_RUNTIME_DIR: `${home}/run` },
    })
    assert.match(stdout, /user for .*: [\s\S]*password of ann: [\s\S]*logged in to .* as ann/)
    assert.doesNotMatch(stdout, /right/)
    assert.match(await read('.docker/config.json'), /"auth"/)
  })

  test('what is no registry, and nobody at all, are told apart', async () => {
    const { login } = await newHome(folder, 'nobody')
    const gone = await login('127.0.0.1:1', 'ann', 'right')
    assert.match(gone.stderr, /cannot log in to 127.0.0.1:1: nothing listens on 127.0.0.1:1 \(ECONNREFUSED\)/)
    const unknown = await login('registry.invalid', 'ann', 'right')
    assert.match(
      unknown.stderr,
      /cannot log in to registry.invalid: the name registry.invalid cannot be resolved/,
    )
  })
})

suite('a registry with a token server', { skip, timeout: 120_000 }, () => {
  /** A registry whose tokens come from a token server of its own, and a home that is logged in to it. */
  async function withTokens(
    name: string,
    options: Partial<TokenServerOptions>,
    work: (
      parts: Awaited<ReturnType<typeof newHome>> & { tokens: TokenServer; host: string },
    ) => Promise<void>,
  ) {
    await using folder = await temporaryFolder()
    const tokens = await startTokenServer({ folder: folder.path, users, ...options })
    const server = await startDockerRegistry({ auth: tokens.auth })
    try {
      await work({ ...(await newHome(folder, name)), tokens, host: server.host })
    } finally {
      await server.stop()
      await tokens.stop()
    }
  }

  test('login, push and pull; one token to look and to push', async () => {
    await withTokens('tokens', {}, async ({ tokens, host, login, push, pull }) => {
      const done = await login(host, 'ann', 'right')
      assert.equal(done.status, 0, done.stderr)
      assert.deepEqual(tokens.requests, [{ method: 'GET', user: 'ann', scopes: [], status: 200 }])
      const pushed = await push(`${host}/acme/api:1`)
      assert.equal(pushed.status, 0, pushed.stderr)
      assert.deepEqual(
        tokens.requests.slice(1).map(({ user, scopes }) => [user, ...scopes]),
        [['ann', 'repository:acme/api:pull,push']],
      )
      await pull(`${host}/acme/api:1`)
    })
  })

  test('a wrong password is said to be the token server’s word', async () => {
    await withTokens('wrong', {}, async ({ host, login }) => {
      const { status, stderr } = await login(host, 'ann', 'wrong')
      assert.equal(status, 1)
      assert.match(
        stderr,
        /cannot log in to .*: the token server 127.0.0.1:\d+ refused the credentials of "ann" \(401 UNAUTHORIZED: wrong user or password\)/,
      )
    })
  })

  test('who may not push is told who, where and what is missing', async () => {
    await withTokens('pull-only', {}, async ({ home, host, login, push }) => {
      assert.equal((await login(host, 'bob', 'builder')).status, 0)
      const { status, stderr } = await push(`${host}/acme/api:1`)
      assert.equal(status, 1)
      assert.match(
        stderr,
        new RegExp(
          `cannot push .* to ${host}/acme/api: the registry does not let "bob" \\(from ${home}/.docker/config.json\\) push to acme/api \\(401 UNAUTHORIZED`,
        ),
      )
      assert.match(
        stderr,
        new RegExp(`hint: get write access to acme/api there, or log in as .*: slipway login ${host}`),
      )
    })
  })

  for (const [exchangeStatus, methods] of [
    [200, ['POST']],
    [404, ['POST', 'GET']],
  ] as const) {
    test(`an identity token is exchanged with ${methods.join(', then ')}`, async () => {
      const options = { exchangeStatus, field: 'access_token', announcedSeconds: 'none' } as const
      await withTokens('identity', options, async ({ tokens, host, write, push }) => {
        await write('.docker/config.json', { auths: { [host]: { identitytoken: 'refresh-ann' } } })
        const pushed = await push(`${host}/acme/api:1`)
        assert.equal(pushed.status, 0, pushed.stderr)
        assert.deepEqual(
          tokens.requests.map(({ method }) => method),
          methods,
        )
        assert.equal(tokens.requests.at(-1)?.user, 'ann')
      })
    })
  }

  test('entries for parts of a registry let different users in', async () => {
    await withTokens('scoped', {}, async ({ tokens, host, write, push }) => {
      const entry = (text: string) => ({ auth: Buffer.from(text).toString('base64') })
      await write('.config/containers/auth.json', {
        auths: { [host]: entry('bob:builder'), [`${host}/acme/team`]: entry('ann:right') },
      })
      const pushed = await push(`${host}/acme/team/api:1`)
      assert.equal(pushed.status, 0, pushed.stderr)
      assert.deepEqual([...new Set(tokens.requests.map(({ user }) => user))], ['ann'])
      assert.equal((await push(`${host}/acme/other:1`)).status, 1)
    })
  })

  test('a token that expires in the middle of an upload is replaced, and the upload goes on', async () => {
    // The registry takes tokens for 2 s and the token server says 300: only the registry's 401 tells.
    const options = { lifeSeconds: 2, announcedSeconds: 300 }
    await withTokens('expiry', options, async ({ tokens, host }) => {
      const { openRegistry } = await import('../../src/registry/index.ts')
      const { mediaTypes, sha256 } = await import('../../src/oci/index.ts')
      const registry = openRegistry(host, {
        credentials: async () => ({ username: 'ann', password: 'right' }),
      })
      const bytes = Buffer.alloc(1 << 20, 'slow')
      let passes = 0
      const blob = {
        descriptor: { mediaType: mediaTypes.layer, digest: sha256(bytes), size: bytes.length },
        async *open() {
          // The session is open by now; the request with the bytes goes out with the first of them.
          if (++passes === 1) await sleep(3000)
          yield bytes
        },
      }
      assert.equal(await registry.pushBlob('acme/slow', blob), 'uploaded')
      assert.equal(passes, 2)
      assert.equal(tokens.requests.length, 2)
      await sleep(3000)
      await registry.pushManifest('acme/slow', '1', {
        mediaType: mediaTypes.index,
        bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] })),
      })
      assert.equal(await registry.hasBlob('acme/slow', blob.descriptor.digest), true)
      await registry.close()
      assert.equal(tokens.requests.length, 3)
      assert.ok(tokens.requests.every(({ status }) => status === 200))
    })
  })
})
