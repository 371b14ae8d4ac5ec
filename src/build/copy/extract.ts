/**
 * What unpacking an archive changes in an image's tree, as BuildKit does it for ADD (moby/go-archive `Unpack`, run in
 * a root of its own at the destination): names and links cannot leave the destination, what exists is replaced,
 * directories are merged, the last of several entries with one name wins. Pure.
 */
import { Failure, type Place } from '../../base/index.ts'
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
import type { Owner } from './owner.ts'
import type { WorkingChange } from './working-change.ts'

export interface Archive {
  /** for messages: `rootfs.tar.xz` */
  readonly description: string
  /** in the order of the archive, paths relative to where it is unpacked, without ".."; '' is the destination itself */
  readonly entries: readonly Node[]
}

export interface ExtractOptions {
  /** replaces the owners of the archive; directories it does not list belong to 0:0 all the same */
  readonly owner?: Owner | undefined
  readonly place: Place
}

/**
 * @param destination canonical path of a directory that exists
 * @throws Failure COPY_CONFLICT | ARCHIVE_INVALID
 */
export function extract(
  change: WorkingChange,
  archive: Archive,
  destination: string,
  options: ExtractOptions,
): void {
  const inside = rootedTree(change.tree, destination)
  /** every name of a file this archive has put, for attributes that come with a later name of it */
  const names = new Map<object, string[]>()
  /** directories of the image that are something else now, with all they held gone */
  const replaced = new Set<string>()
  for (const entry of archive.entries) {
    if (entry.path === '') continue
    try {
      const directory = resolveParent(inside, parentPath(entry.path))
      const parent = change.makeDirectories(joinPath(destination, directory))
      const path = joinPath(parent, baseName(entry.path))
      const owned = { ...entry, ...options.owner, path }
      const target = entry.type === 'hardlink' ? linkTarget(inside, destination, owned) : undefined
      const node = target === undefined ? owned : linkedNode(target, owned)
      const existing = change.tree.lookup(path)
      if (existing?.type === 'directory' && node.type !== 'directory') {
        change.removeBelow(path)
        replaced.add(path)
      }
      if (node.type === 'directory' && existing?.type !== 'directory' && replaced.has(path))
        throw reappears(path)
      if (target !== undefined) putLink(change, node, target.path, names)
      else if (node.type === 'file') {
        const inode = {}
        change.put({ ...node, inode })
        names.set(inode, [path])
      } else change.put(node)
    } catch (error) {
      throw explained(error, archive, entry, options.place)
    }
  }
}

/** The tree below a directory, where links are followed as if it were the root. */
function rootedTree(tree: Tree, root: string): Tree {
  return {
    description: root === '' ? tree.description : `"/${root}" of ${tree.description}`,
    lookup: (path) => tree.lookup(joinPath(root, path)),
    children: (path) => tree.children(joinPath(root, path)),
  }
}

/** Where a directory is, behind the links on the way, which must not lead nowhere. */
function resolveParent(inside: Tree, path: string): string {
  for (const part of [...ancestors(path), path]) {
    const { path: before, node } = resolvePath(inside, part, false)
    if (node?.type === 'symlink' && resolvePath(inside, before).node === undefined)
      throw new Failure('ARCHIVE_INVALID', `"${part}" is a link to "${node.link}", where nothing is`)
  }
  return resolvePath(inside, path).path
}

/** What a hard link names: anything in the destination but a directory or itself. */
function linkTarget(inside: Tree, root: string, link: Node): Node {
  const target = cleanPath(link.link ?? '')
  const path = joinPath(resolveParent(inside, parentPath(target)), baseName(target))
  const node = inside.lookup(path)
  if (node !== undefined && node.type !== 'directory' && joinPath(root, path) !== link.path)
    return { ...node, path: joinPath(root, path) }
  const why = node?.type === 'directory' ? 'a directory' : 'not there'
  throw new Failure('ARCHIVE_INVALID', `it is a hard link to "${target}", which is ${why}`)
}

/** The target with the path and the attributes of the link: they are the file's from then on. */
function linkedNode(target: Node, link: Node): Node {
  const { path, uid, gid, xattrs } = link
  const mode = target.type === 'symlink' ? target.mode : link.mode
  return { ...target, path, mode, uid, gid, ...(xattrs && { xattrs }) }
}

function putLink(change: WorkingChange, linked: Node, target: string, names: Map<object, string[]>): void {
  const { path, type, inode = {} } = linked
  // A name that the archive has given to another file since is no name of this one.
  const others = (names.get(inode) ?? [target]).filter(
    (name) => name !== path && isSame(change.tree.lookup(name), linked),
  )
  const all = [...others, path]
  names.set(inode, all)
  for (const name of all) {
    const node = { ...linked, inode, path: name }
    if (name === all[0] || type !== 'file') change.put(node)
    else change.putLink(node, all[0]!)
  }
}

function isSame(node: Node | undefined, other: Node): boolean {
  return node?.type === other.type && node.inode === other.inode && node.source === other.source
}

function reappears(path: string): Failure {
  return new Failure(
    'ARCHIVE_INVALID',
    `it replaces the directory "/${path}" of the image and then makes it again, which one layer cannot say`,
  )
}

function explained(error: unknown, archive: Archive, entry: Node, at: Place): unknown {
  if (!(error instanceof Failure)) return error
  return new Failure(
    error.code,
    `"${entry.path}" of ${archive.description} cannot be unpacked: ${error.message}`,
    { at, hint: error.hint, cause: error },
  )
}
