import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { testImage } from '../../../../test/support/built-images.ts'
import { newTally } from '../../../base/index.ts'
import { openRecipe, readTar, type Entry } from '../../../layer/index.ts'
import type { BuildEvent } from '../../events.ts'
import type { BuiltImage } from '../../image.ts'
import { emptyTree, overlayTree, type TreeLayer } from '../../overlay.ts'
import type { Node } from '../../tree.ts'
import { fileSink } from '../archive/archive-sink.ts'
import { folderDestination } from './folder-destination.ts'
import { imageFiles } from './image-files.ts'
import { tarDestination } from './tar-destination.ts'

const root = mkdtempSync(join(tmpdir(), 'slipway-local-'))
after(() => rmSync(root, { recursive: true }))
const own = { uid: process.getuid!(), gid: process.getgid!() }
const amd64 = { os: 'linux', architecture: 'amd64' }
const arm64 = { os: 'linux', architecture: 'arm', variant: 'v7' }

function entry(path: string, rest: Partial<Node> = {}): Node {
  return { path, type: 'file', mode: 0o644, ...own, mtime: 1000, size: 0, ...rest }
}
function file(path: string, text: string, rest: Partial<Node> = {}): Node {
  const bytes = Buffer.from(text)
  return entry(path, { size: bytes.length, source: { kind: 'bytes', bytes }, ...rest })
}
const directory = (path: string, mode = 0o755): Node => entry(path, { type: 'directory', mode })

/** An image whose file systems are these layers. */
function imageOf(layers: readonly TreeLayer[], platforms = [amd64]): BuiltImage {
  const tree = layers.reduce((lower, layer) => overlayTree(lower, layer), emptyTree())
  const image = testImage({ name: 'web', tags: [], layers: [], platforms })
  return { ...image, platforms: image.platforms.map((platform) => ({ ...platform, tree: async () => tree })) }
}
const options = (events: BuildEvent[] = []) => ({
  tally: newTally(),
  emit: (event: BuildEvent) => void events.push(event),
})

describe('the files of an image', () => {
  const entriesOf = async (image: BuiltImage): Promise<readonly Entry[]> => (await imageFiles(image)).entries
  test('are those of the upper layers where two have one', async () => {
    const lower = {
      nodes: [
        directory('etc'),
        file('etc/a', 'old'),
        file('etc/gone', 'x'),
        directory('opt'),
        file('opt/x', 'x'),
      ],
    }
    const upper = { nodes: [file('etc/a', 'new')], removed: ['etc/gone'], opaque: ['opt'] }
    const entries = await entriesOf(imageOf([lower, upper]))
    assert.deepEqual(
      entries.map(({ path, size }) => [path, size]),
      [
        ['etc', 0],
        ['etc/a', 3],
        ['opt', 0],
      ],
    )
  })
  test('of several platforms are in folders', async () => {
    const entries = await entriesOf(imageOf([{ nodes: [file('a', 'x')] }], [amd64, arm64]))
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['linux_amd64', 'linux_amd64/a', 'linux_arm_v7', 'linux_arm_v7/a'],
    )
  })
  test('with several names are hard links, unless their attributes differ', async () => {
    const inode = {}
    const nodes = [
      file('b', 'x', { inode }),
      file('a', 'x', { inode }),
      file('c', 'x', { inode, mode: 0o755 }),
    ]
    const entries = await entriesOf(imageOf([{ nodes }]))
    assert.deepEqual(
      entries.map(({ path, type, link }) => [path, type, link]),
      [
        ['a', 'file', undefined],
        ['c', 'file', undefined],
        ['b', 'hardlink', 'a'],
      ],
    )
  })
})

