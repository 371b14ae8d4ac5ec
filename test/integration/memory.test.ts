/** What a run holds does not grow with its images and its bytes: peak memory, as the bundled program tells it itself. */
import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { build } from 'esbuild'
import { bundleOptions, workerOptions } from '../../scripts/bundle-options.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { writeProject } from '../support/project.ts'
import { eventsOf, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const megabyte = 1_000_000
/** The bar for 1.4 GB of layers (design 3.4). */
const most = 200 * megabyte

suite('the memory of a run', { skip: skipWithoutDockerRegistry(), timeout: 300_000, concurrency: 1 }, () => {
  let folder: TemporaryFolder
  let registry: DockerRegistry
  let program: string
  before(async () => {
    folder = await temporaryFolder()
    registry = await startDockerRegistry()
    const outdir = folder.join('dist')
    program = `${outdir}/cli.js`
    const absWorkingDir = resolve(import.meta.dirname, '../..')
    await build({ ...bundleOptions, absWorkingDir, outdir, sourcemap: false })
    await build({ ...workerOptions, absWorkingDir, outdir, sourcemap: false })
    await writeFile(folder.join('package.json'), '{"type":"module"}')
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })
  const peakOf = async (name: string, ...flags: string[]): Promise<number> => {
    const push = ['bake', '--push', '--hub', `${registry.host}/${name}`, ...flags]
    const result = await slipwayOk(push, { home: folder.join(name), cwd: folder.join(name), program })
    return eventsOf(result, 'finished')[0]!['peakMemory'] as number
  }

  test('does not grow with the images of a plan', async (context) => {
    const images = Array.from({ length: 600 }, (_, index) => {
      const args = `args: { NAME: image-${index}, LABEL: ${'x'.repeat(60)} }`
      return `  - { name: image-${index}, dockerfile: Dockerfile, ${args}, files: [shared] }\n`
    })
    await writeProject(folder.join('many'), {
      'slipway.yaml': `platforms: [linux/amd64]\nimages:\n${images.join('')}`,
      Dockerfile: 'FROM scratch\nARG NAME LABEL\nCOPY shared /shared\nENV NAME=$NAME\nLABEL label=$LABEL\n',
      shared: 'shared',
    })
    const peak = await peakOf('many')
    context.diagnostic(`${Math.round(peak / megabyte)} MB for 600 images`)
    assert.ok(peak < most, `${peak} bytes`)
  })

  for (const compression of ['none', 'zstd']) {
    test(`does not grow with the bytes of layers, compression ${compression}`, async (context) => {
      const name = `large-${compression}`
      await writeProject(folder.join(name), {
        'slipway.yaml': `platforms: [linux/amd64]\nimages:\n  - { name: large, dockerfile: Dockerfile, files: [a, b, c] }\n`,
        Dockerfile: 'FROM scratch\nCOPY a /a\nCOPY b /b\nCOPY c /c\n',
        ...{ a: 'a', b: 'b', c: 'c' },
      })
      for (const file of ['a', 'b', 'c']) await truncate(folder.join(`${name}/${file}`), 150 * megabyte)
      const peak = await peakOf(name, '--compression', compression)
      context.diagnostic(`${Math.round(peak / megabyte)} MB for 450 MB of layers`)
      assert.ok(peak < most, `${peak} bytes`)
    })
  }

  test('images that stand on each other wait outside of the builds that run', async () => {
    const images = Array.from({ length: 80 }, (_, index) => {
      const args = `args: { FROM: '${index === 0 ? 'scratch' : `\${HUB}/image-${index - 1}:latest`}' }`
      return `  - { name: image-${index}, dockerfile: Dockerfile, ${args}, files: [shared] }\n`
    })
    await writeProject(folder.join('chain'), {
      'slipway.yaml': `platforms: [linux/amd64]\nimages:\n${images.toReversed().join('')}`.replaceAll(
        '${HUB}',
        `${registry.host}/chain`,
      ),
      Dockerfile: 'ARG FROM\nFROM $FROM\nCOPY shared /shared\n',
      shared: 'shared',
    })
    assert.ok((await peakOf('chain')) > 0)
  })
})
