/** Pulls by way of registries.conf: mirrors in their order, other locations, what is blocked. Pushes know none of it. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { eventsOf, slipway, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

suite('registries.conf', { skip: skipWithoutDockerRegistry(), timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  let origin: DockerRegistry
  let mirror: DockerRegistry
  let homes = 0
  before(async () => {
    folder = await temporaryFolder()
    origin = await startDockerRegistry()
    mirror = await startDockerRegistry({ mirrorOf: origin.host })
    const { build } = await newHome('')
    await build('FROM scratch\nCOPY Dockerfile /base\n', ['-t', `${origin.host}/acme/base:1`, '--push'])
    await build('FROM scratch\nCOPY Dockerfile /hub\n', ['-t', `${origin.host}/hub/alpine:3`, '--push'])
  })
  after(async () => {
    await origin.stop()
    await mirror.stop()
    await folder.remove()
  })

  /** A new home with this registries.conf, caches of its own, and builds in it. */
  async function newHome(conf: string) {
    const home = folder.join(`home-${++homes}`)
    await mkdir(`${home}/.config/containers`, { recursive: true })
    await mkdir(`${home}/project`)
    await writeFile(`${home}/.config/containers/registries.conf`, conf)
    const run = async (dockerfile: string, flags: readonly string[]) => {
      await writeFile(`${home}/project/Dockerfile`, dockerfile)
      return ['build', ...flags, `${home}/project`]
    }
    return {
      build: async (dockerfile: string, flags: readonly string[] = ['-o', `${home}/layout`]) =>
        slipwayOk(await run(dockerfile, flags), { home }),
      fail: async (dockerfile: string) => slipway(await run(dockerfile, ['-o', `${home}/layout`]), { home }),
    }
  }

  const mirrored = (...locations: string[]) =>
    `[[registry]]\nlocation = "${origin.host}"\n${locations.map((location) => `[[registry.mirror]]\nlocation = "${location}"\n`).join('')}`

  test('mirrors are asked in their order; one that is gone is named once, and pushes go past them', async () => {
    const { build } = await newHome(mirrored('127.0.0.1:1/dead', mirror.host))
    const child = `${origin.host}/acme/child:1`
    const result = await build(`FROM ${origin.host}/acme/base:1\nCOPY Dockerfile /child\n`, [
      '-t',
      child,
      '--push',
    ])
    assert.deepEqual(
      eventsOf(result, 'mirror-failed').map(({ mirror: name, reason }) => [
        name,
        String(reason).slice(0, 22),
      ]),
      [['127.0.0.1:1/dead/acme/base', 'cannot look for manife']],
    )
    const repositories = (server: DockerRegistry) => `${server.root}/docker/registry/v2/repositories/acme`
    assert.equal(existsSync(`${repositories(mirror)}/base`), true)
    assert.equal(existsSync(`${repositories(mirror)}/child`), false)
    assert.equal(existsSync(`${repositories(origin)}/child`), true)
  })

  test('when no mirror has it the registry itself does, and nothing is said of the mirror', async () => {
    const empty = await startDockerRegistry()
    try {
      const { build } = await newHome(mirrored(empty.host))
      const result = await build(`FROM ${origin.host}/acme/base:1\nCOPY Dockerfile /child\n`)
      assert.deepEqual(eventsOf(result, 'mirror-failed'), [])
    } finally {
      await empty.stop()
    }
  })

  test('another location stands in for Docker Hub', async () => {
    const { build } = await newHome(
      `[[registry]]\nprefix = "docker.io/library"\nlocation = "${origin.host}/hub"\n`,
    )
    const result = await build('FROM alpine:3\nCOPY Dockerfile /child\n')
    assert.equal(result.status, 0)
  })

  test('what is blocked is said to be, with the file', async () => {
    const { fail } = await newHome(`[[registry]]\nlocation = "${origin.host}/acme"\nblocked = true\n`)
    const { status, stderr } = await fail(`FROM ${origin.host}/acme/base:1\nCOPY Dockerfile /child\n`)
    assert.equal(status, 1)
    assert.match(stderr, new RegExp(`pulling ${origin.host}/acme/base is blocked by /.*/registries\\.conf`))
  })

  test('a file that is not well formed is shown with the place', async () => {
    const { fail } = await newHome('[[registry]]\nlocation = "a\n')
    const { status, stderr } = await fail(`FROM ${origin.host}/acme/base:1\nCOPY Dockerfile /child\n`)
    assert.equal(status, 2)
    assert.match(
      stderr,
      /registries\.conf is not well formed: .*\n {2}\S+registries\.conf:2:\d+\n +2 \| location = "a/,
    )
  })
})
