/**
 * What one COPY changes in an image's tree: BuildKit's copy (fsutil/copy) decided on metadata alone.
 * Every destination and parent is resolved through the image's own symbolic links, so the layer holds canonical
 * paths and means the same on every runtime; existing parents are listed with the attributes they have.
 */
import { Failure, formatPlace, type Place } from '../../base/index.ts'
import type { IgnoreRules } from '../../dockerfile/index.ts'
import {
  ancestors,
  baseName,
  cleanPath,
  joinPath,
  parentPath,
  resolvePath,
  type Node,
  type Tree,
} from '../tree.ts'
import type { ModeChange } from './mode.ts'
import type { Owner } from './owner.ts'

export interface CopySource {
  readonly tree: Tree
  /** path in the tree, symbolic links not followed yet */
  readonly path: string
  readonly place: Place
}

export interface CopyOptions {
  readonly owner?: Owner | undefined
  readonly mode?: ModeChange | undefined
  /** an octal mode is also given, without its setuid, setgid and sticky bits, to directories the copy creates */
  readonly createdMode?: number | undefined
  readonly exclude?: IgnoreRules | undefined
}

export interface Change {
  /** new and replaced nodes, and every directory above them, by canonical path */
  readonly nodes: ReadonlyMap<string, Node>
  /** path -> earlier path of the same change that is the same file on the host */
  readonly hardLinks: ReadonlyMap<string, string>
}

/**
 * @param destination absolute path in the image; a "/" at the end, or several sources, make it a directory
 * @throws Failure SOURCE_NOT_FOUND | SOURCE_UNSUPPORTED | COPY_CONFLICT
 */
export function copyInto(
  image: Tree,
  sources: readonly CopySource[],
  destination: string,
  options: CopyOptions = {},
): Change {
  const change = startChange(image, options)
  const isDirectory = /(?:^|\/)\.?$/.test(destination) || sources.length > 1
  const path = cleanPath(destination)
  change.makeDirectories(isDirectory ? path : parentPath(path))
  for (const source of sources) change.copy(source, path)
  return change.finish()
}

/** The directories a WORKDIR creates: nothing when it exists. */
export function makeDirectory(image: Tree, path: string, owner: Owner | undefined): Change {
  const change = startChange(image, { owner })
  change.makeDirectories(cleanPath(path))
  return change.finish()
}

