/** Golden files: what a user is shown, word by word. `UPDATE_GOLDEN=1` writes them anew; read the diff before a commit. */
import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../golden')

/** Compares with `test/golden/<name>`. */
export async function checkGolden(name: string, text: string): Promise<void> {
  const path = join(root, name)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    return
  }
  const expected = await readFile(path, 'utf8').catch(() => undefined)
  assert.ok(expected !== undefined, `there is no test/golden/${name}: make it with UPDATE_GOLDEN=1\n${text}`)
  assert.equal(text, expected, `UPDATE_GOLDEN=1 makes test/golden/${name} anew`)
}

/** Names of the golden files in a folder, sorted. */
export async function goldenNames(folder: string): Promise<string[]> {
  return (await readdir(join(root, folder))).toSorted()
}
