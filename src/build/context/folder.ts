/**
 * A folder of the host as a tree. Nothing is read but names and `lstat`; each path is looked at once per run, so every
 * image, variant and platform sees the same state of it.
 * Owners of the host are not taken over: everything belongs to 0:0 (Dockerfile reference, COPY).
 */
import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs'
import { comparePathnames, decodePathname, fileFailure, fsPath, systemCode } from '../../base/index.ts'
import type { IgnoreRules } from '../../dockerfile/index.ts'
import { fingerprintOf } from '../../layer/index.ts'
import { joinPath, type Node, type Tree } from '../tree.ts'
import { observeStats, type Witness } from './observation.ts'

export interface FolderOptions {
  readonly description: string
  /** rules of .dockerignore; default none */
  readonly ignore?: IgnoreRules | undefined
  /** seconds since the epoch for every entry; default 0 */
  readonly mtime?: number
  /** told of entries that are left out because no layer can hold them */
  readonly warn?: (message: string) => void
}

/** A tree of the host that can tell what was looked at of it. */
export interface HostTree extends Tree {
  /** the same tree, every look through it witnessed */
  readonly watched: (witness: Witness) => Tree
}

interface Seen {
  readonly node: Node | undefined
  readonly observation: string
}

/** A tree over a host folder. The folder itself need not exist before the first look. */
export function folderTree(folder: string, options: FolderOptions): HostTree {
  const nodes = new Map<string, Seen>()
  const listings = new Map<string, readonly string[]>()
  const hostPath = (path: string): string => (path === '' ? folder : `${folder}/${path}`)
  const { ignore, description } = options

  const watched = (witness?: Witness): Tree => {
    const peek = (path: string): Node | undefined => {
      let seen = nodes.get(path)
      if (!seen) nodes.set(path, (seen = look(hostPath(path), path, options)))
      witness?.node(hostPath(path), seen.observation)
      return seen.node
    }
    const list = (path: string): readonly string[] => {
      if (peek(path)?.type !== 'directory') return []
      let names = listings.get(path)
      if (!names) listings.set(path, (names = hostNames(hostPath(path))))
      witness?.names(hostPath(path), names)
      return names
    }
    const hasIncludedBelow = (path: string): boolean =>
      list(path).some((name) => {
        const child = joinPath(path, name)
        return isIncluded(child)
      })
    const isIncluded = (path: string): boolean => {
      if (path === '' || ignore === undefined || !ignore.excludes(path)) return true
      return peek(path)?.type === 'directory' && !ignore.canSkipDirectory(path) && hasIncludedBelow(path)
    }
    return {
      description,
      lookup: (path) => {
        const node = peek(path)
        return node !== undefined && isIncluded(path) ? node : undefined
      },
      children: (path) => list(path).filter((name) => isIncluded(joinPath(path, name))),
    }
  }
  return { ...watched(), watched }
}

/**
 * One host path: no node when it does not exist or is a socket (no tar can hold one; a warning says so).
 * @throws Failure FILE_SYSTEM
 */
function look(hostPath: string, path: string, options: Pick<FolderOptions, 'mtime' | 'warn'>): Seen {
  let stats: BigIntStats | undefined
  try {
    stats = lstatSync(fsPath(hostPath), { bigint: true })
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR')
      throw fileFailure('look at', hostPath, error)
  }
  const link = stats?.isSymbolicLink() ? hostLink(hostPath) : undefined
  const node = stats && hostNode(hostPath, path, { stats, link, options })
  return { node, observation: observeStats(stats, link) }
}

interface Look {
  readonly stats: BigIntStats
  readonly link: string | undefined
  readonly options: Pick<FolderOptions, 'mtime' | 'warn'>
}

function hostNode(hostPath: string, path: string, { stats, link, options }: Look): Node | undefined {
  const common = {
    path,
    mode: Number(stats.mode & 0o7777n),
    uid: 0,
    gid: 0,
    mtime: options.mtime ?? 0,
    size: 0,
  }
  if (stats.isDirectory()) return { ...common, type: 'directory' }
  if (link !== undefined) return { ...common, type: 'symlink', mode: 0o777, link }
  if (stats.isFile()) {
    const source = { kind: 'file', path: hostPath, fingerprint: fingerprintOf(stats) } as const
    return { ...common, type: 'file', size: Number(stats.size), ...(stats.size > 0n && { source }) }
  }
  if (stats.isFIFO()) return { ...common, type: 'fifo' }
  if (stats.isSocket()) {
    options.warn?.(`${hostPath} is a socket and is left out`)
    return undefined
  }
  return { ...common, type: stats.isBlockDevice() ? 'block' : 'character', device: deviceOf(stats.rdev) }
}

/** The parts of a Linux device number (makedev(3)). */
function deviceOf(number: bigint): { major: number; minor: number } {
  return {
    major: Number(((number >> 8n) & 0xfffn) | ((number >> 32n) & ~0xfffn)),
    minor: Number((number & 0xffn) | ((number >> 12n) & 0xffffff00n)),
  }
}

export function hostLink(hostPath: string): string {
  return decodePathname(readlinkSync(fsPath(hostPath), { encoding: 'buffer' }))
}

export function hostNames(hostPath: string): readonly string[] {
  const names = readdirSync(fsPath(hostPath), { encoding: 'buffer' })
  return names.map((name) => decodePathname(name)).toSorted(comparePathnames)
}
