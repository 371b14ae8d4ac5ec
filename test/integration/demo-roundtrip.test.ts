/** Every image of the demo, pushed to a real registry and read back by programs that are not ours. */
import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import {
  demoBases,
  demoImages,
  expectedImage,
  expectedTree,
  type DemoBuild,
  type ExpectedImage,
} from '../support/demo-images.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { describeTree, readEntry, readTree } from '../support/file-tree.ts'
import { ociProblems } from '../support/oci-schemas.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy, skopeoManifest } from '../support/skopeo.ts'
import { eventsOf, slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

interface Document {
  readonly digest: string
  readonly mediaType: string
}

interface Index {
  readonly manifests: readonly (Document & { readonly platform: { readonly architecture: string } })[]
}

interface Manifest {
  readonly config: Document
  readonly layers: readonly Document[]
}

interface Config {
  readonly architecture: string
  readonly config: unknown
  readonly rootfs: { readonly diff_ids: readonly string[] }
  readonly history: readonly { readonly created_by: string; readonly empty_layer?: boolean }[]
}

const root = resolve(import.meta.dirname, '../../examples/demo')
const skip =
  skipWithoutDockerRegistry() ||
  requirePart('skopeo', hasProgram('skopeo')) ||
  requirePart('umoci', hasProgram('umoci')) ||
  (process.getuid?.() === 0 ? false : 'unpacking with real owners needs root')

suite('every image of the demo, through a registry', { skip, timeout: 480_000, concurrency: 2 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  let unreachable: string | undefined
  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
    const plan = ['bake', '-f', join(root, 'slipway.yaml'), '--root', root, ...demoBases, ...demoImages]
    const hub = ['--hub', `${registry.host}/demo`, '--push', '--progress=json']
    // The programs of the demo come through the user's own npm, with its settings and cache.
    const { HOME = homedir(), XDG_CACHE_HOME = join(HOME, '.cache') } = process.env
    const env = { HOME, XDG_CACHE_HOME }
    const result = await slipway([...plan, ...hub], { home: folder.path, env })
    if (/cannot fetch .* with npm pack/.test(result.stderr)) {
      unreachable = `the registry of npm cannot be reached:\n${result.stderr.slice(-1000)}`
      if (process.env['SLIPWAY_REQUIRE_ALL'] === '1') throw new Error(unreachable)
      return
    }
    assert.equal(result.status, 0, result.stderr.slice(-5000))
    const ids = eventsOf(result, 'command-finished').map((event) => String(event['id']))
    assert.deepEqual(ids.toSorted(), [
      'go linux/amd64',
      'go linux/arm64',
      'rust linux/amd64',
      'rust linux/arm64',
    ])
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  for (const image of [...demoBases, ...demoImages]) {
    test(`${image} holds what its Dockerfile says, in every variant on every platform`, async (t) => {
      if (unreachable !== undefined) return t.skip(unreachable)
      for (const [variant, tag] of tagsOf(image)) {
        const name = `${registry.host}/demo/${image}`
        const index = JSON.parse(await skopeoManifest(`docker://${name}:${tag}`)) as Index
        assert.deepEqual(ociProblems('index', index), [])
        const architectures = index.manifests.map(({ platform }) => platform.architecture)
        assert.deepEqual(architectures, ['amd64', 'arm64'])
        for (const { digest, platform } of index.manifests) {
          const build: DemoBuild = {
            image,
            variant,
            architecture: platform.architecture === 'amd64' ? 'amd64' : 'arm64',
          }
          await checkBuild(`${name}@${digest}`, build, folder)
        }
      }
    })
  }
})

/** Bases of the plan have no variants: each is the base of one. */
function tagsOf(image: string): (readonly [DemoBuild['variant'], string])[] {
  if (image === 'base') return [['debug', 'dev']]
  if (image === 'distroless') return [['distroless', 'dev']]
  return [
    ['debug', 'dev'],
    ['distroless', 'dev-distroless'],
  ]
}

async function checkBuild(reference: string, build: DemoBuild, folder: TemporaryFolder): Promise<void> {
  const name = `${build.image}-${build.variant}-${build.architecture}`
  // One layout for the tests of one image: what its builds share is pulled once.
  const layout = folder.join(`layout-${build.image}`)
  await skopeoCopy(`docker://${reference}`, `oci:${layout}:${name}`)
  const expected = expectedImage(build)

  const manifest = await readJson<Manifest>(layout, reference.slice(reference.indexOf('@') + 1))
  assert.deepEqual(ociProblems('manifest', manifest), [])
  const config = await readJson<Config>(layout, manifest.config.digest)
  assert.deepEqual(ociProblems('config', config), [])
  assert.equal(config.architecture, build.architecture)
  assert.deepEqual(config.config, expected.config, `config of ${name}`)
  await checkLayers(layout, { manifest, config, expected, name })

  const rootfs = folder.join(name)
  await runProgram('umoci', ['raw', 'unpack', '--image', `${layout}:${name}`, rootfs])
  const found = describeTree(await readTree(rootfs))
  const wanted = describeTree(await expectedTree(root, expected))
  assert.ok(found.length > 20, `only ${found.length} entries in ${name}`)
  assert.deepEqual(found, wanted, `the tree of ${name}`)
  await rm(rootfs, { recursive: true })
}

const checkedLayers = new Map<string, Promise<readonly string[]>>()

/** History and diff ids tell of the same layers, and each layer holds what its instruction put there. */
async function checkLayers(
  layout: string,
  image: { manifest: Manifest; config: Config; expected: ExpectedImage; name: string },
): Promise<void> {
  const { manifest, config, expected, name } = image
  const { history, rootfs } = config
  const keyword = (text: string) => text.split(' ', 1)[0]
  assert.deepEqual(
    history.map((entry) => [keyword(entry.created_by), entry.empty_layer === true]),
    expected.steps.map((step) => [step.keyword, step.changes.length === 0]),
    `history of ${name}`,
  )
  const layered = expected.steps.filter((step) => step.changes.length > 0)
  assert.equal(rootfs.diff_ids.length, layered.length)
  assert.equal(manifest.layers.length, layered.length)
  for (const [index, step] of layered.entries()) {
    const { digest } = manifest.layers[index]!
    assert.equal(
      rootfs.diff_ids[index],
      digest,
      'the diff id is the digest of a layer that is not compressed',
    )
    const known = checkedLayers.get(digest) ?? readLayer(layout, digest)
    checkedLayers.set(digest, known)
    const paths = await known
    for (const change of step.changes) {
      const path = change.kind === 'copy' ? change.to : change.path
      assert.ok(
        path === '' || paths.includes(path),
        `layer ${index} of ${name} has no ${path}: ${paths.join(' ')}`,
      )
    }
  }
}

/** Paths in a layer, after its bytes were seen to have its digest. */
async function readLayer(layout: string, digest: string): Promise<readonly string[]> {
  const path = blobPath(layout, digest)
  const { sha256 } = await readEntry(path)
  assert.equal(`sha256:${sha256}`, digest)
  const { stdout } = await runProgram('tar', ['-tf', path])
  return stdout.split('\n').map((line) => line.replace(/\/$/, ''))
}

async function readJson<T>(layout: string, digest: string): Promise<T> {
  return JSON.parse(await readFile(blobPath(layout, digest), 'utf8')) as T
}

function blobPath(layout: string, digest: string): string {
  return join(layout, 'blobs', digest.replace(':', '/'))
}
