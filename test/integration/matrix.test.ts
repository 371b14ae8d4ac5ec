/**
 * Every destination x every compression: the images of one plan, sent by as few runs as there are compressions, read
 * back by programs of others. A cell holds when its digests are those that Slipway told, its files and diff ids are those
 * of every other cell, and a second run sends it nothing.
 *
 * Two are not here: kind (its node images cannot be had; containerds stand for its nodes) and zot (its module cannot be
 * had from the Go module proxy).
 */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { mediaTypes, sha256 } from '../../src/oci/index.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { craneValidate, skipWithoutCrane } from '../support/crane.ts'
import { describeTree, readTree } from '../support/file-tree.ts'
import { daemonRows } from '../support/matrix/daemon-rows.ts'
import { fileRows } from '../support/matrix/file-rows.ts'
import {
  compressions,
  images,
  type Compression,
  type ImageName,
  type Place,
  type RunningRow,
} from '../support/matrix/place.ts'
import { expectedTree, ownArchitecture, platforms, writeMatrixProject } from '../support/matrix/project.ts'
import { readFacts, unpackedFiles, type ImageFacts } from '../support/matrix/read-back.ts'
import { registryRows } from '../support/matrix/registry-rows.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import { eventsOf, slipwayOk, type SlipwayResult } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { umociUnpack } from '../support/umoci.ts'

/** An entry of `slipway.destinations` in the metadata file. */
interface Delivery {
  readonly destination: string
  readonly names: readonly string[]
  readonly compression: string
  readonly digest: string
}

/** What came of the two runs of one compression. */
interface Outcome {
  readonly first: SlipwayResult
  readonly second: SlipwayResult
  /** digests of the files of `Place.file` after the first run */
  readonly written: ReadonlyMap<string, string>
  readonly deliveries: Readonly<Record<ImageName, readonly Delivery[]>>
  /** as the layout has them */
  readonly facts: Readonly<Record<ImageName, ImageFacts>>
}

const skip =
  skipWithoutDockerRegistry() ||
  ['skopeo', 'umoci', 'tar'].map((name) => requirePart(name, hasProgram(name))).find(Boolean) ||
  requirePart('root', process.getuid?.() === 0)

const daemons = await daemonRows()
const rows = [...(await registryRows()), ...fileRows(), ...daemons]

