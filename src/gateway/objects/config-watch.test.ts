/** On the real file system: what programs do to files, and what is told of it. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, suite, test } from 'node:test'
import { runProgram } from '../../../test/support/program.ts'
import { until } from '../../../test/support/until.ts'
import { watchConfig, type ConfigWatch, type ConfigWatchOptions } from './config-watch.ts'

suite('changes of files', () => {
  let folder = ''
  let told = 0
  let running: ConfigWatch | undefined
  const start = async (config: string[], more: Partial<ConfigWatchOptions> = {}) => {
    running = watchConfig({ config, onChange: () => told++, pollMs: 600_000, ...more })
    await running.ready
  }
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slip-'))
  })
  beforeEach(async () => {
    running?.close()
    await rm(folder, { recursive: true })
    await mkdir(folder)
    told = 0
  })
  after(async () => {
    running?.close()
    await rm(folder, { recursive: true })
  })
  const at = (...names: string[]) => join(folder, ...names)

  test('a file is written, added, removed', async () => {
    await writeFile(at('a.yaml'), 'a')
    await start([folder])
    await writeFile(at('a.yaml'), 'b')
    await until('the change is told', () => told === 1)
    await writeFile(at('b.yaml'), 'b')
    await until('the new file is told', () => told === 2)
    await rm(at('b.yaml'))
    await until('the removal is told', () => told === 3)
  })

  test('an editor renames a new file over the old one, again and again', async () => {
    await writeFile(at('a.yaml'), 'a')
    await start([at('a.yaml')])
    for (const round of [1, 2, 3]) {
      await writeFile(at('.a.yaml.swp'), String(round))
      await rename(at('.a.yaml.swp'), at('a.yaml'))
      await until(`round ${round} is told`, () => told === round)
    }
  })

  test('a folder below is new, and a file in it', async () => {
    await start([folder])
    await mkdir(at('below'))
    await until('the folder is told', () => told === 1)
    await writeFile(at('below', 'a.yaml'), 'a')
    await until('the file in it is told', () => told === 2)
  })

  test('Kubernetes swaps the folder behind a mounted ConfigMap', async () => {
    for (const version of ['..1', '..2']) {
      await mkdir(at(version))
      await writeFile(at(version, 'a.yaml'), version)
    }
    await symlink('..1', at('..data'))
    await symlink('..data/a.yaml', at('a.yaml'))
    await start([folder])
    await symlink('..2', at('..tmp'))
    await rename(at('..tmp'), at('..data'))
    await until('the swap is told', () => told === 1)
  })

  test('the target of a link is another one in a folder elsewhere', async () => {
    await mkdir(at('real'))
    await mkdir(at('config'))
    await writeFile(at('real', 'x'), '1')
    await symlink(at('real', 'x'), at('config', 'a.yaml'))
    await start([at('config')])
    await writeFile(at('real', 'x'), '2')
    await until('the change is told', () => told === 1)
  })

  test('what the system does not tell of is found by looking', async () => {
    await writeFile(at('a.yaml'), 'a')
    const silent = (() => ({ on: () => {}, close: () => {} })) as unknown as NonNullable<
      ConfigWatchOptions['watch']
    >
    await start([at('a.yaml')], { watch: silent, pollMs: 20 })
    await writeFile(at('a.yaml'), 'bb')
    await until('the change is told', () => told === 1)
  })

  test(
    'a file that is mounted by itself is changed from outside',
    { skip: process.getuid?.() === 0 ? false : 'mounting needs root' },
    async () => {
      await mkdir(at('outside'))
      await mkdir(at('inside'))
      for (const side of ['outside', 'inside']) await writeFile(at(side, 'a.yaml'), side)
      await runProgram('mount', ['--bind', at('outside', 'a.yaml'), at('inside', 'a.yaml')])
      try {
        await start([at('inside')])
        await writeFile(at('outside', 'a.yaml'), 'changed')
        await until('the change is told', () => told === 1)
      } finally {
        await runProgram('umount', [at('inside', 'a.yaml')])
      }
    },
  )

  test('a folder that is replaced is followed', async () => {
    await mkdir(at('config'))
    await writeFile(at('config', 'a.yaml'), 'a')
    await start([at('config')])
    await rename(at('config'), at('old'))
    await mkdir(at('config'))
    await until('the new folder is told', () => told > 0)
    told = 0
    await writeFile(at('config', 'b.yaml'), 'b')
    await until('a file in it is told', () => told > 0)
  })

  test('further files count, files that nobody reads do not', async () => {
    await writeFile(at('a.yaml'), 'a')
    await mkdir(at('certs'))
    await writeFile(at('certs', 'tls.crt'), '1')
    await start([at('a.yaml')], { further: () => [at('certs', 'tls.crt')] })
    await writeFile(at('other.txt'), 'x')
    await writeFile(at('.hidden.yaml'), 'x')
    await writeFile(at('certs', 'tls.crt'), '2')
    await until('the certificate is told', () => told === 1)
    assert.equal(told, 1)
  })
})
