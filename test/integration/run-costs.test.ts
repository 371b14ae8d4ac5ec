/**
 * What runs of a plan cost, counted to the request and the byte against a real registry: numbers that are the same on
 * every machine (design 3.3 "Transfers", 3.4). Each test goes on from the one before it.
 */
import assert from 'node:assert/strict'
import { copyFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { costsOf, nothing, settle, tarSize, type Costs } from '../support/run-costs.ts'
import { slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const plan = `
platforms: [linux/amd64, linux/arm64]
variants:
  debug: { default: true, args: { FLAVOUR: debug } }
  distroless: { args: { FLAVOUR: distroless } }
images:
${['api', 'web'].map((name) => `  - { name: ${name}, dockerfile: Dockerfile, args: { NAME: ${name} }, files: [shared, ${name}, '\${TARGET_OUT_LINUX}/tool'] }`).join('\n')}
`

const dockerfile = `FROM scratch
ARG NAME FLAVOUR TARGETARCH
COPY shared /shared
COPY \${TARGETARCH}/tool /tool
COPY \${NAME} /etc/
LABEL flavour=$FLAVOUR
`

/** bytes of files, and of the layers that hold one of them each */
const files = { shared: 300_000, tool: 200_000, api: 50_000, web: 60_000 }
const layers = { shared: tarSize(files.shared), tool: tarSize(files.tool), api: 52_224, web: 62_464 }
const allLayers = layers.shared + layers.tool + layers.api + layers.web

suite('what a run costs', { skip: skipWithoutDockerRegistry(), timeout: 120_000, concurrency: 1 }, () => {
  let folder: TemporaryFolder
  let registry: DockerRegistry
  before(async () => {
    folder = await temporaryFolder()
    registry = await startDockerRegistry()
    await writeProject(folder.join('project'), {
      'slipway.yaml': plan,
      Dockerfile: dockerfile,
      shared: seededBytes(1, files.shared),
      api: seededBytes(2, files.api),
      web: seededBytes(3, files.web),
      'out/linux_amd64/tool': seededBytes(4, files.tool),
      'out/linux_arm64/tool': seededBytes(5, files.tool),
    })
    await settle()
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  const file = (name: string) => folder.join('project', name)
  /** the default variant on one platform, with more of both as the flags say */
  const push = async (...flags: string[]): Promise<Costs> => {
    const args = ['bake', '--root', '.', '--push', '--hub', `${registry.host}/demo`, '--variant', 'default']
    const platforms = flags.includes('--platform') ? [] : ['--platform', 'linux/amd64']
    const options = { home: folder.join('home'), cwd: folder.join('project') }
    return costsOf(await slipwayOk([...args, ...platforms, ...flags], options))
  }
  const bothPlatforms = ['--platform', 'linux/amd64', '--platform', 'linux/arm64']

  test('everything new: each file read to be hashed and to be sent, each blob sent once, mounts for the rest', async () => {
    const { bytesRead, bytesHashed, bytesSent, requests, blobs } = await push()
    const bytes = files.shared + files.tool + files.api + files.web
    assert.deepEqual([bytesRead, bytesHashed], [2 * bytes, allLayers])
    // On top of the layers a config, a manifest and no index for each image.
    const documents = bytesSent - allLayers
    assert.ok(documents > 0 && documents < 6000, `${documents} bytes of documents`)
    assert.deepEqual(blobs, { uploaded: 4 + 2, mounted: 2 })
    assert.deepEqual(requests, { ...names(2), 'HEAD blob': 6, ...uploads(6), mount: 2, 'PUT manifest': 2 })
  })

  test('nothing changed: one HEAD for each name and no byte', async () => {
    assert.deepEqual(await push(), { ...nothing, requests: names(2) })
  })

  test('one file changed: its layer and a config, and nothing is asked about the rest', async () => {
    await writeFile(file('api'), seededBytes(9, files.api))
    await settle()
    const { bytesRead, bytesHashed, bytesSent, requests, blobs } = await push()
    assert.deepEqual([bytesRead, bytesHashed], [2 * files.api, layers.api])
    assert.ok(bytesSent > layers.api && bytesSent < layers.api + 3000, `${bytesSent} bytes`)
    assert.deepEqual(blobs, { exists: 2, uploaded: 2 })
    assert.deepEqual(requests, { ...names(2), 'HEAD blob': 2, ...uploads(2), 'PUT manifest': 1 })
  })

  test('linked again with the same content: read once, no blob sent, and known from then on', async () => {
    await copyFile(file('shared'), file('new'))
    await utimes(file('new'), 1, 1)
    await rename(file('new'), file('shared'))
    await settle()
    const hashed = { bytesRead: files.shared, bytesHashed: layers.shared }
    assert.deepEqual(await push(), { ...nothing, ...hashed, requests: names(2) })
    assert.deepEqual(await push(), { ...nothing, requests: names(2) })
  })

  test('a variant more: a config and a manifest for each image, no layer', async () => {
    const { bytesSent, ...costs } = await push('--variant', 'distroless')
    assert.ok(bytesSent < 6000, `${bytesSent} bytes`)
    const requests = { ...names(4), 'HEAD blob': 2, ...uploads(2), 'PUT manifest': 2 }
    assert.deepEqual({ ...costs, bytesSent: 0 }, { ...nothing, blobs: { exists: 6, uploaded: 2 }, requests })
  })

  test('a second hub: everything mounted, only manifests sent', async () => {
    const { bytesSent, ...costs } = await push('--hub', `${registry.host}/second`)
    assert.ok(bytesSent < 3000, `${bytesSent} bytes`)
    const requests = { ...names(4), mount: 8, 'PUT manifest': 2 }
    assert.deepEqual({ ...costs, bytesSent: 0 }, { ...nothing, blobs: { mounted: 8 }, requests })
  })

  test('a tag more: one manifest for each image', async () => {
    const { bytesSent, ...costs } = await push('--tag', 'latest', '--tag', 'next')
    assert.ok(bytesSent < 3000, `${bytesSent} bytes`)
    const requests = { ...names(4), 'PUT manifest': 2 }
    assert.deepEqual({ ...costs, bytesSent: 0 }, { ...nothing, blobs: { exists: 8 }, requests })
  })

  test('a second platform: what differs there is sent once, the first platform is not looked at', async () => {
    const { bytesRead, bytesHashed, bytesSent, requests, blobs } = await push(...bothPlatforms)
    assert.deepEqual([bytesRead, bytesHashed], [2 * files.tool, layers.tool])
    assert.ok(bytesSent > layers.tool && bytesSent < layers.tool + 8000, `${bytesSent} bytes`)
    // The program and two configs; the program again by a mount. Two manifests and an index for each image.
    assert.deepEqual(blobs, { exists: 8, uploaded: 3, mounted: 1 })
    const transfers = { 'HEAD blob': 3, ...uploads(3), mount: 1 }
    assert.deepEqual(requests, { ...names(2), ...transfers, 'PUT manifest': 6 })
  })

  test('all hashed again: everything read once, nothing asked but the names', async () => {
    const { bytesRead, bytesHashed, ...costs } = await push(...bothPlatforms, '--no-cache')
    assert.equal(bytesRead, files.shared + 2 * files.tool + files.api + files.web)
    assert.equal(bytesHashed, allLayers + layers.tool)
    assert.deepEqual({ ...nothing, ...costs }, { ...nothing, requests: names(2) })
  })

  test('a registry that has lost layers of an image is told of, and gets them again', async () => {
    await rm(`${registry.root}/docker/registry/v2/repositories/demo/api/_layers`, { recursive: true })
    await writeFile(file('api'), seededBytes(10, files.api))
    await settle()
    const { blobs, warnings } = await push(...bothPlatforms)
    assert.deepEqual(warnings, [
      `${registry.host}/demo/api has lost content that was there; looking for all of it again`,
    ])
    assert.ok(blobs['uploaded']! >= 3, JSON.stringify(blobs))
    assert.deepEqual(await push(...bothPlatforms), { ...nothing, requests: names(2) })
  })

  test('a registry wiped between runs gets everything again, hashed by nobody', async () => {
    await rm(`${registry.root}/docker`, { recursive: true })
    const { bytesHashed, bytesSent, requests, blobs, warnings } = await push()
    assert.equal(bytesHashed, 0)
    assert.ok(bytesSent > allLayers && bytesSent < allLayers + 6000, `${bytesSent} bytes`)
    assert.deepEqual([blobs, warnings], [{ uploaded: 6, mounted: 2 }, []])
    assert.deepEqual(requests, { ...names(2), 'HEAD blob': 6, ...uploads(6), mount: 2, 'PUT manifest': 2 })
  })
})

const names = (count: number) => ({ 'HEAD manifest': count })
const uploads = (count: number) => ({ 'POST upload': count, 'PUT upload': count })
