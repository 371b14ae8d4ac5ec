/** Whether the files of a layer are still what was looked at, at the price of one lstat each. */
import { lstatSync } from 'node:fs'
import { fsPath } from '../base/index.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { Recipe } from './recipe.ts'
import { checkFingerprint } from './source-file.ts'

/** @throws Failure SOURCE_CHANGED, naming the first file that is another one, or gone */
export function checkSources(recipe: Recipe): void {
  for (const { source } of recipe.entries) {
    if (source?.kind !== 'file') continue
    const stats = lstatSync(fsPath(source.path), { bigint: true, throwIfNoEntry: false })
    checkFingerprint(source, stats && fingerprintOf(stats))
  }
}
