/**
 * Everything that is kept below the cache folder. Each kind has a place of its own that is named here and nowhere else,
 * so that `slipway cache` sees all of it; a test runs the program and fails at a name that is not in this table.
 * A number in a name is raised when what is kept there is written differently; what has another number is outdated.
 */
import { join } from 'node:path'

export interface CachePlace {
  /** name of a file or folder in the cache folder */
  readonly path: string
  /** for people */
  readonly what: string
  readonly shape: CacheShape
  /** how an entry shows that it is whole; absent: nothing tells */
  readonly proof?: CacheProof
  /** builds hand out paths of files in it, which must stay while a build runs */
  readonly isHandedOut?: true
  /** what it is not kept for: a folder for each program version below it, others are outdated */
  readonly isPerVersion?: true
}

export type CacheShape =
  /** a log of digests (layer-log.ts): every line is an entry */
  | { readonly kind: 'log' }
  /** files or folders that match one of these patterns of names, each an entry */
  | { readonly kind: 'entries'; readonly patterns: readonly string[] }

export type CacheProof =
  /** files named by their sha256 digest; what lies deeper than an entry is part of it */
  | { readonly kind: 'digest'; readonly patterns: readonly string[] }
  /** texts of memo-files.ts, gzip or JSON */
  | { readonly kind: 'checksum' | 'gzip' | 'json' }

const byDigest = (...patterns: string[]): CacheProof => ({ kind: 'digest', patterns })
const checksum: CacheProof = { kind: 'checksum' }
const json: CacheProof = { kind: 'json' }
const entries = (...patterns: string[]): CacheShape => ({ kind: 'entries', patterns })
const log: CacheShape = { kind: 'log' }

export const cachePlaces = {
  layers: { path: 'layers-2.log', what: 'digests of layers', shape: log },
  slots: { path: 'slots-1.log', what: 'sizes of files in large layers', shape: log },
  recipes: { path: 'recipes-1', what: 'the files of each layer', shape: entries('*'), proof: checksum },
  builds: {
    path: 'builds',
    what: 'remembered builds',
    shape: entries('*/*'),
    proof: checksum,
    isPerVersion: true,
  },
  history: { path: 'history-1', what: 'last build of each image', shape: entries('*'), proof: checksum },
  compressed: { path: 'packed-2.log', what: 'digests of compressed layers', shape: log },
  packed: {
    path: 'packed-1',
    what: 'compressed layers',
    shape: entries('*'),
    proof: byDigest('*'),
    isHandedOut: true,
  },
  fileDigests: { path: 'files-2.log', what: 'digests of files, for provenance', shape: log },
  packages: { path: 'packages-1', what: 'packages found in layers', shape: entries('*'), proof: json },
  documents: {
    path: 'documents',
    what: 'manifests and configs of bases',
    shape: entries('*'),
    proof: byDigest('*'),
  },
  trees: { path: 'trees-1', what: 'file lists of base layers', shape: entries('*'), proof: { kind: 'gzip' } },
  baseFiles: {
    path: 'files',
    what: 'files copied from base layers',
    shape: entries('*/*'),
    isHandedOut: true,
  },
  downloads: {
    path: 'downloads-1',
    what: 'downloads of ADD',
    shape: entries('sha256/*', 'urls/*'),
    proof: byDigest('sha256/*'),
    isHandedOut: true,
  },
  archives: {
    path: 'archives-1',
    what: 'unpacked archives of ADD',
    shape: entries('*', 'known/*'),
    isHandedOut: true,
  },
  git: { path: 'git-1', what: 'repositories and checkouts of ADD', shape: entries('*'), isHandedOut: true },
  delegated: {
    path: 'delegated-1',
    what: 'stages of other builders',
    shape: entries('*'),
    proof: byDigest('*/blobs/sha256/*'),
    isHandedOut: true,
  },
  pushed: {
    path: 'pushed-1',
    what: 'content of images that were pushed',
    shape: entries('*'),
    proof: checksum,
  },
  hosts: { path: 'hosts-1', what: 'notes about registries', shape: entries('*'), proof: json },
} as const satisfies Readonly<Record<string, CachePlace>>

export type CacheName = keyof typeof cachePlaces

/** The file or folder of a kind. @param cache the cache folder */
export function cachePath(cache: string, name: CacheName): string {
  return join(cache, cachePlaces[name].path)
}

/** What is no kind of its own: which builds run, and locks. */
export const cacheUseFolder = 'in-use'

/** Which kind a name in the cache folder belongs to, and whether an earlier or later program left it. */
export function placeOfName(name: string): { place: CacheName; isOutdated: boolean } | undefined {
  for (const [place, { path }] of Object.entries(cachePlaces) as [CacheName, CachePlace][]) {
    if (name === path) return { place, isOutdated: false }
    const [, stem, end] = /^(.*?)-\d+(\.log)?$/.exec(path) ?? []
    const other = stem && /^(.*?)-\d+(\.log)?$/.exec(name)
    if (other && other[1] === stem && other[2] === end) return { place, isOutdated: true }
  }
  return undefined
}
