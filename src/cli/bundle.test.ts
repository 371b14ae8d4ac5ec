import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { bundleOptions, chunkGroups } from '../../scripts/bundle-options.ts'
import { mergeChunks } from '../../scripts/merge-chunks.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'

test('the program can be bundled, and what every command loads holds no heavy library', async () => {
  const { metafile } = await build({
    ...bundleOptions,
    absWorkingDir: resolve(import.meta.dirname, '../..'),
    metafile: true,
    write: false,
    sourcemap: false,
  })
  const outputs = Object.entries(metafile.outputs)
  const load = (name: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(name)) return seen
    seen.add(name)
    for (const { kind, path } of metafile.outputs[name]!.imports)
      if (kind === 'import-statement' && path in metafile.outputs) load(path, seen)
    return seen
  }
  const entry = outputs.find(([name]) => name.endsWith('/cli.js'))![0]
  const inputs = [...load(entry)].flatMap((name) => Object.keys(metafile.outputs[name]!.inputs))
  assert.ok(inputs.some((name) => name.endsWith('src/cli/main.ts')))
  const libraries = new Set(
    inputs.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []),
  )
  assert.deepEqual([...libraries], ['commander'])
})

test('a build loads a handful of files, each module once', async (t) => {
  const folder = await temporaryFolder()
  t.after(folder.remove)
  const dist = folder.join('dist')
  const { metafile } = await build({ ...bundleOptions, outdir: dist, metafile: true })
  await mergeChunks(metafile, chunkGroups)
  const load = (name: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(name)) return seen
    seen.add(name)
    for (const [, path = ''] of readFileSync(join(dist, name), 'utf8').matchAll(/ from "\.\/([^"]+)";$/gm))
      load(path, seen)
    return seen
  }
  assert.deepEqual([...load('cli.js')], ['cli.js', 'commands.js'])
  assert.deepEqual([...load('images.js')].toSorted(), ['commands.js', 'images.js'])
  const evaluation = [...load('evaluation.js')].toSorted()
  assert.deepEqual(evaluation, ['commands.js', 'evaluation.js', 'images.js'])
  // An error that one file throws is known to another.
  const args = [join(dist, 'cli.js'), 'bake', '-f', folder.join('none.yaml')]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 2, stderr)
  assert.match(stderr, /^error: plan \S+none\.yaml does not exist$/m)
})
