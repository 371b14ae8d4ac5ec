/** Every kind of bad input: one clear error, the right exit status, nothing half-written. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { badInputs, soundProject, type BadInput } from '../support/bad-input.ts'
import { startFaultRegistry, type Fault, type FaultRegistry } from '../support/fault-registry.ts'
import { freePort } from '../support/free-port.ts'
import { checkGolden, goldenNames } from '../support/golden.ts'
import { writeProject } from '../support/project.ts'
import { slipway, slipwayOk, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const twoPlatforms = ['--variant', 'default', '--platform', 'linux/amd64,linux/arm64']

suite('bad input', { timeout: 240_000, concurrency: 2 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
  })
  after(async () => {
    await folder?.remove()
  })

  for (const input of badInputs) {
    test(`${input.name} is one clear error`, async () => {
      const { args = ['bake'], status } = input
      const { result, cwd } = await runIn(folder, input, args)
      await checkError(input.name, { args, result, status, cwd })
      assert.ok(!existsSync(`${cwd}/.slipway`), 'something was written')
    })
  }

  test('of the golden files none is left over', async () => {
    const names = [
      ...badInputs.map(({ name }) => name),
      ...refusals.map(({ name }) => `registry-${name}`),
      'registry-down',
      'base-missing',
      'base-missing-tag',
      'base-platform',
    ]
    assert.deepEqual(await goldenNames('errors'), names.map((name) => `${name}.txt`).toSorted())
  })

  test('a registry that is down is named', async () => {
    const host = `127.0.0.1:${await freePort()}`
    const args = ['bake', 'agent', '--hub', `${host}/demo`, '--variant', 'debug', '--push']
    const { result, cwd } = await runIn(folder, { name: 'registry-down', status: 1 }, args)
    await checkError('registry-down', { args, result, status: 1, cwd, host })
  })

  const denied = {
    kind: 'answer',
    status: 403,
    body: errorList('DENIED', 'requested access is denied'),
  } as const
  const broken = { kind: 'answer', status: 400, body: errorList('UNSUPPORTED', 'not here') } as const
  const refusals: readonly (Fault & { readonly name: string })[] = [
    { name: 'head-manifest', on: 'HEAD manifest', act: denied },
    { name: 'head-blob', on: 'HEAD blob', act: broken },
    { name: 'post', on: 'POST upload', act: denied },
    { name: 'put', on: 'PUT upload', act: broken },
    { name: 'put-manifest', on: 'PUT manifest', act: denied },
    // One manifest by digest for each platform, then the tag.
    { name: 'put-tag', on: 'PUT manifest', after: 2, act: denied },
    { name: 'put-server-error', on: 'PUT upload', times: 99, act: { kind: 'answer', status: 500 } },
    { name: 'put-dropped', on: 'PUT upload', times: 99, act: { kind: 'drop' } },
  ]
  for (const { name, ...fault } of refusals) {
    test(`a registry that refuses at ${name} is named with its answer, and no tag moves`, async () => {
      const server = await startFaultRegistry({ faults: [{ times: 99, ...fault }] })
      try {
        const args = ['bake', 'agent', '--hub', `${server.host}/demo`, ...twoPlatforms, '--push']
        const { result, cwd } = await runIn(folder, { name: `registry-${name}`, status: 1 }, args)
        await checkError(`registry-${name}`, { args, result, status: 1, cwd, host: server.host })
        assert.deepEqual(tagsOf(server), [])
        assert.ok(result.stderr.includes(server.host))
      } finally {
        await server.stop()
      }
    })
  }

  test('a registry that refuses a mount gets the blob uploaded, and the run succeeds', async () => {
    const server = await startFaultRegistry({ faults: [{ on: 'mount', times: 99, act: denied }] })
    try {
      const args = ['bake', '--hub', `${server.host}/demo`, ...twoPlatforms, '--push']
      const { result } = await runIn(folder, { name: 'mount', status: 1 }, args)
      assert.equal(result.status, 0, result.stderr)
      assert.ok(server.purposes().includes('mount'))
      assert.deepEqual(tagsOf(server), ['demo/agent:dev', 'demo/proxy:dev'])
    } finally {
      await server.stop()
    }
  })

  test('of several tags one is refused: the error says which, and which have moved', async () => {
    const server = await startFaultRegistry({
      faults: [{ on: 'PUT manifest', after: 3, times: 99, act: denied }],
    })
    try {
      const tags = ['--tag', 'one', '--tag', 'two']
      const args = ['bake', 'agent', '--hub', `${server.host}/demo`, ...tags, ...twoPlatforms, '--push']
      const { result } = await runIn(folder, { name: 'registry-second-tag', status: 1 }, args)
      assert.equal(result.status, 1)
      const [refused] =
        /(?<=cannot push index \S*agent:)(?:one|two)(?=: .*\(403 DENIED)/.exec(result.stderr) ?? []
      const [moved] = /(?<=1 of 2 names have moved \(\S*agent:)(?:one|two)(?=\))/.exec(result.stderr) ?? []
      assert.equal(refused, moved === 'one' ? 'two' : 'one', result.stderr)
      assert.deepEqual(tagsOf(server), [`demo/agent:${moved}`])
    } finally {
      await server.stop()
    }
  })

  test('bases that are not there, or not for the platform, are named', async () => {
    const server = await startFaultRegistry()
    try {
      const hub = ['--hub', server.host, '--tag', 'one', '--variant', 'default']
      const cwd = await writeIn(folder, { name: 'base', status: 1 })
      await slipwayOk(['bake', 'agent', '--push', ...hub, '--platform', 'linux/amd64'], {
        cwd,
        home: folder.join('home'),
      })
      for (const [name, from] of [
        ['base-missing', 'agnet:one'],
        ['base-missing-tag', 'agent:two'],
        ['base-platform', 'agent:one'],
      ] as const) {
        const files = { 'docker/Dockerfile.agent': `FROM ${server.host}/${from}\nCOPY hello /\n` }
        const args = ['bake', 'agent', '--platform', 'linux/arm64', '--variant', 'debug']
        const run = await runIn(folder, { name, files, status: 1 }, args)
        await checkError(name, { args, status: 1, host: server.host, ...run })
        assert.ok(!existsSync(`${run.cwd}/.slipway`), 'something was written')
      }
    } finally {
      await server.stop()
    }
  })
})

interface Checked {
  readonly args: readonly string[]
  readonly result: SlipwayResult
  readonly status: number
  readonly cwd: string
  readonly host?: string
}

async function checkError(name: string, { args, result, status, cwd, host }: Checked): Promise<void> {
  const { stdout, stderr } = result
  const shown = `$ slipway ${args.join(' ')}\n${stderr}${stdout}exit ${result.status}\n`
  const text = shown
    .replaceAll(cwd, '<project>')
    .replaceAll(host ?? '<registry>', '<registry>')
    .replaceAll(/\b\d+(\.\d+)? s\b/g, '<time>')
  assert.equal(result.status, status, stderr)
  assert.equal(stdout, '')
  assert.match(stderr, /^(?:1 build of 1 image\n)?(?:error|warning): /)
  assert.doesNotMatch(stderr, /^ +at .*\.ts:\d+|^bug:/m)
  await checkGolden(`errors/${name}.txt`, text)
}

async function runIn(
  folder: TemporaryFolder,
  input: BadInput,
  args: readonly string[],
): Promise<{ result: SlipwayResult; cwd: string }> {
  const cwd = await writeIn(folder, input)
  // Without a builder on the PATH nothing can be handed to one.
  const env = { PATH: `${dirname(process.execPath)}:${folder.join('bin')}` }
  await writeProject(folder.join('bin'), { sh: { link: '/bin/sh' }, make: { link: '/usr/bin/make' } }).catch(
    () => undefined,
  )
  const quiet = args[0] === 'bake' && !args.some((arg) => arg.startsWith('--progress'))
  const all = quiet ? [...args, '--progress=quiet'] : args
  return { result: await slipway(all, { cwd, home: folder.join('home'), env }), cwd }
}

/** A project of its own, with what `input` has other than the sound one. */
async function writeIn(folder: TemporaryFolder, { name, files = {} }: BadInput): Promise<string> {
  const cwd = folder.join(name)
  const table = Object.entries({ ...soundProject, '.git/': '', ...files })
  const there = table.flatMap(([path, value]) => (value === null ? [] : [[path, value] as const]))
  await writeProject(cwd, Object.fromEntries(there))
  assert.ok((await readdir(cwd)).length > 1)
  return cwd
}

function tagsOf({ manifests }: FaultRegistry): string[] {
  return [...manifests.keys()].filter((name) => !name.includes('@')).toSorted()
}

function errorList(code: string, message: string): string {
  return JSON.stringify({ errors: [{ code, message }] })
}
