import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, test } from 'node:test'
import { findNodes } from './find-nodes.ts'

const folder = mkdtempSync(join(tmpdir(), 'slip-nodes-'))
const env = { PATH: folder }
after(() => rmSync(folder, { recursive: true }))

function program(name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, name), 0o755)
}

const rows = `echo 'dev	dev-worker	worker'
echo 'dev	dev-control-plane	control-plane'
echo 'dev	dev-external-load-balancer	external-load-balancer'
echo 'kind	kind-control-plane	control-plane'`

describe('the nodes of a kind cluster', () => {
  afterEach(() => {
    for (const name of ['docker', 'podman']) rmSync(join(folder, name), { force: true })
  })
  test('are the containers with a kubelet, by name', async () => {
    program('docker', rows)
    assert.deepEqual(await findNodes('dev', { env }), [
      { name: 'dev-control-plane', runtime: 'docker' },
      { name: 'dev-worker', runtime: 'docker' },
    ])
  })
  test('are looked for with the program kind is told to use', async () => {
    program('docker', 'exit 1')
    program('podman', rows)
    const nodes = await findNodes('kind', { env: { ...env, KIND_EXPERIMENTAL_PROVIDER: 'podman' } })
    assert.deepEqual(nodes, [{ name: 'kind-control-plane', runtime: 'podman' }])
  })
  test('are looked for with the first program there is', async () => {
    program('podman', rows)
    assert.equal((await findNodes('kind', { env }))[0]?.runtime, 'podman')
  })
  test('no program at all', async () =>
    assert.rejects(findNodes('kind', { env }), {
      code: 'STORE_UNREACHABLE',
      message: 'cannot look for the nodes of kind: no docker or nerdctl or podman here',
    }))
  test('a cluster that is not there is answered with those that are', async () => {
    program('docker', rows)
    await assert.rejects(findNodes('prod', { env }), {
      code: 'CLUSTER_NOT_FOUND',
      hint: 'there are: dev, kind; name one as --load=kind:dev',
    })
    await assert.rejects(findNodes('dve', { env }), { hint: 'did you mean dev?' })
    program('docker', 'true')
    await assert.rejects(findNodes('kind', { env }), { hint: /"kind create cluster" makes one/ })
  })
  test('a daemon that does not run', async () => {
    program('docker', 'echo "Cannot connect to the Docker daemon at unix:///x. Is it running?" >&2; exit 1')
    await assert.rejects(findNodes('kind', { env }), {
      code: 'STORE_UNREACHABLE',
      message: /cannot ask docker for the nodes of kind: it is not there or does not run/,
      output: /Cannot connect/,
    })
  })
})
