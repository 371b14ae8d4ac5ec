/** A build context that exists nowhere, as a real folder for builders that know no other. */
import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { encodePathname, Failure, fileFailure, fsPath, type Waiting } from '../../base/index.ts'
import { descendants, resolvePath, type Node, type Tree } from '../tree.ts'

/**
 * Copies a tree into an empty folder; files are cloned where the file system can. Hard links would be cheaper, but
 * change the ctime of the sources, by which everybody else sees that they are unchanged.
 * @param also further paths the tree answers to without listing them
 * @throws Failure SOURCE_UNSUPPORTED | FILE_SYSTEM | NO_SPACE
 */
export async function stageFolder(
  tree: Tree,
  folder: string,
  also: readonly string[] = [],
  { signal }: Waiting = {},
): Promise<void> {
  const directories: [string, number][] = []
  const put = async (node: Node, path: string): Promise<void> => {
    signal?.throwIfAborted()
    const target = join(folder, path)
    try {
      if (node.type === 'directory') directories.push([target, node.mode])
      await putNode(node, target)
    } catch (error) {
      throw fileFailure('write', target, error)
    }
  }
  await mkdir(folder, { recursive: true })
  for (const node of descendants(tree, '')) await put(node, node.path)
  for (const path of also) {
    const { node } = resolvePath(tree, path)
    if (node === undefined) continue
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await put(node, path)
    for (const below of node.type === 'directory' ? descendants(tree, path) : []) await put(below, below.path)
  }
  // Last and from the inside out: a folder may be read-only.
  for (const [path, mode] of directories.toReversed()) await chmod(fsPath(path), mode)
}

async function putNode(node: Node, target: string): Promise<void> {
  const { type, mode, source } = node
  if (type === 'directory') {
    await mkdir(fsPath(target), { recursive: true })
    return
  }
  if (type === 'symlink') {
    await symlink(encodePathname(node.link ?? ''), fsPath(target))
    return
  }
  if (type !== 'file') {
    throw new Failure('SOURCE_UNSUPPORTED', `"/${node.path}" is a ${type}, which no builder can be given`)
  }
  if (source?.kind === 'file') {
    await copyFile(fsPath(source.path), fsPath(target), constants.COPYFILE_FICLONE)
  } else {
    await writeFile(fsPath(target), source?.bytes ?? new Uint8Array())
  }
  await chmod(fsPath(target), mode)
}
