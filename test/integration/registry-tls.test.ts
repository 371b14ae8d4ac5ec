/** Certificates, hosts without TLS and proxies, end to end: pushes to real registries set up in each way. */
import assert from 'node:assert/strict'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { newAuthority, skipWithoutOpenssl, type Authority } from '../support/certificates.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
  type DockerRegistryOptions,
} from '../support/docker-registry.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { skipWithoutTinyproxy, startTinyproxy } from '../support/tinyproxy.ts'

const skip =
  skipWithoutDockerRegistry() || skipWithoutOpenssl() || requirePart('skopeo', hasProgram('skopeo'))

let folder: TemporaryFolder
let authority: Authority
let homes = 0

before(async () => {
  folder = await temporaryFolder()
  if (skip === false) authority = await newAuthority(folder.path)
})
after(() => folder.remove())

/** A new home with these files of certificates for a host, and a push from it. */
async function newHome(host: string, certificates: Readonly<Record<string, string>> = {}) {
  const home = folder.join(`home-${++homes}`)
  const certs = `${home}/.config/containers/certs.d/${host}`
  await mkdir(`${home}/project`, { recursive: true })
  if (Object.keys(certificates).length > 0) await mkdir(certs, { recursive: true })
  for (const [name, path] of Object.entries(certificates)) await copyFile(path, `${certs}/${name}`)
  await writeFile(`${home}/project/Dockerfile`, 'FROM scratch\nCOPY Dockerfile /\n')
  const push = async (env: Readonly<Record<string, string>> = {}, flags: readonly string[] = []) =>
    slipway(
      ['build', '-t', `${host}/acme/api:1`, '--push', '--progress=plain', ...flags, `${home}/project`],
      { home, env },
    )
  return { home, certs, push }
}

async function withRegistry(options: DockerRegistryOptions, work: (server: DockerRegistry) => Promise<void>) {
  const server = await startDockerRegistry(options)
  try {
    await work(server)
  } finally {
    await server.stop()
  }
}

