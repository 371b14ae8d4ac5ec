/** A full disk ends a run with one clear error, and nothing half-written; a full cache only costs time. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  checkEarlierLayout,
  checkLayoutFiles,
  checkNoLayout,
  imageNames,
  writeSlowProject,
} from '../support/interrupted.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { eventsOf, slipway, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const skip =
  requirePart('skopeo', hasProgram('skopeo')) ||
  (process.getuid?.() === 0 ? false : 'mounting a file system needs root')

suite('a full disk', { skip, timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  let disk: string
  before(async () => {
    folder = await temporaryFolder()
    disk = folder.join('disk')
    await mkdir(disk)
    await runProgram('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk])
    // Six layers of a megabyte and one more: the disk takes one.
    await writeSlowProject(folder.join('project'), 1)
  })
  after(async () => {
    if (disk) await runProgram('umount', [disk])
    await folder?.remove()
  })

  const options = () => ({ home: folder.join('home'), cwd: folder.join('project') })

  test('leaves no layout where none was', async () => {
    const layout = `${disk}/layout`
    const result = await slipway(['bake', '--root', '.', '--save', layout, '--progress=json'], options())
    assert.equal(result.status, 1, result.stderr)
    const errors = result.stderr.split('\n').filter((line) => line.startsWith('error: '))
    assert.equal(errors.length, 1, result.stderr)
    assert.match(errors[0]!, /^error: cannot write \S*\/disk\/layout\/\S*: the disk is full$/)
    assert.match(result.stderr, /^  hint: free some space and run the same command again/m)
    assert.equal(eventsOf(result, 'published').length, 0)
    await checkNoLayout(layout)
    await rm(layout, { recursive: true, force: true })
  })

  test('leaves no archive and no folder of files, and the archive that was there', async () => {
    await writeFile(`${disk}/all.tar`, 'earlier')
    const outputs = ['-o', `type=docker,dest=${disk}/all.tar`, '--platform', 'linux/amd64']
    const files = ['one', '--platform', 'linux/amd64', '-o', `type=local,dest=${disk}/files`]
    for (const args of [outputs, [...files, '-o', `type=oci,dest=${disk}/one.tar`]]) {
      const result = await slipway(['bake', '--root', '.', ...args], options())
      assert.equal(result.status, 1, result.stderr)
      assert.match(result.stderr, /^error: cannot write \S*\/disk\/\S*: the disk is full$/m)
      assert.deepEqual(await readdir(disk), ['all.tar'])
      assert.equal(await readFile(`${disk}/all.tar`, 'utf8'), 'earlier')
    }
    await rm(`${disk}/all.tar`)
  })

  test('leaves the layout that was there as it was', async () => {
    const layout = `${disk}/layout`
    await slipwayOk(
      ['bake', 'one', '--tag', 'earlier', '--root', '.', '--save', layout, '--platform', 'linux/amd64'],
      {
        ...options(),
        cwd: await smallProject(),
      },
    )
    const index = await readFile(`${layout}/index.json`, 'utf8')
    const result = await slipway(['bake', '--root', '.', '--save', layout], options())
    assert.equal(result.status, 1, result.stderr)
    assert.match(result.stderr, /the disk is full$/m)
    await checkEarlierLayout(layout, index)
    await rm(layout, { recursive: true })
  })

  test('that fills up while names are written leaves the earlier index', async () => {
    const layout = `${disk}/layout`
    const cwd = await smallProject()
    const args = ['bake', 'one', '--root', '.', '--save', layout, '--platform', 'linux/amd64']
    await slipwayOk([...args, '--tag', 'earlier'], { ...options(), cwd })
    const index = await readFile(`${layout}/index.json`, 'utf8')
    await fill(disk)
    // The same image under another name: only the index is new.
    const result = await slipway([...args, '--tag', 'later'], { ...options(), cwd })
    assert.equal(result.status, 1, result.stderr)
    assert.match(result.stderr, /the disk is full$/m)
    await rm(`${disk}/filler`)
    await checkEarlierLayout(layout, index)
    await rm(layout, { recursive: true })
  })

  test('that holds the cache costs nothing but time', async () => {
    await fill(disk)
    const env = { SLIPWAY_CACHE_DIR: `${disk}/cache` }
    const layout = folder.join('layout')
    for (const name of ['first', 'second']) {
      const args = ['bake', '--root', '.', '--save', `${layout}-${name}`]
      const result = await slipwayOk(args, { ...options(), env })
      const layers = eventsOf(result, 'layer')
      assert.ok(layers.length >= imageNames.length * 2, `${layers.length} layers`)
      assert.ok(!layers.some(({ state }) => state === 'known'), 'something was remembered on a full disk')
      await checkLayoutFiles(`${layout}-${name}`)
    }
    assert.equal(
      await readFile(`${layout}-first/index.json`, 'utf8'),
      await readFile(`${layout}-second/index.json`, 'utf8'),
    )
    await rm(`${disk}/filler`)
  })

  /** A project with the same images, their files a few bytes long. */
  async function smallProject(): Promise<string> {
    const cwd = folder.join('small')
    if (existsSync(cwd)) return cwd
    await writeSlowProject(cwd, 0)
    for (const name of ['shared', 'one']) await writeFile(`${cwd}/${name}`, name)
    return cwd
  }
})

/** Takes every last block of a file system. */
async function fill(disk: string): Promise<void> {
  const { bavail, bsize } = await statfs(disk)
  await writeFile(`${disk}/filler`, Buffer.alloc(bavail * bsize))
  const left = await statfs(disk)
  assert.equal(left.bavail, 0)
}
