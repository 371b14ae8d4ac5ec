/**
 * The recipes of layers, by their keys: which files a layer was made of and what they looked like. Nobody needs them to
 * build; they let `cache verify` hash a remembered layer again, and `--explain` say what is different now.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatRecipe, parseRecipe, recipeKey, type Recipe } from '../layer/index.ts'
import { openMemoFiles } from './memo-files.ts'

export interface RecipeNotes {
  /** nothing when it is not there, or not whole */
  readonly read: (key: string) => Recipe | undefined
  /** in the background; what cannot be written is lost */
  readonly write: (key: string, recipe: Recipe) => void
  readonly remove: (keys: readonly string[]) => Promise<void>
}

/** More entries are not worth their place on the disk. */
const mostEntries = 50_000

/** @param folder need not exist */
export function openRecipeNotes(folder: string): RecipeNotes {
  const files = openMemoFiles(folder)
  const written = new Set<string>()
  return {
    read(key) {
      const text = files.read(key)
      if (text === undefined) return undefined
      try {
        const recipe = parseRecipe(text)
        return recipeKey(recipe) === key ? recipe : undefined
      } catch {
        // of another program
        return undefined
      }
    },
    write(key, recipe) {
      if (written.has(key) || recipe.entries.length > mostEntries) return
      written.add(key)
      files.write(key, formatRecipe(recipe))
    },
    async remove(keys) {
      for (const key of keys) await rm(join(folder, key), { force: true }).catch(() => undefined)
    },
  }
}
