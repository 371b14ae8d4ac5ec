/** The file system of an image, all layers merged, as one recipe: what a container would see of it. */
import type { Waiting } from '../../../base/index.ts'
import { makeRecipe, type Entry, type Recipe } from '../../../layer/index.ts'
import { formatPlatform } from '../../../oci/index.ts'
import { identityOf } from '../../copy/identity.ts'
import type { BuiltImage } from '../../image.ts'
import { withContent } from '../../stored-content.ts'
import { descendants, joinPath, type Node, type Tree } from '../../tree.ts'

/**
 * Files of one platform stand at the root; those of several in a folder each, such as `linux_arm64`, as in buildx.
 * Contents of base images are brought to this machine.
 */
export async function imageFiles({ platforms }: BuiltImage, options: Waiting = {}): Promise<Recipe> {
  const entries: Entry[] = []
  for (const { platform, tree } of platforms) {
    const folder = platforms.length > 1 ? formatPlatform(platform).replaceAll('/', '_') : ''
    if (folder !== '')
      entries.push({ path: folder, type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0, size: 0 })
    entries.push(...(await treeEntries(await tree(), folder, options)))
  }
  return makeRecipe(entries)
}

async function treeEntries(tree: Tree, folder: string, options: Waiting): Promise<Entry[]> {
  const nodes = await withContent([...descendants(tree, '')], options)
  const firstNames = new Map<unknown, Node>()
  return nodes.map((node): Entry => {
    const { inode: _, stored: __, ...entry } = node
    const path = joinPath(folder, node.path)
    const identity = node.size > 0 ? identityOf(node) : undefined
    const first = identity === undefined ? undefined : firstNames.get(identity)
    if (first === undefined || !hasSameAttributes(first, node)) {
      if (identity !== undefined && first === undefined) firstNames.set(identity, node)
      return { ...entry, path }
    }
    const { source: ___, ...link } = entry
    return { ...link, path, type: 'hardlink', link: joinPath(folder, first.path), size: 0 }
  })
}

/** Names of one file in different layers may have come apart. */
function hasSameAttributes(a: Node, b: Node): boolean {
  return a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.mtime === b.mtime
}
