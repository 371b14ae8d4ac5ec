import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import { bundleOptions } from '../../scripts/bundle-options.ts'

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
