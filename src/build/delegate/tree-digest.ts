/** A digest of everything a tree holds, from metadata alone: what a builder that gets the tree could see. */
import { createHash } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodePathname, Failure, fsPath, type Waiting } from '../../base/index.ts'
import { fingerprintOf, sameFingerprint } from '../../layer/index.ts'
import { descendants, type Node, type Tree } from '../tree.ts'

/** As in build/racy.ts: a file changed within one tick of the clock could change again without showing it. */
const tickMs = 20
const coarseTickMs = 2000

/** Changes whenever a name, mode, link or file of the tree does. Waits until no file is too young to be sure of. */
export async function treeDigest(tree: Tree, { signal }: Waiting = {}): Promise<string> {
  const hash = createHash('sha256')
  let settledMs = 0
  for (const node of descendants(tree, '')) {
    hash.update(encodePathname(node.path))
    hash.update(`\0${node.type} ${node.mode} ${node.uid}:${node.gid} ${node.size} ${identity(node)}\0`)
    if (node.link !== undefined) hash.update(encodePathname(node.link))
    hash.update('\0')
    settledMs = Math.max(settledMs, settledAt(node))
  }
  const waitMs = settledMs - Date.now()
  // Times in the future never settle; then the digest is as good as it gets.
  if (waitMs > 0 && waitMs <= coarseTickMs) {
    await sleep(waitMs, undefined, signal && { signal })
  }
  return hash.digest('hex')
}

/** @throws Failure SOURCE_CHANGED when a file of the tree is no longer as it was when the tree was looked at */
export function checkUnchanged(tree: Tree): void {
  for (const { source } of descendants(tree, '')) {
    if (source?.kind !== 'file') continue
    const stats = lstatSync(fsPath(source.path), { bigint: true, throwIfNoEntry: false })
    if (stats !== undefined && sameFingerprint(fingerprintOf(stats), source.fingerprint)) continue
    throw new Failure('SOURCE_CHANGED', `${source.path} changed while a builder could read it`, {
      hint: 'run it again when nothing writes to the file',
    })
  }
}

function identity({ source }: Node): string {
  if (source?.kind !== 'file')
    return source === undefined ? '' : createHash('sha256').update(source.bytes).digest('hex')
  const { dev, ino, mtimeNs, ctimeNs } = source.fingerprint
  return `${dev} ${ino} ${mtimeNs} ${ctimeNs}`
}

function settledAt({ source }: Node): number {
  if (source?.kind !== 'file') return 0
  const { mtimeNs, ctimeNs } = source.fingerprint
  const isCoarse = mtimeNs % 1_000_000_000n === 0n && ctimeNs % 1_000_000_000n === 0n
  const latestMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n)
  return latestMs + (isCoarse ? coarseTickMs : tickMs)
}
