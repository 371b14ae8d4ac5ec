/** What of a source folder a COPY takes: include rules (--parents) and exclude rules, as BuildKit's fsutil applies them. */
import { hasMeta, ignoreRules, type IgnoreRules, type Word } from '../../dockerfile/index.ts'
import { joinPath, type Node, type Tree } from '../tree.ts'

/** Which paths below a source are taken; all when there are no rules. */
export interface IncludeRules {
  /** whether a path, or a folder above it, matches */
  includes(path: string): boolean
  /** whether something below a folder that is not included can be */
  canHold(folder: string): boolean
}

export interface WalkRules {
  readonly include?: IncludeRules | undefined
  readonly exclude?: IgnoreRules | undefined
}

export interface Step {
  readonly node: Node
  /** path below the walk's root */
  readonly relative: string
  /** not taken itself: a folder on the way to something that is */
  readonly isParent: boolean
}

/** The rules of one pattern of `COPY --parents`, which is relative to its pivot. Throws `DOCKERFILE_INVALID`. */
export function includeRules(pattern: Word): IncludeRules {
  const rules = ignoreRules([pattern])
  const parts = pattern.text.split('/')
  const firstPattern = parts.findIndex((part) => hasMeta(part))
  const literal = parts.slice(0, firstPattern < 0 ? parts.length : firstPattern).join('/')
  return {
    includes: (path) => rules.excludes(path),
    canHold: (folder) =>
      literal === '' || literal.startsWith(`${folder}/`) || `${folder}/`.startsWith(`${literal}/`),
  }
}

/** Everything below `root` that the rules take, folders before what is in them, in byte order. */
export function* walk(tree: Tree, root: string, rules: WalkRules): Generator<Step> {
  yield* walkFolder({ tree, root, rules, parents: [] }, '')
}

interface Walk {
  readonly tree: Tree
  readonly root: string
  readonly rules: WalkRules
  /** folders above that are not taken themselves and not yielded yet, outermost first */
  readonly parents: Step[]
}

function* walkFolder(walk: Walk, folder: string): Generator<Step> {
  const { tree, root, rules, parents } = walk
  for (const name of tree.children(joinPath(root, folder))) {
    const relative = joinPath(folder, name)
    const node = tree.lookup(joinPath(root, relative))
    if (node === undefined) continue
    const isExcluded = rules.exclude?.excludes(relative) === true
    const isTaken = !isExcluded && rules.include?.includes(relative) !== false
    if (isTaken) {
      yield* parents.splice(0)
      yield { node, relative, isParent: false }
    }
    if (node.type !== 'directory' || !canHold(rules, relative, isExcluded, isTaken)) continue
    if (!isTaken) parents.push({ node, relative, isParent: true })
    yield* walkFolder(walk, relative)
    if (parents.at(-1)?.relative === relative) parents.pop()
  }
}

function canHold(
  { include, exclude }: WalkRules,
  folder: string,
  isExcluded: boolean,
  isTaken: boolean,
): boolean {
  if (isExcluded && exclude?.canSkipDirectory(folder) === true) return false
  return isTaken || include === undefined || include.includes(folder) || include.canHold(folder)
}
