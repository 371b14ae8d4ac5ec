/**
 * A digest of what a builder can read of a tree, from metadata alone. A stage that copies single files is not built
 * again because others changed.
 */
import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodePathname, Failure, fsPath, type Waiting } from '../../base/index.ts'
import { fingerprintOf, sameFingerprint } from '../../layer/index.ts'
import { descendants, resolvePath, type Node, type Tree } from '../tree.ts'

export interface ReadTree {
  readonly tree: Tree
  /** files and folders that are read, as canonical paths; absent: everything */
  readonly reads?: readonly string[] | undefined
}

/** As in build/racy.ts: a file changed within one tick of the clock could change again without showing it. */
const tickMs = 20
const coarseTickMs = 2000

/** Changes whenever a name, mode, link or file that is read does. Waits until no file is too young to be sure of. */
export async function treeDigest(read: ReadTree, { signal }: Waiting = {}): Promise<string> {
  const hash = createHash('sha256')
  let settledMs = 0
  for (const node of readNodes(read)) {
    hash.update(encodePathname(node.path))
    hash.update(`\0${node.type} ${node.mode} ${node.uid}:${node.gid} ${node.size} ${identity(node)}\0`)
    if (node.link !== undefined) hash.update(encodePathname(node.link))
    hash.update('\0')
    settledMs = Math.max(settledMs, settledAt(node))
  }
  const waitMs = settledMs - Date.now()
  // Times in the future never settle; then the digest is as good as it gets.
  if (waitMs > 0 && waitMs <= coarseTickMs) await sleep(waitMs, undefined, signal && { signal })
  return hash.digest('hex')
}

/** @throws Failure SOURCE_CHANGED when a file that is read is no longer as it was when the tree was looked at */
export function checkUnchanged(read: ReadTree): void {
  for (const { source } of readNodes(read)) {
    if (source?.kind !== 'file') continue
    const stats = lstatSync(fsPath(source.path), { bigint: true, throwIfNoEntry: false })
    if (stats !== undefined && sameFingerprint(fingerprintOf(stats), source.fingerprint)) continue
    throw new Failure('SOURCE_CHANGED', `${source.path} changed while a builder could read it`, {
      hint: 'run it again when nothing writes to the file',
    })
  }
}

/** A symbolic link on the way leads who knows where: then everything counts. */
function* readNodes({ tree, reads }: ReadTree): Generator<Node> {
  if (reads === undefined || !reads.every((path) => isCanonical(tree, path))) {
    yield* descendants(tree, '')
    return
  }
  for (const path of reads) {
    const node = tree.lookup(path)
    if (node === undefined) continue
    yield node
    if (node.type === 'directory') yield* descendants(tree, path)
  }
}

function isCanonical(tree: Tree, path: string): boolean {
  try {
    return resolvePath(tree, path).path === path
  } catch {
    return false
  }
}

function identity({ source }: Node): string {
  if (source === undefined) return ''
  if (source.kind === 'file') {
    const { dev, ino, mtimeNs, ctimeNs } = source.fingerprint
    return `${dev} ${ino} ${mtimeNs} ${ctimeNs}`
  }
  return source.kind === 'bytes' ? createHash('sha256').update(source.bytes).digest('hex') : ''
}

function settledAt({ source }: Node): number {
  if (source?.kind !== 'file') return 0
  const { mtimeNs, ctimeNs } = source.fingerprint
  const isCoarse = mtimeNs % 1_000_000_000n === 0n && ctimeNs % 1_000_000_000n === 0n
  const latestMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n)
  return latestMs + (isCoarse ? coarseTickMs : tickMs)
}
