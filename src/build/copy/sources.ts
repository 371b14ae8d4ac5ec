/**
 * Which paths of a tree a COPY source names: a literal path, or a pattern of Go's filepath.Match matched part by part.
 * A matched directory is taken whole and not matched below (BuildKit, solver/llbsolver/file).
 */
import { compileMatch, hasMeta } from '../../dockerfile/index.ts'
import { Failure } from '../../base/index.ts'
import { cleanPath, joinPath, resolvePath, type Tree } from '../tree.ts'

export interface SourceMatches {
  /** paths in the tree as written, symbolic links not followed, in byte order */
  readonly paths: readonly string[]
  readonly isPattern: boolean
  /** the text climbs above the root of the tree; ".." is confined to it */
  readonly climbs: boolean
}

/** @throws Failure SOURCE_NOT_FOUND for a missing directory before the first wildcard | DOCKERFILE_INVALID */
export function matchSources(tree: Tree, text: string): SourceMatches {
  const path = cleanPath(text)
  const parts = path.split('/')
  const firstPattern = parts.findIndex((part) => hasMeta(part))
  const climbs = climbsAboveRoot(text)
  if (firstPattern < 0) return { paths: [path], isPattern: false, climbs }
  const start = parts.slice(0, firstPattern).join('/')
  const { path: canonicalStart, node } = resolvePath(tree, start)
  if (node === undefined)
    throw new Failure('SOURCE_NOT_FOUND', `"${start}" of "${text}" is not in ${tree.description}`)
  const starts = node.type === 'directory' ? [{ canonical: canonicalStart, written: start }] : []
  return { paths: matchBelow(tree, starts, parts.slice(firstPattern)), isPattern: true, climbs }
}

interface Candidate {
  readonly canonical: string
  readonly written: string
}

function matchBelow(tree: Tree, starts: readonly Candidate[], patterns: readonly string[]): string[] {
  let candidates = starts
  patterns
    .map((pattern) => compileMatch(pattern))
    .forEach((isMatch, index) => {
      const isLast = index === patterns.length - 1
      candidates = candidates.flatMap(({ canonical, written }) =>
        tree
          .children(canonical)
          .filter((name) => isMatch(name))
          .map((name) => ({ canonical: joinPath(canonical, name), written: joinPath(written, name) }))
          .filter((found) => isLast || tree.lookup(found.canonical)?.type === 'directory'),
      )
    })
  return candidates.map((found) => found.written)
}

function climbsAboveRoot(text: string): boolean {
  let depth = 0
  for (const part of text.split('/')) {
    if (part === '' || part === '.') continue
    depth += part === '..' ? -1 : 1
    if (depth < 0) return true
  }
  return false
}
