/** Lock files: what is pinned, what is asked of a registry, what is refused. */
import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { writeProject } from '../support/project.ts'
import { eventsOf, slipway, slipwayOk, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

suite('a lock file', { timeout: 120_000, skip: skipWithoutDockerRegistry() }, () => {
  let folder: TemporaryFolder
  let registry: DockerRegistry
  before(async () => {
    folder = await temporaryFolder()
    registry = await startDockerRegistry()
    await writeProject(folder.join('base'), { Dockerfile: 'FROM scratch\nCOPY f /etc/f\n', f: 'first' })
    await pushBase('base:1')
    await writeProject(folder.join('project'), {
      'slipway.yaml': `
platforms: [linux/amd64, linux/arm64]
variants: { debug: { default: true, args: { KIND: debug } }, slim: { args: { KIND: slim } } }
images:
  - { name: app, dockerfile: Dockerfile, context: . }
  - { name: tool, dockerfile: Dockerfile.tool, context: ., variants: [] }
  - { name: common, dockerfile: Dockerfile.common, context: ., base: true, variants: [] }
`,
      '.dockerignore': 'slipway*\n.slipway\n',
      Dockerfile: `ARG KIND\nFROM ${registry.host}/base:1 AS debug\nFROM common:latest AS slim\nFROM \${KIND}\nCOPY f /etc/g\n`,
      'Dockerfile.tool': `FROM ${registry.host}/base:1\nCOPY --from=${registry.host}/base:1 /etc/f /f\n`,
      'Dockerfile.common': `FROM --platform=linux/amd64 ${registry.host}/base:1\nCOPY f /c\n`,
      f: 'file',
    })
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })
  const pushBase = async (name: string): Promise<string> => {
    const args = [
      'build',
      '--platform',
      'linux/amd64,linux/arm64',
      '-t',
      `${registry.host}/${name}`,
      '--push',
    ]
    const result = await slipwayOk([...args, folder.join('base')], { home: folder.join('base-home') })
    return result.stdout.trim().split('\n').at(-1)!
  }
  const run = (args: string[], env: Record<string, string> = {}) =>
    slipway(args, { home: folder.join('home'), cwd: folder.join('project'), env })
  const bake = ['bake', '--root', '.']
  const lockFile = () => readFile(folder.join('project', 'slipway.lock.yaml'), 'utf8')
  const built = (result: SlipwayResult): string[] =>
    eventsOf(result, 'build-finished')
      .map(({ build, digest }) => `${JSON.stringify(build)} ${String(digest)}`)
      .toSorted()
  const requests = (result: SlipwayResult): Record<string, number> =>
    (eventsOf(result, 'finished')[0]!['tally'] as { requests: Record<string, number> }).requests
  let first: string[]

  test('has one line for each base and platform, and is the same when written again', async () => {
    const result = await run([...bake, '--lock'])
    assert.equal(result.status, 0, result.stderr)
    const text = await lockFile()
    assert.match(
      text,
      new RegExp(
        `^version: 1\\nbases:\\n  ${registry.host}/base:1:\\n    digest: sha256:[0-9a-f]{64}\\n    platforms:\\n` +
          `      linux/amd64: sha256:[0-9a-f]{64}\\n      linux/arm64: sha256:[0-9a-f]{64}\\n$`,
        'm',
      ),
    )
    assert.match(result.stdout, /slipway\.lock\.yaml: 1 base, 1 added/)
    const again = await run([...bake, '--lock'])
    assert.equal(again.stdout, 'slipway.lock.yaml: 1 base, nothing changed\n')
    assert.equal(await lockFile(), text)
  })

  test('lets a second run ask the registry nothing', async () => {
    const one = await run([...bake, '--progress=json'])
    assert.equal(one.status, 0, one.stderr)
    assert.equal(requests(one)['HEAD manifest'], undefined)
    const two = await run([...bake, '--progress=json'])
    assert.deepEqual(requests(two), {})
    first = built(two)
    assert.deepEqual(built(one), first)
  })

  test('keeps the base when its tag moves, until --update-bases', async () => {
    await writeFile(folder.join('base', 'f'), 'second')
    const moved = await pushBase('base:1')
    assert.deepEqual(built(await run([...bake, '--progress=json'])), first)
    const update = await run([...bake, '--update-bases'])
    assert.match(update.stdout, /^BASE +PLATFORM +WAS +NOW\n/)
    assert.match(
      update.stdout,
      new RegExp(`${registry.host}/base:1 +linux/arm64 +[0-9a-f]{12} +[0-9a-f]{12}\n`),
    )
    assert.match(update.stdout, /slipway\.lock\.yaml: 1 base, 1 moved\n$/)
    assert.match(await lockFile(), new RegExp(`digest: ${moved}`))
    assert.notDeepEqual(built(await run([...bake, '--progress=json'])), first)
  })

  test('names a base it does not have: a warning, in CI and with --locked an error before any work', async () => {
    await pushBase('other:1')
    const before = await lockFile()
    await writeProject(folder.join('project'), {
      'Dockerfile.tool': `FROM ${registry.host}/other:1\nCOPY f /f\n`,
    })
    const warned = await run([...bake, '--progress=json'])
    assert.equal(warned.status, 0, warned.stderr)
    assert.deepEqual(
      eventsOf(warned, 'warning').flatMap(({ message, hint }) => (hint === undefined ? [] : [message])),
      [`base image ${registry.host}/other:1 is not in slipway.lock.yaml`],
    )
    for (const result of [await run(bake, { CI: 'true' }), await run([...bake, '--locked'])]) {
      assert.equal(result.status, 2)
      assert.match(result.stderr, /other:1 is not in slipway\.lock\.yaml\n  Dockerfile\.tool:1:6\n/)
      assert.match(result.stderr, /hint: add it: slipway bake --lock/)
    }
    assert.equal(await lockFile(), before)
    const locked = await run([...bake, '--lock'])
    assert.match(locked.stdout, /2 bases, 1 added/)
    assert.equal((await run(bake, { CI: 'true' })).status, 0)
  })

  test('loses what no Dockerfile names any more', async () => {
    await writeProject(folder.join('project'), { 'Dockerfile.tool': 'FROM scratch\nCOPY f /f\n' })
    const result = await run([...bake, '--lock'])
    assert.match(result.stdout, /1 base, 1 removed/)
    assert.doesNotMatch(await lockFile(), /other/)
  })

  test('asks nothing for a changed image either, once its bases are cached', async () => {
    const before = await lockFile()
    await writeProject(folder.join('project'), { 'Dockerfile.tool': 'FROM scratch\nCOPY f /changed\n' })
    const result = await run([...bake, '--progress=json'])
    assert.deepEqual(requests(result), {})
    assert.equal(await lockFile(), before)
  })

  test('with a digest that the registry lost says how to go on', async () => {
    const text = await lockFile()
    const gone = text.replaceAll(/sha256:[0-9a-f]{64}/g, `sha256:${'0'.repeat(64)}`)
    await writeFile(folder.join('project', 'slipway.lock.yaml'), gone)
    const result = await run(bake)
    assert.equal(result.status, 1)
    assert.match(result.stderr, /its registry lacks manifest sha256:0000/)
    assert.match(result.stderr, /slipway\.lock\.yaml:5:3/)
    assert.match(result.stderr, /hint: look the name up again: slipway bake --update-bases/)
    await writeFile(folder.join('project', 'slipway.lock.yaml'), text.replace('digest:', 'digst:'))
    const wrong = await run(bake)
    assert.equal(wrong.status, 2)
    assert.match(wrong.stderr, /slipway\.lock\.yaml:6:5/)
    await rm(folder.join('project', 'slipway.lock.yaml'))
    const none = await run([...bake, '--locked'])
    assert.match(none.stderr, /there is no slipway\.lock\.yaml/)
    assert.equal(none.status, 2)
  })

  test('of a bake file holds the bases of all targets, linked ones too', async () => {
    const base = `${registry.host}/base:1`
    await writeProject(folder.join('bakery'), {
      'docker-bake.hcl': `
group "default" { targets = ["app"] }
target "_common" { dockerfile = "none" }
target "app" {
  dockerfile = "Dockerfile.app"
  contexts = { own = "target:linked", pinned = "docker-image://${base}" }
}
target "linked" { dockerfile = "Dockerfile.linked" }
target "other" { dockerfile = "Dockerfile.other" }
`,
      'Dockerfile.app': 'FROM own\nCOPY --from=pinned /etc/f /f\n',
      'Dockerfile.linked': `FROM ${base}\nCOPY f /g\n`,
      'Dockerfile.other': `FROM ${registry.host}/other:1\nCOPY f /g\n`,
      f: 'file',
    })
    const options = { home: folder.join('home'), cwd: folder.join('bakery') }
    const result = await slipway(['bake', '--lock'], options)
    assert.equal(result.status, 0, result.stderr)
    assert.match(result.stdout, /docker-bake\.lock\.yaml: 2 bases, 2 added/)
    assert.equal(result.stderr, 'note: _common is left out: it has no Dockerfile\n')
    const built = await slipwayOk(['bake', '--locked'], options)
    assert.deepEqual(
      eventsOf(built, 'warning').filter(({ hint }) => hint !== undefined),
      [],
    )
    await pushBase('other:1')
    const update = await slipway(['bake', '--update-bases', 'app'], options)
    assert.match(update.stdout, /2 bases, nothing changed/)
  })

  test('of an Istio plan is beside it', async () => {
    await writeProject(folder.join('istio'), {
      'tools/docker.yaml': 'images:\n  - { name: pilot, dockerfile: pilot/Dockerfile.pilot, files: [f] }\n',
      'pilot/Dockerfile.pilot': `ARG BASE_DISTRIBUTION=debug\nARG ISTIO_BASE_REGISTRY=none\nFROM \${ISTIO_BASE_REGISTRY}/base:1 AS debug\nFROM \${ISTIO_BASE_REGISTRY}/other:1 AS distroless\nFROM \${BASE_DISTRIBUTION}\nCOPY f /f\n`,
      f: 'file',
    })
    const options = {
      home: folder.join('home'),
      cwd: folder.join('istio'),
      env: { ISTIO_BASE_REGISTRY: registry.host, SKIP_MAKE: 'true' },
    }
    const result = await slipway(['bake', '--root', '.', '--lock'], options)
    assert.equal(result.status, 0, result.stderr)
    assert.match(result.stdout, /tools\/docker\.lock\.yaml: 2 bases, 2 added/)
    await slipwayOk(['bake', '--root', '.', '--locked'], options)
  })
})
