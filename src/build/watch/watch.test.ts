import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { watch } from 'node:fs'
import { test } from 'node:test'
import { until } from '../../../test/support/until.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import type { BuildEvent } from '../events.ts'
import { looks } from '../memo/look-again.ts'
import { ownerOf, withDependents } from './affected.ts'
import { openChanges } from './changes.ts'
import { watchFolders } from './watch-folders.ts'
import { newWatchIndex } from './watch-index.ts'

const noInputs = { nodes: {}, names: {}, texts: {} }

test('a change is told once, of those who depend on it, and of paths that builds saw otherwise', async () => {
  await using folder = await temporaryFolder()
  const [one, two] = [folder.join('one'), folder.join('two')]
  await writeFile(one, '1')
  await writeFile(two, '2')
  const index = newWatchIndex()
  const saw = (...paths: string[]) => Object.fromEntries(paths.map((path) => [path, looks.nodes(path)]))
  index.note('a ', 'amd64', { ...noInputs, nodes: saw(one, two) })
  index.note('b ', 'amd64', {
    ...noInputs,
    nodes: saw(two),
    names: { [folder.path]: looks.names(folder.path) },
  })
  assert.deepEqual(index.take([]).paths, [])
  await writeFile(one, 'longer')
  assert.ok(index.isChanged(one))
  const first = index.take([one])
  assert.deepEqual([first.paths, [...first.owners]], [[one], ['a ']])
  assert.deepEqual(index.take([one]).paths, [])
  await writeFile(folder.join('new'), '')
  const second = index.take([folder.join('new')])
  assert.deepEqual([second.paths, [...second.owners]], [[folder.join('new')], ['b ']])
  // What a build saw before it was written is a change, though no event tells of it.
  index.note('a ', 'amd64', { ...noInputs, nodes: { [one]: looks.nodes(one), [two]: 'f 1 2 3' } })
  assert.deepEqual(index.take([]).paths, [two])
  assert.equal(index.concerns(folder.join('new')), true)
  assert.equal(index.concerns(folder.join('sub/other')), false)
})

test('what a build no longer looks at is nobody’s concern', async () => {
  await using folder = await temporaryFolder()
  const index = newWatchIndex()
  index.note('a ', '', { ...noInputs, nodes: { [folder.join('x/one')]: '-', [folder.join('two')]: '-' } })
  index.note('a ', '', { ...noInputs, nodes: { [folder.join('two')]: '-' } })
  assert.deepEqual([...index.folders()], [folder.path])
  assert.equal(index.concerns(folder.join('x/one')), false)
})

test('images on top of others are touched with them, however far up', () => {
  const base = (name: string) => ({ kind: 'image' as const, name, platform: 'linux/amd64', digests: '' })
  const used = [
    { owner: ownerOf('middle', undefined), bases: [base('x.test/bottom:1')] },
    { owner: ownerOf('top', 'debug'), bases: [base('x.test/middle:1')] },
    { owner: ownerOf('other', undefined), bases: [base('debian:12')] },
  ]
  const planReferences = new Map([
    ['x.test/bottom:1', { image: 'bottom', variant: undefined }],
    ['x.test/middle:1', { image: 'middle', variant: undefined }],
  ])
  const touched = withDependents(new Set([ownerOf('bottom', undefined)]), used, { planReferences })
  assert.deepEqual([...touched].toSorted(), ['bottom ', 'middle ', 'top debug'])
})

test('folders that appear, go and come back are followed', async () => {
  await using folder = await temporaryFolder()
  const touched = new Set<string>()
  const deep = folder.join('a/b')
  const folders = watchFolders({
    root: folder.path,
    onTouch: (path) => touched.add(path),
    onPoll: () => assert.fail('nothing has to be polled'),
  })
  const isToldOf = async (path: string) => {
    await until(`${path} is told of`, () => touched.has(path))
    touched.clear()
    folders.arm(new Set([deep]))
  }
  try {
    folders.arm(new Set([deep]))
    await mkdir(folder.join('a'))
    await isToldOf(folder.join('a'))
    await mkdir(deep)
    await isToldOf(deep)
    await writeFile(`${deep}/file`, '1')
    await isToldOf(`${deep}/file`)
    await rm(folder.join('a'), { recursive: true })
    await isToldOf(folder.join('a'))
    await mkdir(deep, { recursive: true })
    await isToldOf(folder.join('a'))
    await writeFile(`${deep}/file`, '2')
    await isToldOf(`${deep}/file`)
  } finally {
    folders.close()
  }
})

test('where the system watches no more folders they are polled', async () => {
  await using folder = await temporaryFolder()
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' })
  const polls: string[][] = []
  const folders = watchFolders({
    root: folder.path,
    pollMs: 1,
    onTouch: () => undefined,
    onPoll: (polled) => polls.push([...polled]),
    watch: (() => {
      throw full
    }) as unknown as typeof watch,
  })
  try {
    folders.arm(new Set([folder.join('missing')]))
    await until('folders are polled', () => polls.length > 1)
    assert.ok(polls[0]!.includes(folder.join('missing')))
    assert.match(folders.polled().reason ?? '', /limit of watched folders .*max_user_watches/)
  } finally {
    folders.close()
  }
})

test('a file is told of when it stays as it is, and no more after an abort', async () => {
  await using folder = await temporaryFolder()
  const file = folder.join('file')
  await writeFile(file, '')
  const events: BuildEvent[] = []
  const controller = new AbortController()
  const changes = openChanges({
    root: folder.path,
    onChange: () => undefined,
    emit: (event) => events.push(event),
    signal: controller.signal,
  })
  changes.index.note('a ', '', { ...noInputs, nodes: { [file]: looks.nodes(file) } })
  changes.arm()
  const next = changes.next()
  for (const text of ['1', '12', '123']) await writeFile(file, text)
  assert.deepEqual((await next).paths, [file])
  assert.equal(changes.index.isChanged(file), false)
  const never = changes.next()
  controller.abort()
  await assert.rejects(never, { name: 'AbortError' })
  changes.close()
})
