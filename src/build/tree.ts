/**
 * A file tree as the build sees it: metadata and where the bytes are, never the bytes.
 * Build contexts, base images and the stages of a Dockerfile all are trees. Paths are relative to the root without
 * leading or trailing "/"; the root itself is ''.
 */
import { Failure, type Waiting } from '../base/index.ts'
import type { Entry, FileSource } from '../layer/index.ts'

/** What stands at a path: an `Entry` of a layer whose `path` is where it was found. */
export interface Node extends Entry {
  /** a file of which only the metadata is known yet: `withContent` (stored-content.ts) gives it its source */
  readonly stored?: StoredContent
  /** files that have the same object here are one file with several names (hard links) */
  readonly inode?: object
}

/** Content that has to be fetched or unpacked before it can be copied. */
export interface StoredContent {
  /** contents of one store are loaded together, in one pass */
  readonly store: ContentStore
  /** name of this content in its store */
  readonly key: string
}

export interface ContentStore {
  /** Brings contents to this machine and says where each is. @throws Failure */
  load(keys: ReadonlySet<string>, options: Waiting): Promise<ReadonlyMap<string, FileSource>>
}

export interface Tree {
  /** for messages: `the build context ./app`, `stage "build"` */
  readonly description: string
  /** The node at exactly this path; symbolic links are not followed. */
  lookup(path: string): Node | undefined
  /** Names inside a directory, in byte order; nothing for what is no directory. */
  children(path: string): readonly string[]
}

export const rootNode: Node = { path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 }

export interface Resolved {
  /** canonical path: no part of it is a symbolic link */
  readonly path: string
  /** absent when nothing is there (the parents may be missing too) */
  readonly node: Node | undefined
}

/** Linux gives up after 40 links; BuildKit's root-confined walk after 255. */
const maximumLinks = 255

/**
 * Follows a path from the root through symbolic links, confined to the root (".." above it stays there).
 * Parts that do not exist are kept as they are, so the result says where something new would come to stand.
 * @param followLast whether a symbolic link as the last part is followed too; default true
 * @throws Failure COPY_CONFLICT for a loop of links or a file in the middle of the path
 */
export function resolvePath(tree: Tree, path: string, followLast = true): Resolved {
  let pending = path.split('/').filter(isPart)
  let done: string[] = []
  let links = 0
  while (pending.length > 0) {
    const part = pending.shift()!
    if (part === '..') {
      done.pop()
      continue
    }
    const here = [...done, part].join('/')
    const node = tree.lookup(here)
    const isLast = pending.length === 0
    if (node?.type === 'symlink' && (!isLast || followLast)) {
      if (++links > maximumLinks) throw loopFailure(tree, path, here)
      const target = node.link ?? ''
      if (target.startsWith('/')) done = []
      pending = [...target.split('/').filter(isPart), ...pending]
      continue
    }
    if (node !== undefined && node.type !== 'directory' && !isLast) {
      throw new Failure(
        'COPY_CONFLICT',
        `"/${path}" cannot be reached in ${tree.description}: "/${here}" is a ${node.type}, not a directory`,
      )
    }
    done.push(part)
  }
  const canonical = done.join('/')
  return { path: canonical, node: canonical === '' ? (tree.lookup('') ?? rootNode) : tree.lookup(canonical) }
}

/** Everything below a directory, parents before children, without the directory itself. */
export function* descendants(tree: Tree, path: string): Generator<Node> {
  for (const name of tree.children(path)) {
    const child = joinPath(path, name)
    const node = tree.lookup(child)
    if (node === undefined) continue
    yield node
    if (node.type === 'directory') yield* descendants(tree, child)
  }
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : name === '' ? directory : `${directory}/${name}`
}

export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Go's `path.Clean` of an absolute path, without the leading "/": `a//b/../c/` becomes `a/c`. */
export function cleanPath(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/').filter(isPart)) {
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

/** The directories above a path, outermost first, without the root. */
export function ancestors(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}

function isPart(part: string): boolean {
  return part !== '' && part !== '.'
}

function loopFailure(tree: Tree, path: string, here: string): Failure {
  return new Failure(
    'COPY_CONFLICT',
    `"/${path}" cannot be reached in ${tree.description}: too many symbolic links at "/${here}"`,
  )
}
