import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { dockerEndpoint } from './docker-endpoint.ts'

const home = mkdtempSync(join(tmpdir(), 'slipway-docker-'))
after(() => rmSync(home, { recursive: true }))
for (const [name, host] of [
  ['rootless', 'unix:///run/user/1000/docker.sock'],
  ['far', 'ssh://far'],
] as const) {
  const folder = join(home, '.docker/contexts/meta', createHash('sha256').update(name).digest('hex'))
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  )
}
const socket = (path: string) => ({ kind: 'socket', path })
const dial = (...flags: string[]) => ({
  kind: 'command',
  program: 'docker',
  args: [...flags, 'system', 'dial-stdio'],
})

for (const [what, env, context, expected] of [
  ['the default socket', {}, undefined, socket('/var/run/docker.sock')],
  ['DOCKER_HOST', { DOCKER_HOST: 'unix:///x.sock' }, undefined, socket('/x.sock')],
  ['DOCKER_HOST over SSH', { DOCKER_HOST: 'ssh://me@far' }, undefined, dial('--host', 'ssh://me@far')],
  [
    'DOCKER_HOST before DOCKER_CONTEXT',
    { DOCKER_HOST: 'unix:///x', DOCKER_CONTEXT: 'far' },
    undefined,
    socket('/x'),
  ],
  ['DOCKER_CONTEXT', { DOCKER_CONTEXT: 'far' }, undefined, dial('--context', 'far')],
  [
    'the context asked for before DOCKER_HOST',
    { DOCKER_HOST: 'unix:///x' },
    'rootless',
    socket('/run/user/1000/docker.sock'),
  ],
  ['the context named default', { DOCKER_CONTEXT: 'default' }, undefined, socket('/var/run/docker.sock')],
] as const) {
  test(`${what} says where the daemon is`, async () =>
    assert.deepEqual(await dockerEndpoint({ env: { HOME: home, ...env }, context }), expected))
}

test('the current context of config.json says where the daemon is', async () => {
  const folder = join(home, '.docker')
  writeFileSync(join(folder, 'config.json'), '{"currentContext": "rootless"}')
  const found = await dockerEndpoint({ env: { DOCKER_CONFIG: folder } })
  assert.deepEqual(found, socket('/run/user/1000/docker.sock'))
  writeFileSync(join(folder, 'config.json'), '{')
  await assert.rejects(dockerEndpoint({ env: { DOCKER_CONFIG: folder } }), {
    code: 'USAGE',
    message: /is not JSON/,
  })
})

test('a context that is not there is named', async () =>
  assert.rejects(dockerEndpoint({ env: { HOME: home }, context: 'fra' }), {
    code: 'USAGE',
    message: 'there is no Docker context "fra"',
  }))
