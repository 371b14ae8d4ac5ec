/** Which files of a tree the sources of a COPY or ADD name. */
import { Failure, failureAt } from '../../base/index.ts'
import { hasMeta } from '../../dockerfile/index.ts'
import type { CopySource } from '../copy/copy.ts'
import { matchSources } from '../copy/sources.ts'
import { includeRules } from '../copy/walk.ts'
import { ancestors, cleanPath, type Tree } from '../tree.ts'
import type { ExpandedWord } from './expanded-word.ts'
import type { InstructionContext } from './instruction-context.ts'

/** A path or a pattern. @throws Failure SOURCE_NOT_FOUND | DOCKERFILE_INVALID | COPY_CONFLICT */
export function copiedSources(
  tree: Tree,
  { text, place }: ExpandedWord,
  context: InstructionContext,
): CopySource[] {
  try {
    const { paths, isPattern, climbs } = matchSources(tree, text)
    if (isPattern && paths.length === 0)
      context.warn(`"${text}" matches nothing in ${tree.description}, so nothing is copied`, place)
    if (climbs && !isPattern && tree.lookup(paths[0]!) === undefined) {
      throw new Failure('SOURCE_NOT_FOUND', `"${text}" is outside ${tree.description}`, {
        hint: 'a Dockerfile copies only from its context: move the file, widen the context, or give the folder a name with --build-context',
      })
    }
    return paths.map((path) => ({ tree, path, place }))
  } catch (error) {
    throw failureAt(error, place)
  }
}

/**
 * A source of COPY --parents: what is behind the pivot `/./`, or all of it, is a pattern below the part before, and
 * keeps its folders (BuildKit, convert_copy.go).
 * @throws Failure SOURCE_NOT_FOUND | DOCKERFILE_INVALID | COPY_CONFLICT
 */
export function parentsSources(tree: Tree, word: ExpandedWord, context: InstructionContext): CopySource[] {
  const { text, place } = word
  const pivot = text.indexOf('/./')
  const start = pivot < 0 ? '' : text.slice(0, pivot)
  const pattern = cleanPath(pivot < 0 ? text : text.slice(pivot + '/./'.length))
  if (pattern === '') {
    throw new Failure('DOCKERFILE_INVALID', `"${text}" names no file whose parents could be kept`, {
      at: place,
      hint: 'for everything below a folder write folder/./** with --parents, or COPY the folder without it',
    })
  }
  if (!hasMeta(start) && !hasMeta(pattern)) {
    const path = cleanPath(`${start}/${pattern}`)
    const isFolder = (folder: string): boolean => tree.lookup(folder)?.type === 'directory'
    if (!ancestors(path).every(isFolder) || tree.lookup(path) === undefined) {
      throw new Failure('SOURCE_NOT_FOUND', `"${path}" is not in ${tree.description}`, {
        at: place,
        hint: 'COPY --parents follows no symbolic links; check the name and .dockerignore',
      })
    }
  }
  const include = includeRules({ text: pattern, place })
  return copiedSources(tree, { text: start, place }, context).map((source) => ({ ...source, include }))
}
