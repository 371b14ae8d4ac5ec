/**
 * What one COPY or ADD changes in an image's tree: BuildKit's copy (fsutil/copy) decided on metadata alone.
 * Every destination and parent is resolved through the image's own symbolic links, so the layer holds canonical
 * paths and means the same on every runtime; existing parents are listed with the attributes they have.
 */
import { Failure, nearest, type Place } from '../../base/index.ts'
import type { IgnoreRules } from '../../dockerfile/index.ts'
import { baseName, cleanPath, joinPath, parentPath, resolvePath, type Node, type Tree } from '../tree.ts'
import { extract, type Archive } from './extract.ts'
import { identityOf } from './identity.ts'
import type { ModeChange } from './mode.ts'
import type { Owner } from './owner.ts'
import { walk, type IncludeRules } from './walk.ts'
import { startChange, type Change, type WorkingChange } from './working-change.ts'

export interface CopySource {
  readonly tree: Tree
  /** path in the tree, symbolic links not followed yet */
  readonly path: string
  readonly place: Place
  /** of a directory only what these rules include, with the directories on the way to it */
  readonly include?: IncludeRules | undefined
  /** unpacked into the destination instead of copied */
  readonly archive?: Archive | undefined
}

export interface CopyOptions {
  readonly owner?: Owner | undefined
  readonly mode?: ModeChange | undefined
  /** an octal mode is also given, without its setuid, setgid and sticky bits, to directories the copy creates */
  readonly createdMode?: number | undefined
  /** relative to each source that is a directory; a file that is named itself is never excluded */
  readonly exclude?: IgnoreRules | undefined
}

/**
 * @param destination absolute path in the image; a "/" at the end, or several sources, make it a directory
 * @throws Failure SOURCE_NOT_FOUND | SOURCE_UNSUPPORTED | COPY_CONFLICT | ARCHIVE_INVALID
 */
export function copyInto(
  image: Tree,
  sources: readonly CopySource[],
  destination: string,
  options: CopyOptions = {},
): Change {
  const change = startChange(image)
  const isDirectory = /(?:^|\/)\.?$/.test(destination) || sources.length > 1
  const path = cleanPath(destination)
  for (const source of sources) {
    if (source.archive !== undefined) {
      const { owner } = options
      extract(change, source.archive, change.makeDirectories(path, { owner }), { owner, place: source.place })
      continue
    }
    change.makeDirectories(isDirectory ? path : parentPath(path), createdBy(options))
    copySource(change, source, path, options)
  }
  return change.finish()
}

/** The directories a WORKDIR creates: nothing when it exists. */
export function makeDirectory(image: Tree, path: string, owner: Owner | undefined): Change {
  const change = startChange(image)
  change.makeDirectories(cleanPath(path), { owner })
  return change.finish()
}

function copySource(
  change: WorkingChange,
  source: CopySource,
  destination: string,
  options: CopyOptions,
): void {
  const from = resolvePath(source.tree, source.path).node
  if (from === undefined) throw notFound(source)
  const target = resolvePath(change.tree, destination)
  const seen = new Map<unknown, string>()
  if (from.type !== 'directory') {
    const inside = target.node?.type === 'directory'
    const to = inside ? joinPath(target.path, baseName(source.path)) : target.path
    change.makeDirectories(parentPath(to), createdBy(options))
    copyNode(change, { source, from, to, seen, options })
    return
  }
  if (target.node !== undefined && target.node.type !== 'directory')
    throw overNonDirectory(source, from, target.node)
  const root = change.makeDirectories(target.path, createdBy(options))
  const rules = { include: source.include, exclude: options.exclude }
  for (const { node, relative, isParent } of walk(source.tree, from.path, rules)) {
    const copied = { source, from: node, to: joinPath(root, relative), seen, options }
    if (isParent) copyParent(change, copied)
    else copyNode(change, copied)
  }
}

interface Copied {
  readonly source: CopySource
  readonly from: Node
  /** canonical path in the image */
  readonly to: string
  /** where each file of this source that can have several names was put first */
  readonly seen: Map<unknown, string>
  readonly options: CopyOptions
}

function copyNode(change: WorkingChange, { source, from, to, seen, options }: Copied): void {
  const existing = change.tree.lookup(to)
  const node = applyOptions({ ...from, path: to }, options)
  if (from.type === 'directory') {
    if (existing !== undefined && existing.type !== 'directory')
      throw overNonDirectory(source, from, existing)
    change.put(node)
    return
  }
  if (existing?.type === 'directory') throw overDirectory(source, from, to)
  const identity = identityOf(from)
  const earlier = identity === undefined ? undefined : seen.get(identity)
  if (earlier !== undefined && earlier !== to) {
    change.putLink(node, earlier)
    return
  }
  if (identity !== undefined) seen.set(identity, to)
  change.put(node)
}

/** A directory that is only on the way is made like its source; when it exists it takes over the bare mode, no more. */
function copyParent(change: WorkingChange, { source, from, to, options }: Copied): void {
  const existing = change.tree.lookup(to)
  if (existing === undefined) change.put(applyOptions({ ...from, path: to }, options))
  else if (existing.type === 'directory') change.put({ ...existing, mode: from.mode })
  else throw overNonDirectory(source, from, existing)
}

function createdBy({ owner, createdMode }: CopyOptions) {
  return { owner, mode: createdMode === undefined ? undefined : createdMode & 0o777 }
}

function applyOptions(node: Node, options: CopyOptions): Node {
  const mode = options.mode !== undefined && node.type !== 'symlink' ? options.mode(node) : node.mode
  const { uid, gid } = options.owner ?? node
  return { ...node, mode, uid, gid }
}

function notFound(source: CopySource): Failure {
  const { tree, path, place } = source
  const names = tree.children(parentPath(path))
  const near = nearest(baseName(path), names)
  return new Failure('SOURCE_NOT_FOUND', `"${path || '/'}" is not in ${tree.description}`, {
    at: place,
    hint:
      near !== undefined ? `did you mean "${joinPath(parentPath(path), near)}"?` : describeNames(path, names),
  })
}

function describeNames(path: string, names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ')
  const folder = parentPath(path) === '' ? 'it' : `"${parentPath(path)}"`
  if (names.length === 0) return `there is nothing in ${folder}, or .dockerignore leaves it out`
  return `in ${folder} there is ${shown}${names.length > 8 ? `, and ${names.length - 8} more` : ''}`
}

function overNonDirectory(source: CopySource, from: Node, existing: Node): Failure {
  const link = existing.type === 'symlink' ? ` to "${existing.link}"` : ''
  return new Failure(
    'COPY_CONFLICT',
    `cannot copy the directory "${from.path}" over "/${existing.path}", which is a ${existing.type}${link}`,
    { at: source.place, hint: 'copy into the directory it stands for, or under another name' },
  )
}

function overDirectory(source: CopySource, from: Node, to: string): Failure {
  return new Failure(
    'COPY_CONFLICT',
    `cannot copy the ${from.type} "${from.path}" over "/${to}", which is a directory`,
    {
      at: source.place,
      hint: `to put it inside, write the destination as /${to}/`,
    },
  )
}
