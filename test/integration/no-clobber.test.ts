/** `--no-clobber` and protected hubs against real registries: what is asked, what is sent, what is refused. */
import assert from 'node:assert/strict'
import { access, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { freePort } from '../support/free-port.ts'
import { writeProject } from '../support/project.ts'
import { eventsOf, slipway, slipwayOk, startSlipway, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const plan = `
hubs: ['\${HUB}']
protectedHubs: ['\${RELEASE_HUB:-ghcr.io/acme}']
platforms: [linux/amd64]
artifacts:
  made: { command: 'date +%N > made' }
images:
  - { name: one, dockerfile: Dockerfile, files: [file] }
  - { name: two, dockerfile: Dockerfile, files: [file] }
  - { name: three, dockerfile: Dockerfile, files: [file, other] }
`

suite('--no-clobber', { timeout: 120_000, skip: skipWithoutDockerRegistry() }, () => {
  let folder: TemporaryFolder
  let registry: DockerRegistry
  let other: DockerRegistry
  before(async () => {
    folder = await temporaryFolder()
    ;[registry, other] = await Promise.all([startDockerRegistry(), startDockerRegistry()])
    await writeProject(folder.path, {
      'slipway.yaml': plan,
      Dockerfile: 'FROM scratch\nCOPY * /\n',
      file: 'one',
      other: 'other',
    })
  })
  after(async () => {
    await Promise.all([registry?.stop(), other?.stop()])
    await folder?.remove()
  })
  const options = (env: Record<string, string> = {}) => ({
    home: folder.join('home'),
    cwd: folder.path,
    env: { HUB: `${registry.host}/acme`, ...env },
  })
  const bake = ['bake', '--root', '.', '--push']
  const digestOf = async (name: string, tag: string): Promise<string | null> => {
    const response = await fetch(`http://${registry.host}/v2/acme/${name}/manifests/${tag}`, {
      method: 'HEAD',
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    })
    return response.status === 404 ? null : response.headers.get('docker-content-digest')
  }

  test('asks nothing more than a run without it when no tag is taken', async () => {
    const plain = await slipwayOk([...bake, '--tag', 'plain'], options())
    const guarded = await slipwayOk([...bake, '--tag', 'guarded', '--no-clobber'], options())
    assert.equal(requestsOf(plain)['HEAD manifest'], 3)
    assert.equal(requestsOf(guarded)['HEAD manifest'], 3)
    assert.deepEqual(eventsOf(guarded, 'warning'), [])
  })

  test('takes an equal digest for success', async () => {
    const again = await slipwayOk([...bake, '--tag', 'guarded', '--no-clobber'], options())
    assert.deepEqual(requestsOf(again), { 'HEAD manifest': 3 })
  })

  test('lists every taken tag before anything is sent anywhere', async () => {
    await slipwayOk([...bake, '--tag', '1.0', 'one', 'two'], options())
    const before = await Promise.all([digestOf('one', '1.0'), digestOf('two', '1.0')])
    await writeFile(folder.join('file'), 'changed')
    const both = [...bake, '--hub', `${registry.host}/acme,${other.host}/acme`, '--tag', '1.0']
    const result = await slipway(
      [...both, '--save', folder.join('saved'), '--no-clobber', '--progress=json'],
      options(),
    )
    assert.equal(result.status, 1)
    assert.match(result.stderr, /2 of 6 names lead to another image already; nothing was sent/)
    for (const [index, name] of ['one', 'two'].entries()) {
      assert.match(
        result.stderr,
        new RegExp(
          `${registry.host}/acme/${name}:1.0\\n.*there ${before[index]}\\n.*here  sha256:[0-9a-f]{64}`,
        ),
      )
    }
    assert.doesNotMatch(result.stderr, /acme\/three/)
    assert.deepEqual(eventsOf(result, 'blob'), [])
    await assert.rejects(access(folder.join('saved')))
    const catalog = await fetch(`http://${other.host}/v2/_catalog`)
    assert.deepEqual(await catalog.json(), { repositories: [] })
    assert.deepEqual(await Promise.all([digestOf('one', '1.0'), digestOf('two', '1.0')]), before)
  })

  test('lets latest move, and says so when nothing else is there', async () => {
    await slipwayOk([...bake, '--tag', 'latest'], options())
    await writeFile(folder.join('file'), 'later')
    const before = await digestOf('one', 'latest')
    const moved = await slipwayOk([...bake, '--tag', 'latest', '--no-clobber'], options())
    assert.notEqual(await digestOf('one', 'latest'), before)
    assert.match(String(eventsOf(moved, 'warning')[0]?.['message']), /checks nothing: every tag is "latest"/)
  })

  test('in strict mode sees a tag that appeared during the run', async () => {
    await writeFile(folder.join('file'), 'strict')
    await slipwayOk([...bake, '--tag', 'seed', 'two'], options())
    const seed = await fetch(`http://${registry.host}/v2/acme/two/manifests/seed`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
    })
    const manifest = await seed.text()
    await writeFile(folder.join('file'), 'strict, later')
    const taken: Promise<unknown>[] = []
    const args = [...bake, '--tag', '2.0', 'two', '--no-clobber=strict', '--progress=json']
    const result = await startSlipway(args, {
      ...options(),
      onEvent: ({ kind }) => {
        // The names were looked up when the first blob is there; those who tag now come in between.
        if (kind !== 'build-finished' || taken.length > 0) return
        taken.push(
          fetch(`http://${registry.host}/v2/acme/two/manifests/2.0`, {
            method: 'PUT',
            headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
            body: manifest,
          }),
        )
      },
    }).ended
    await Promise.all(taken)
    assert.equal(taken.length, 1)
    assert.equal(result.status, 1, result.stderr)
    assert.match(result.stderr, /1 of 1 names leads to another image already/)
    assert.equal(await digestOf('two', '2.0'), seed.headers.get('docker-content-digest'))
  })

  test('can be said in the plan, and taken back on the command line', async () => {
    await writeFile(folder.join('file'), 'plan')
    await writeProject(folder.path, { 'guarded.slipway.yaml': `noClobber: true\n${plan}` })
    const args = [...bake, '-f', 'guarded.slipway.yaml', '--tag', '1.0', 'one']
    assert.equal((await slipway(args, options())).status, 1)
    await slipwayOk([...args, '--no-clobber=off'], options())
  })

  test('works for build, with a positional after the flag', async () => {
    const name = `${registry.host}/acme/one:1.0`
    const result = await slipway(['build', '--push', '-t', name, '--no-clobber', '.'], options())
    assert.equal(result.status, 1)
    assert.match(result.stderr, /1 of 1 names leads to another image already/)
  })

  test('compares what the registry would hold: the same image, compressed otherwise, is another', async () => {
    const args = [...bake, '--tag', 'packed', 'one', '--no-clobber']
    await slipwayOk([...args, '--compression=gzip'], options())
    const again = await slipwayOk([...args, '--compression=gzip'], options())
    assert.deepEqual(requestsOf(again), { 'HEAD manifest': 1 })
    const other = await slipway([...args, '--compression=none', '--progress=json'], options())
    assert.equal(other.status, 1)
    assert.match(other.stderr, /1 of 1 names leads to another image already/)
    assert.deepEqual(eventsOf(other, 'blob'), [])
  })

  test('fails at once when a registry does not answer', async () => {
    const dead = `127.0.0.1:${await freePort()}`
    await writeProject(folder.path, {
      'slow.slipway.yaml': plan
        .replace('date +%N > made', 'sleep 60')
        .replaceAll('files: [file', 'artifacts: [made], files: [file'),
    })
    const args = [...bake, '-f', 'slow.slipway.yaml', '--tag', '1.0', '--no-clobber', '--progress=json']
    const result = await slipway(args, options({ HUB: `${dead}/acme` }))
    assert.equal(result.status, 1)
    assert.match(result.stderr, new RegExp(`${dead}`))
    assert.equal(eventsOf(result, 'command-started').length, 1)
    assert.deepEqual(eventsOf(result, 'command-finished'), [], 'it waited for the command')
  })

  test('protected hubs are refused before any work, and open in CI', async () => {
    const env = { HUB: `${other.host}/release`, RELEASE_HUB: `${other.host}/release` }
    const result = await slipway([...bake, '--tag', '1.0'], options(env))
    assert.equal(result.status, 2)
    assert.match(
      result.stderr,
      /one:1\.0 and 2 more would be pushed to .*\/release, which only CI may push to/,
    )
    assert.match(result.stderr, /slipway\.yaml:3:17/)
    await slipwayOk(['bake', '--root', '.', '--tag', '1.0'], options(env))
    await slipwayOk([...bake, '--tag', '1.0'], options({ ...env, CI: 'true' }))
  })
})

function requestsOf(result: SlipwayResult): Readonly<Record<string, number>> {
  const tally = eventsOf(result, 'finished')[0]?.['tally'] as { requests: Record<string, number> }
  return tally.requests
}
