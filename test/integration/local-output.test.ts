/** `type=local` and `type=tar` give what umoci unpacks of the same image: whiteouts, links, owners, modes. */
import assert from 'node:assert/strict'
import { lstat, mkdir, readdir } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { describeTree, readTree } from '../support/file-tree.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy } from '../support/skopeo.ts'
import { eventsOf, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'
import { umociUnpack } from '../support/umoci.ts'

const isRoot = process.getuid?.() === 0
const skip =
  skipWithoutDockerRegistry() ||
  requirePart('umoci and skopeo (with root)', isRoot && hasProgram('umoci') && hasProgram('skopeo'))
const baseName = 'docker.io/library/base:1'

suite('the file system of an image', { timeout: 120_000, skip }, () => {
  let folder: TemporaryFolder
  let registry: DockerRegistry
  const run = (args: readonly string[]) => slipwayOk(args, { home: folder.join('home'), cwd: folder.path })
  const treeIn = async (path: string) => describeTree(await readTree(path))

  before(async () => {
    folder = await temporaryFolder()
    registry = await startDockerRegistry()
    await writeProject(folder.path, {
      'base/Dockerfile': 'FROM scratch\nCOPY --chown=7:8 tree /\n',
      'base/tree/bin': { link: 'usr/bin' },
      'base/tree/usr/bin/tool': { content: 'tool', mode: 0o4755 },
      'base/tree/etc/gone': 'gone',
      'base/tree/etc/conf': 'old',
      'base/tree/opt/old/file': 'old',
      'base/tree/locked/': { mode: 0o555 },
      'app/Dockerfile': `FROM ${registry.host}/base:1\nCOPY conf /etc/conf\nCOPY --chown=1337 app /bin/\nWORKDIR /work\n`,
      'app/conf': 'new',
      'app/app': { content: 'app', mode: 0o755 },
      'more/file': 'more',
    })
    await runProgram('ln', [folder.join('base/tree/usr/bin/tool'), folder.join('base/tree/usr/bin/other')])
    await run(['build', '-t', 'base:1', '--save', 'base.oci', 'base'])
    const image = `${folder.join('base.oci')}:${baseName}`
    await runProgram('umoci', ['insert', '--image', image, '--whiteout', '/etc/gone'])
    await runProgram('umoci', ['insert', '--image', image, '--opaque', folder.join('more'), '/opt/old'])
    await skopeoCopy(`oci:${image}`, `docker://${registry.host}/base:1`, { platform: 'linux/amd64' })
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  test('is the same in a folder, in a tar and out of the layout', async () => {
    const outputs = ['-o', 'rootfs', '-o', 'type=tar,dest=rootfs.tar', '-o', 'type=oci,dest=app.oci']
    const result = await run(['build', '-t', 'app:1', ...outputs, 'app'])
    const bundle = await umociUnpack(folder.join('app.oci'), 'docker.io/library/app:1', folder.join('bundle'))
    const expected = await treeIn(bundle.rootfs)
    assert.ok(
      expected.some((line) => line.includes('usr/bin/app')) && expected.length > 10,
      expected.join('\n'),
    )
    assert.deepEqual(await treeIn(folder.join('rootfs')), expected)
    await mkdir(folder.join('untarred'))
    await runProgram('tar', [
      'xpf',
      folder.join('rootfs.tar'),
      '-C',
      folder.join('untarred'),
      '--numeric-owner',
    ])
    assert.deepEqual(await treeIn(folder.join('untarred')), expected)
    for (const path of ['rootfs', 'untarred'])
      assert.equal((await lstat(folder.join(path, 'usr/bin/other'))).nlink, 2, `${path} has no hard link`)
    assert.deepEqual(eventsOf(result, 'warning'), [])
  })
  test('is the same tar on the standard output', async () => {
    const { stdout } = await run(['build', '-o', '-', 'app'])
    const { stdout: file } = await runProgram('cat', [folder.join('rootfs.tar')])
    assert.equal(stdout, file)
  })
  test('does not go to a folder when the build fails', async () => {
    await assert.rejects(
      run(['build', '-o', 'failed', '-o', 'type=registry', '-t', '127.0.0.1:1/x:1', 'app']),
    )
    assert.ok(!(await readdir(folder.path)).includes('failed'))
  })
})