function startChange(image: Tree, options: CopyOptions) {
  const nodes = new Map<string, Node>()
  const hardLinks = new Map<string, string>()
  const work: Tree = {
    description: image.description,
    lookup: (path) => nodes.get(path) ?? image.lookup(path),
    children: (path) => image.children(path),
  }

  const makeDirectories = (path: string): string => {
    const { path: canonical, node } = resolvePath(work, path)
    if (node !== undefined && node.type !== 'directory') throw notDirectory(work, canonical, node)
    for (const directory of canonical === '' ? [] : [...ancestors(canonical), canonical]) {
      const existing = work.lookup(directory)
      if (existing === undefined) nodes.set(directory, createdDirectory(directory, options))
      else if (existing.type !== 'directory') throw notDirectory(work, directory, existing)
    }
    return canonical
  }

  const put = (node: Node, from: Node): void => {
    nodes.set(node.path, applyOptions(node, from, options))
  }

  const copyNode = (source: CopySource, from: Node, to: string, seen: Map<string, string>): void => {
    const existing = work.lookup(to)
    if (from.type === 'directory') {
      if (existing !== undefined && existing.type !== 'directory')
        throw overNonDirectory(source, from, existing)
      put({ ...from, path: to }, from)
      return
    }
    if (existing?.type === 'directory') throw overDirectory(source, from, to)
    if (from.type !== 'file' && from.type !== 'symlink') {
      throw new Failure(
        'SOURCE_UNSUPPORTED',
        `"${from.path}" in ${source.tree.description} is a ${from.type} and cannot be copied`,
        { at: source.place },
      )
    }
    const identity = hostIdentity(from)
    const earlier = identity === undefined ? undefined : seen.get(identity)
    hardLinks.delete(to)
    if (earlier !== undefined && earlier !== to) hardLinks.set(to, earlier)
    else if (identity !== undefined) seen.set(identity, to)
    put({ ...from, path: to }, from)
  }

  const copyContents = (source: CopySource, from: Node, to: string): void => {
    const seen = new Map<string, string>()
    for (const { node, relative } of included(source.tree, from.path, options.exclude)) {
      copyNode(source, node, joinPath(to, relative), seen)
    }
  }

  return {
    makeDirectories,
    copy(source: CopySource, destination: string): void {
      const from = resolvePath(source.tree, source.path).node
      if (from === undefined) throw notFound(source)
      const target = resolvePath(work, destination)
      if (from.type === 'directory') {
        if (target.node !== undefined && target.node.type !== 'directory')
          throw overNonDirectory(source, from, target.node)
        copyContents(source, from, makeDirectories(target.path))
        return
      }
      const inside = target.node?.type === 'directory'
      const to = inside ? joinPath(target.path, baseName(source.path)) : target.path
      if (options.exclude?.excludes(baseName(source.path)) === true) return
      makeDirectories(parentPath(to))
      copyNode(source, from, to, new Map())
    },
    finish(): Change {
      for (const path of [...nodes.keys()]) {
        for (const directory of ancestors(path)) {
          if (!nodes.has(directory)) nodes.set(directory, image.lookup(directory)!)
        }
      }
      return { nodes, hardLinks }
    },
  }
}

/** Everything below a directory that no exclude rule drops; a dropped directory stays when something below it stays. */
function* included(
  tree: Tree,
  root: string,
  exclude: IgnoreRules | undefined,
  relative = '',
): Generator<{ node: Node; relative: string }> {
  for (const name of tree.children(joinPath(root, relative))) {
    const inner = joinPath(relative, name)
    const node = tree.lookup(joinPath(root, inner))
    if (node === undefined) continue
    const isExcluded = exclude?.excludes(inner) === true
    if (node.type !== 'directory') {
      if (!isExcluded) yield { node, relative: inner }
      continue
    }
    if (!isExcluded) {
      yield { node, relative: inner }
      yield* included(tree, root, exclude, inner)
    } else if (exclude?.canSkipDirectory(inner) === false) {
      const below = [...included(tree, root, exclude, inner)]
      if (below.length > 0) yield { node, relative: inner }
      yield* below
    }
  }
}

function createdDirectory(path: string, options: CopyOptions): Node {
  const { uid, gid } = options.owner ?? { uid: 0, gid: 0 }
  return { path, type: 'directory', mode: (options.createdMode ?? 0o755) & 0o777, uid, gid, mtime: 0, size: 0 }
}

function applyOptions(node: Node, from: Node, options: CopyOptions): Node {
  const mode = options.mode !== undefined && from.type !== 'symlink' ? options.mode(from) : node.mode
  const { uid, gid } = options.owner ?? node
  return { ...node, mode, uid, gid }
}

/** What says that two nodes are one file of the host. */
function hostIdentity(node: Node): string | undefined {
  if (node.source?.kind !== 'file') return undefined
  return `${node.source.fingerprint.dev}:${node.source.fingerprint.ino}`
}

function notFound(source: CopySource): Failure {
  return new Failure('SOURCE_NOT_FOUND', `"${source.path || '/'}" is not in ${source.tree.description}`, {
    at: source.place,
  })
}

function notDirectory(image: Tree, path: string, node: Node): Failure {
  return new Failure(
    'COPY_CONFLICT',
    `"/${path}" of ${image.description} is a ${node.type}, so nothing can be put below it`,
  )
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
      hint: `end the destination with "/" to put it inside (${formatPlace(source.place)})`,
    },
  )
}