suite('destination x compression', { skip, timeout: 600_000 }, () => {
  let folder: TemporaryFolder
  let bases: DockerRegistry
  const running = new Map<string, RunningRow>()
  const outcomes = new Map<Compression, Outcome>()

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    slipwayOk(args, { home: folder.join('home'), cwd: folder.join('project'), env })

  const newScratch = () => mkdtemp(folder.join('scratch-'))

  const placesOf = (compression: Compression): Place[] =>
    rows
      .filter((row) => row.compressions.includes(compression))
      .flatMap(({ name }) => running.get(name)?.place(compression) ?? [])

  const bake = async (compression: Compression): Promise<Outcome> => {
    const places = placesOf(compression)
    const metadata = folder.join(`${compression}.json`)
    const args = [
      ...['bake', '--push', '--hub', `${bases.host}/${compression}`],
      ...places.flatMap(({ flags }) => flags),
      ...['--compression', compression, '--metadata-file', metadata],
    ]
    const env = Object.assign({}, ...places.map((place) => place.env)) as Record<string, string>
    const first = await run(args, env)
    const written = new Map<string, string>()
    for (const { file } of places) if (file !== undefined) written.set(file, sha256(await readFile(file)))
    const second = await run(args, env)
    const told = JSON.parse(await readFile(metadata, 'utf8')) as Record<ImageName, Record<string, unknown>>
    const deliveriesOf = (image: ImageName) => told[image]['slipway.destinations'] as Delivery[]
    const layout = folder.join(`${compression}-layout`)
    const factsOf = (image: ImageName) => {
      const delivery = deliveriesOf(image).find(({ destination }) => destination === `layout ${layout}`)
      return readFacts(layout, delivery!.digest)
    }
    return {
      first,
      second,
      written,
      deliveries: { one: deliveriesOf('one'), two: deliveriesOf('two') },
      facts: { one: await factsOf('one'), two: await factsOf('two') },
    }
  }

  before(async () => {
    folder = await temporaryFolder()
    bases = await startDockerRegistry()
    const base = `${bases.host}/base:1`
    await mkdir(folder.join('project'))
    await writeMatrixProject(folder.join('project'), base)
    const push = ['build', '--push', '-t', base, '--platform', platforms.join(','), '--compression', 'gzip']
    await run([...push, 'base'])
    const context = { folder: folder.path, home: folder.join('home'), hub: bases.host }
    for (const row of rows) if (!row.skip) running.set(row.name, await row.start(context))
    for (const compression of compressions) outcomes.set(compression, await bake(compression))
  })
  after(async () => {
    for (const row of running.values()) await row.close()
    await bases?.stop()
    await folder?.remove()
  })

  test('files and diff ids are those of every compression, digests are not', () => {
    const all = compressions.map((compression) => outcomes.get(compression)!.facts)
    for (const image of images) {
      const of = all.map((each) => each[image])
      assert.equal(new Set(of.map(({ config }) => config)).size, 1)
      assert.equal(new Set(of.map(({ index }) => index)).size, compressions.length)
      for (const { diffIds } of of) assert.deepEqual(diffIds, of[0]!.diffIds)
    }
    const [plain, gzip, zstd] = all.map(({ one }) => one.mediaTypes)
    const { layer, layerGzip, layerZstd } = mediaTypes
    // The two layers of the base stay as they are.
    assert.deepEqual(plain, [layerGzip, layerGzip, layer, layer])
    assert.deepEqual(gzip, [layerGzip, layerGzip, layerGzip, layerGzip])
    assert.deepEqual(zstd, [layerGzip, layerGzip, layerZstd, layerZstd])
  })

  test("Debian's umoci reads no zstd, so skopeo takes it off for it", async () => {
    const scratch = await newScratch()
    const source = `oci:${folder.join('zstd-layout')}:${bases.host}/zstd/one:1`
    await skopeoCopy(source, `oci:${scratch}/layout:image`, { platform: `linux/${ownArchitecture}` })
    await assert.rejects(umociUnpack(`${scratch}/layout`, 'image', `${scratch}/bundle`), /zstd/)
  })

  suite('one image for one platform', async () => {
    const skipCrane = await skipWithoutCrane()
    const archive = (compression: Compression) => folder.join(`one-${compression}.tar`)
    const bakeOne = () =>
      run([
        ...['bake', 'one', '--build-arg', `BASE=${bases.host}/base:1`],
        ...['--platform', `linux/${ownArchitecture}`, '--hub', 'matrix.test'],
        ...['-o', `type=local,dest=${folder.join('files')}`],
        ...['-o', `type=tar,dest=${folder.join('files.tar')}`],
        ...compressions.flatMap((name) => ['-o', `type=docker,dest=${archive(name)},compression=${name}`]),
      ])
    before(async () => void (await bakeOne()))

    test('a folder has its files, and again when it was written a second time', async () => {
      const files = async () => describeTree(await readTree(folder.join('files')))
      assert.deepEqual(await files(), expectedTree('one'))
      await bakeOne()
      assert.deepEqual(await files(), expectedTree('one'))
    })
    test('a tar has them, and is the same when it is written a second time', async () => {
      const tar = folder.join('files.tar')
      const scratch = await newScratch()
      await runProgram('tar', ['--extract', '--file', tar, '--directory', scratch])
      assert.deepEqual(describeTree(await readTree(scratch)), expectedTree('one'))
      const before = sha256(await readFile(tar))
      await bakeOne()
      assert.equal(sha256(await readFile(tar)), before)
    })
    for (const compression of compressions) {
      test(`docker archive x ${compression}, read by crane`, { skip: skipCrane }, () =>
        craneValidate(['--tarball', archive(compression)], compression === 'gzip'),
      )
      for (const row of daemons) {
        test(`docker archive x ${compression}, loaded by ${row.name}`, { skip: row.skip }, async () => {
          const scratch = await newScratch()
          const source = await running.get(row.name)!.load!(
            archive(compression),
            'matrix.test/one:1',
            scratch,
          )
          assert.deepEqual(await unpackedFiles(source, scratch), expectedTree('one'))
        })
      }
    }
  })

  for (const row of rows) {
    for (const compression of row.compressions) {
      test(`${row.name} x ${compression}`, { skip: row.skip }, async () => {
        const place = running.get(row.name)!.place(compression)
        const { first, second, written, deliveries, facts } = outcomes.get(compression)!
        // Daemons unpack layers at once: they get them as they are in a run of any compression.
        const expected = daemons.includes(row) ? outcomes.get('none')!.facts : facts
        for (const image of images) {
          const delivery = deliveries[image].find(
            ({ destination, names }) =>
              destination === place.destination && names.includes(place.referenceOf(image)),
          )
          assert.ok(delivery, `${place.destination} is not in the metadata file`)
          assert.equal(delivery.digest, expected[image].index)
          assert.equal(await place.digestOf(image), expected[image][place.identity])
          await place.validate?.(image)
        }
        const scratch = await newScratch()
        const source = await place.sourceOf('one', scratch)
        assert.deepEqual(await unpackedFiles(source, scratch, place.readEnv), expectedTree('one'))

        const sent = (result: SlipwayResult) =>
          eventsOf(result, 'blob').filter(
            ({ destination, state }) => place.isOwn(String(destination)) && state !== 'exists',
          ).length
        assert.ok(sent(first) > 0, 'the first run sent nothing')
        if (place.file === undefined) assert.equal(sent(second), 0)
        else assert.equal(sha256(await readFile(place.file)), written.get(place.file))
      })
    }
  }
})