describe('a folder', () => {
  const nodes = [
    directory('d', 0o555),
    file('d/x', 'new', { mode: 0o4755 }),
    entry('d/link', { type: 'symlink', mode: 0o777, link: '/etc/passwd' }),
    file('conf', 'file'),
  ]
  test('gets files beside those that are there, at the commit', async () => {
    const folder = join(root, 'merge')
    mkdirSync(join(folder, 'd'), { recursive: true })
    writeFileSync(join(folder, 'd/x'), 'old')
    writeFileSync(join(folder, 'd/kept'), '')
    mkdirSync(join(folder, 'conf/sub'), { recursive: true })
    const destination = await folderDestination(folder, options())
    await destination.stage(imageOf([{ nodes }]))
    assert.equal(readFileSync(join(folder, 'd/x'), 'utf8'), 'old')
    await destination.commit()
    assert.deepEqual(readdirSync(folder).toSorted(), ['conf', 'd'])
    assert.deepEqual(readdirSync(join(folder, 'd')).toSorted(), ['kept', 'link', 'x'])
    assert.equal(readFileSync(join(folder, 'd/x'), 'utf8'), 'new')
    assert.equal(readFileSync(join(folder, 'conf'), 'utf8'), 'file')
    const [x, d] = [lstatSync(join(folder, 'd/x')), lstatSync(join(folder, 'd'))]
    assert.deepEqual([x.mode & 0o7777, d.mode & 0o7777, d.mtimeMs, x.mtimeMs], [0o4755, 0o555, 1e6, 1e6])
  })
  test('a link in the place of a directory is replaced, not followed', async () => {
    const folder = join(root, 'linked')
    const elsewhere = join(root, 'elsewhere')
    mkdirSync(folder)
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, join(folder, 'd'))
    const destination = await folderDestination(folder, options())
    await destination.stage(imageOf([{ nodes }]))
    await destination.commit()
    assert.deepEqual(readdirSync(elsewhere), [])
    assert.ok(lstatSync(join(folder, 'd')).isDirectory())
  })
  test('that is abandoned is as it was, or not there', async () => {
    const folder = join(root, 'new/deep')
    const destination = await folderDestination(folder, options())
    await destination.stage(imageOf([{ nodes }]))
    await destination.abandon()
    assert.ok(!readdirSync(root).includes('new'))
  })
  test('loses what a killed run left there', async () => {
    const folder = join(root, 'stale')
    mkdirSync(join(folder, '.slipway-999999999-abcd1234/x'), { recursive: true })
    const destination = await folderDestination(folder, options())
    await destination.stage(imageOf([{ nodes: [] }]))
    await destination.commit()
    assert.deepEqual(readdirSync(folder), [])
  })
  test('tells what it cannot hold', async () => {
    const events: BuildEvent[] = []
    const special = [
      entry('dev', { type: 'character', device: { major: 1, minor: 3 } }),
      file('ping', 'x', { xattrs: { 'security.capability': Buffer.of(1) } }),
    ]
    const destination = await folderDestination(join(root, 'special'), options(events))
    await destination.stage(imageOf([{ nodes: special }]))
    await destination.commit()
    assert.match(
      JSON.stringify(events),
      /left out \/dev: devices and pipes.*\/ping: without the extended attributes/,
    )
    assert.deepEqual(readdirSync(join(root, 'special')), ['ping'])
  })
  test('takes one image', async () => {
    const destination = await folderDestination(join(root, 'two'), options())
    await destination.stage(imageOf([{ nodes: [] }]))
    await assert.rejects(destination.stage(imageOf([{ nodes: [] }])), { code: 'USAGE' })
    await destination.abandon()
  })
  test('that is a file is refused', async () => {
    writeFileSync(join(root, 'file'), '')
    await assert.rejects(folderDestination(join(root, 'file'), options()), { code: 'FILE_SYSTEM' })
  })
})

test('a tar holds the same files, devices and attributes too', async () => {
  const path = join(root, 'fs.tar')
  const tally = newTally()
  const destination = tarDestination(await fileSink(path, tally), { ...options(), tally })
  const nodes = [
    entry('dev', { type: 'character', device: { major: 1, minor: 3 } }),
    file('ping', 'x', { xattrs: { 'security.capability': Buffer.of(1) } }),
  ]
  const image = imageOf([{ nodes }])
  await destination.stage(image)
  await destination.prepare!()
  await destination.commit()
  const found: Entry[] = []
  for await (const { content: _, ...rest } of readTar(openRecipe(await imageFiles(image)))) found.push(rest)
  assert.deepEqual(
    found.map(({ path: name, device, xattrs }) => [name, device, Object.keys(xattrs ?? {})]),
    [
      ['dev', { major: 1, minor: 3 }, []],
      ['ping', undefined, ['security.capability']],
    ],
  )
  const chunks: Uint8Array[] = []
  for await (const chunk of openRecipe(await imageFiles(image))) chunks.push(Buffer.from(chunk))
  assert.deepEqual(readFileSync(path), Buffer.concat(chunks))
})
