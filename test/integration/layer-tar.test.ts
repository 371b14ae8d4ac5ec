/** Layers as GNU tar and Python's tarfile read them, and archives of GNU tar as we read them. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodePathname } from '../../src/base/index.ts'
import { makeRecipe, openRecipe, readTar, type Recipe } from '../../src/layer/index.ts'
import { collect, entry, streamOf } from '../support/layers.ts'
import { anyEntries } from '../support/any-entries.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const skipTar = requirePart('tar', hasProgram('tar'))
const skipPython = requirePart('python3', hasProgram('python3'))

/** Many generated recipes, so that one run of a program sees them all. */
const recipes: Recipe[] = fc
  .sample(anyEntries, { numRuns: 60, seed: 7 })
  .map((entries) => makeRecipe(entries))

const hex = (name: string): string => encodePathname(name).toString('hex')

test('Python tarfile reads the same entries', { skip: skipPython }, async () => {
  await using folder = await temporaryFolder()
  for (const [index, recipe] of recipes.entries())
    writeFileSync(folder.join(`${index}.tar`), await collect(openRecipe(recipe)))
  // PAX values that are not UTF-8 come back through the encoding of the archive.
  const script = `
import json, sys, tarfile
def hexed(name): return name.encode('utf-8', 'surrogateescape').hex()
for index in range(${recipes.length}):
    with tarfile.open(f'{sys.argv[1]}/{index}.tar', encoding='utf-8', errors='surrogateescape') as archive:
        print(json.dumps([[hexed(m.name), m.type.decode(), m.mode, m.uid, m.gid, int(m.mtime), m.size, hexed(m.linkname),
            m.uname, m.gname, archive.extractfile(m).read().hex() if m.isreg() else ''] for m in archive]))
`
  const { stdout } = await runProgram('python3', ['-c', script, folder.path])
  const types = {
    file: '0',
    hardlink: '1',
    symlink: '2',
    character: '3',
    block: '4',
    directory: '5',
    fifo: '6',
  }
  const read = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown[][])
  const expected = recipes.map((recipe) =>
    recipe.entries.map((each) => [
      hex(each.path),
      types[each.type],
      each.mode,
      each.uid,
      each.gid,
      each.mtime,
      each.size,
      hex(each.link ?? ''),
      '',
      '',
      each.source?.kind === 'bytes' ? Buffer.from(each.source.bytes).toString('hex') : '',
    ]),
  )
  assert.deepEqual(read, expected)
})

test('GNU tar lists the same entries without a complaint', { skip: skipTar }, async () => {
  await using folder = await temporaryFolder()
  for (const recipe of recipes) {
    writeFileSync(folder.join('x.tar'), await collect(openRecipe(recipe)))
    const args = [
      '--list',
      '--quoting-style=escape',
      '--show-transformed-names',
      '--file',
      folder.join('x.tar'),
    ]
    const { stdout, stderr } = await runProgram('tar', args, { env: { LC_ALL: 'C.UTF-8' } })
    assert.equal(stderr, '')
    assert.equal(stdout.split('\n').length - 1, recipe.entries.length)
  }
})

test('GNU tar unpacks links, modes and contents', { skip: skipTar }, async () => {
  await using folder = await temporaryFolder()
  const bytes = Buffer.from('content')
  const source = { kind: 'bytes', bytes } as const
  const long = `${'long-name-'.repeat(15)}é`
  const recipe = makeRecipe([
    entry({ path: 'd', type: 'directory', mode: 0o755 }),
    entry({ path: `d/${long}`, mode: 0o640, size: 7, source, mtime: 1000 }),
    entry({ path: 'hard', type: 'hardlink', link: `d/${long}`, mode: 0o640, mtime: 1000 }),
    entry({ path: 'soft', type: 'symlink', link: `d/${long}` }),
  ])
  writeFileSync(folder.join('x.tar'), await collect(openRecipe(recipe)))
  await runProgram('tar', ['-C', folder.path, '-xf', folder.join('x.tar')])
  for (const name of [`d/${long}`, 'hard', 'soft'])
    assert.equal(readFileSync(folder.join(name), 'utf8'), 'content')
  const { stdout } = await runProgram('stat', ['-c', '%h %a %Y', folder.join('hard')])
  assert.equal(stdout, '2 640 1000\n')
})

for (const format of ['gnu', 'pax', 'ustar', 'v7']) {
  test(`an archive of GNU tar in ${format} format is read`, { skip: skipTar }, async () => {
    await using folder = await temporaryFolder()
    mkdirSync(folder.join('in', 'sub'), { recursive: true })
    const name = format === 'gnu' || format === 'pax' ? 'n'.repeat(200) : 'n'.repeat(80)
    writeFileSync(folder.join('in', name), 'text')
    symlinkSync('sub', folder.join('in', 'link'))
    const args = [`--format=${format}`, '--owner=5', '--group=6', '--mtime=@77', '--sort=name', '--mode=644']
    await runProgram('tar', ['-C', folder.join('in'), ...args, '-cf', folder.join('x.tar'), '.'])
    const read: unknown[] = []
    for await (const { path, type, mode, uid, gid, mtime, link, content } of readTar(
      streamOf(readFileSync(folder.join('x.tar'))),
    ))
      read.push([path, type, mode, uid, gid, mtime, link, (await collect(content)).toString()])
    assert.deepEqual(read, [
      ['', 'directory', 0o644, 5, 6, 77, undefined, ''],
      ['link', 'symlink', 0o644, 5, 6, 77, 'sub', ''],
      [name, 'file', 0o644, 5, 6, 77, undefined, 'text'],
      ['sub', 'directory', 0o644, 5, 6, 77, undefined, ''],
    ])
  })
}

for (const format of ['gnu', 'pax']) {
  test(`a sparse file of GNU tar in ${format} format is refused`, { skip: skipTar }, async () => {
    await using folder = await temporaryFolder()
    writeFileSync(folder.join('f'), 'x')
    truncateSync(folder.join('f'), 1_000_000)
    await runProgram('tar', [
      '-C',
      folder.path,
      '--sparse',
      `--format=${format}`,
      '-cf',
      folder.join('x.tar'),
      'f',
    ])
    await assert.rejects(
      async () => {
        for await (const _ of readTar(streamOf(readFileSync(folder.join('x.tar')))));
      },
      { code: 'ARCHIVE_INVALID', message: /sparse/ },
    )
  })
}