suite('a registry with certificates', { skip, timeout: 120_000 }, () => {
  test('our own authority and our own certificate, from the folder that skopeo reads', async () => {
    const tls = await authority.sign('server')
    const own = await authority.sign('client')
    const clientAuthorities = [authority.certificate]
    await withRegistry({ tls: { ...tls, clientAuthorities } }, async ({ host }) => {
      const all = {
        'ca.crt': authority.certificate,
        'client.cert': own.certificate,
        'client.key': own.key,
      }
      const { push, certs } = await newHome(host, all)
      const pushed = await push()
      assert.equal(pushed.status, 0, pushed.stderr)
      const image = `docker://${host}/acme/api:1`
      const { stdout } = await runProgram('skopeo', ['inspect', '--cert-dir', certs, image])
      assert.match(stdout, /"Digest": "sha256:/)

      const nobody = await (await newHome(host)).push()
      assert.equal(nobody.status, 1)
      assert.match(
        nobody.stderr,
        new RegExp(
          `the certificate of ${host} is signed by nobody this machine knows \\(\\w+\\)\n {2}hint: put .* into ~/.config/containers/certs.d/${host}/ca.crt, or for every user into /etc/docker/certs.d/${host}/ca.crt`,
        ),
      )
      const without = await (await newHome(host, { 'ca.crt': authority.certificate })).push()
      assert.equal(without.status, 1)
      assert.match(
        without.stderr,
        new RegExp(
          `${host} does not let us in without a certificate it knows \\(\\S+\\)\n {2}hint: put yours into ~/.config/containers/certs.d/${host}/client.cert and its key into client.key`,
        ),
      )
      const halved = await (await newHome(host, { 'client.cert': own.certificate })).push()
      assert.equal(halved.status, 2, halved.stderr)
      assert.match(halved.stderr, /client\.cert is there, but client\.key beside it is not/)
    })
  })

  test('an authority from SSL_CERT_FILE or NODE_EXTRA_CA_CERTS, or no verification at all', async () => {
    await withRegistry({ tls: await authority.sign('extra') }, async ({ host }) => {
      const ca = authority.certificate
      for (const [env, flags] of [
        [{ SSL_CERT_FILE: ca }, []],
        [{ NODE_EXTRA_CA_CERTS: ca }, []],
        [{}, ['--insecure-registry', host]],
        [{ SLIPWAY_INSECURE_REGISTRIES: `other.example,${host}` }, []],
      ] as const) {
        const { push } = await newHome(host)
        const pushed = await push(env, flags)
        assert.equal(pushed.status, 0, `${JSON.stringify([env, flags])} ${pushed.stderr}`)
      }
    })
  })

  test('certificates that have expired or are for other names are said to be so', async () => {
    const expired = await authority.sign('expired', { isExpired: true })
    await withRegistry({ tls: expired }, async ({ host }) => {
      const { stderr } = await (await newHome(host, { 'ca.crt': authority.certificate })).push()
      assert.match(stderr, new RegExp(`the certificate of ${host} has expired \\(CERT_HAS_EXPIRED\\)`))
    })
    const other = await authority.sign('other', { names: ['DNS:other.example'] })
    await withRegistry({ tls: other }, async ({ host }) => {
      const { stderr } = await (await newHome(host, { 'ca.crt': authority.certificate })).push()
      assert.match(stderr, new RegExp(`the certificate of ${host} is for DNS:other.example \\(`))
    })
  })
})

suite('a registry without TLS that is not known to be this machine', { skip, timeout: 120_000 }, () => {
  let server: DockerRegistry
  let host: string
  before(async () => {
    server = await startDockerRegistry()
    // The kernel takes it for this machine; by its name it could be any.
    host = server.host.replace('127.0.0.1', '0.0.0.0')
  })
  after(() => server.stop())

  test('is refused, and the message says how to allow it', async () => {
    const { status, stderr } = await (await newHome(host)).push()
    assert.equal(status, 1)
    assert.match(
      stderr,
      new RegExp(`${host} does not speak TLS \\(\\w+\\)\n {2}hint: .*--insecure-registry ${host}`),
    )
  })

  test('is spoken to when a flag, a variable or registries.conf says so', async () => {
    const flagged = await (await newHome(host)).push({}, ['--insecure-registry', host])
    assert.equal(flagged.status, 0, flagged.stderr)
    const named = await (await newHome(host)).push({ SLIPWAY_INSECURE_REGISTRIES: host })
    assert.equal(named.status, 0, named.stderr)
    const { home, push } = await newHome(host)
    await mkdir(`${home}/.config/containers/registries.conf.d`, { recursive: true })
    await writeFile(
      `${home}/.config/containers/registries.conf.d/insecure.conf`,
      `[[registry]]\nlocation = "${host}"\ninsecure = true\n`,
    )
    const configured = await push()
    assert.equal(configured.status, 0, configured.stderr)
  })

  test('--check learns what its images set when the flag allows it', async () => {
    const { home, push } = await newHome(host)
    await writeFile(`${home}/project/Dockerfile`, 'FROM scratch\nENV GREETING=hello\nCOPY Dockerfile /\n')
    assert.equal((await push({}, ['--insecure-registry', host])).status, 0)
    await mkdir(`${home}/child`)
    await writeFile(`${home}/child/Dockerfile`, `FROM ${host}/acme/api:1\nENV SAID=$GREETING\n`)
    await writeFile(
      `${home}/child/slipway.yaml`,
      'images: [{name: child, dockerfile: Dockerfile, context: .}]\n',
    )
    for (const command of [['build', '.'], ['bake']]) {
      const check = (...flags: string[]) =>
        slipway([...command, '--check', ...flags], { home, cwd: `${home}/child` })
      assert.match((await check()).stderr, /note: what .* sets is not known: .* does not speak TLS/)
      const allowed = await check('--insecure-registry', host)
      assert.deepEqual([allowed.status, allowed.stderr], [0, ''])
    }
  })
})

suite('a proxy', { skip: skip || skipWithoutTinyproxy(), timeout: 120_000 }, () => {
  test('carries what is not excepted, TLS as a tunnel', async () => {
    const tls = await authority.sign('proxied', { names: ['IP:0.0.0.0'] })
    await withRegistry({ tls }, async (server) => {
      const proxy = await startTinyproxy(folder.path)
      try {
        const host = server.host.replace('127.0.0.1', '0.0.0.0')
        const { push } = await newHome(host, { 'ca.crt': authority.certificate })
        const past = await push({ HTTPS_PROXY: proxy.url, NO_PROXY: '0.0.0.0' })
        assert.equal(past.status, 0, past.stderr)
        assert.doesNotMatch(proxy.log(), /CONNECT 0/)
        const through = await push({ HTTPS_PROXY: proxy.url })
        assert.equal(through.status, 0, through.stderr)
        assert.match(proxy.log(), new RegExp(`CONNECT ${host}`))
      } finally {
        await proxy.stop()
      }
    })
  })
})
