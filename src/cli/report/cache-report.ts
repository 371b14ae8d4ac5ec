/** The cache as people and programs read it. */
import { styleText } from 'node:util'
import type { CacheEntry, CacheParts, ListedPart, Verification } from '../../store/index.ts'
import { printable } from './failure.ts'
import { formatTable } from './table.ts'
import { formatBytes, plural } from './units.ts'

/** What `cache info --json` prints: a public contract, fields are only added. */
export interface CacheInfo {
  readonly folder: string
  readonly entries: number
  readonly bytes: number
  readonly parts: readonly CachePartInfo[]
  /** names in the folder that are not of this program, and stay */
  readonly unknown: readonly string[]
}

export interface CachePartInfo {
  readonly name: string
  readonly what: string
  readonly entries: number
  readonly bytes: number
  /** left by other versions of the program, of all */
  readonly outdated: { readonly entries: number; readonly bytes: number }
  /** RFC 3339; absent when there is nothing */
  readonly oldestUse?: string
  readonly newestUse?: string
}

export function infoOf({ folder, unknown }: CacheParts, listed: readonly ListedPart[]): CacheInfo {
  const parts = listed.map(({ part, entries }): CachePartInfo => {
    const times = entries.map(({ usedMs }) => usedMs)
    const outdated = entries.filter(({ isOutdated }) => isOutdated)
    return {
      name: part.name,
      what: part.what,
      entries: entries.length,
      bytes: bytesOf(entries),
      outdated: { entries: outdated.length, bytes: bytesOf(outdated) },
      ...(times.length > 0 && {
        oldestUse: new Date(times.reduce((a, b) => Math.min(a, b))).toISOString(),
        newestUse: new Date(times.reduce((a, b) => Math.max(a, b))).toISOString(),
      }),
    }
  })
  return {
    folder,
    entries: parts.reduce((sum, part) => sum + part.entries, 0),
    bytes: parts.reduce((sum, part) => sum + part.bytes, 0),
    parts,
    unknown,
  }
}

const columns = [
  { title: 'KIND' },
  { title: 'WHAT' },
  { title: 'ENTRIES', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'OLDEST USE' },
  { title: 'NEWEST USE' },
] as const

export function infoLines(info: CacheInfo, stream: NodeJS.WriteStream): string[] {
  const rows = info.parts.map(({ name, what, entries, bytes, oldestUse, newestUse }) => [
    name,
    what,
    String(entries),
    entries === 0 ? '-' : formatBytes(bytes),
    oldestUse?.slice(0, 10) ?? '-',
    newestUse?.slice(0, 10) ?? '-',
  ])
  const outdated = info.parts.reduce((sum, part) => sum + part.outdated.bytes, 0)
  return [
    ...formatTable(columns, rows, stream),
    '',
    `${styleText('bold', formatBytes(info.bytes), { stream })} in ${printable(info.folder)}`,
    ...(outdated > 0
      ? [`${formatBytes(outdated)} are of other versions of slipway; slipway cache prune removes them`]
      : []),
    ...(info.unknown.length > 0 ? [`not of slipway's cache: ${info.unknown.map(printable).join(', ')}`] : []),
  ]
}

export interface Pruned {
  readonly isDryRun: boolean
  readonly removed: readonly ListedPart[]
  /** what running builds may hold */
  readonly kept: readonly ListedPart[]
  readonly running: readonly string[]
}

export function prunedLines(pruned: Pruned, stream: NodeJS.WriteStream, isJson?: boolean): string[] {
  const { isDryRun, removed, kept, running } = pruned
  if (isJson) {
    const facts = ({ part, entries }: ListedPart) => ({
      name: part.name,
      entries: entries.length,
      bytes: bytesOf(entries),
    })
    const document = { isDryRun, removed: removed.map(facts), kept: kept.map(facts), running }
    return [JSON.stringify(document, undefined, 2)]
  }
  const table = (listed: readonly ListedPart[]) =>
    listed.map(({ part, entries }) => [
      part.name,
      part.what,
      String(entries.length),
      formatBytes(bytesOf(entries)),
    ])
  const total = removed.reduce((sum, { entries }) => sum + bytesOf(entries), 0)
  return [
    ...(removed.length > 0 ? [...formatTable(columns.slice(0, 4), table(removed), stream), ''] : []),
    `${styleText('bold', formatBytes(total), { stream })} ${isDryRun ? 'would be removed' : 'removed'}`,
    ...(kept.length > 0
      ? [
          `kept ${formatBytes(kept.reduce((sum, { entries }) => sum + bytesOf(entries), 0))} of ${kept.map(({ part }) => part.name).join(', ')}, which running builds may use: ${running.join(', ')}`,
        ]
      : []),
  ]
}

export function verifiedLines(found: Verification, stream: NodeJS.WriteStream): string[] {
  const rows = found.checked.map(({ part, entries, bytes }) => [
    part,
    String(entries),
    formatBytes(bytes),
    String(found.faults.filter((fault) => fault.part === part).length),
  ])
  const titles = [
    { title: 'KIND' },
    { title: 'CHECKED', align: 'right' },
    { title: 'READ', align: 'right' },
    { title: 'WRONG', align: 'right' },
  ] as const
  const unchecked = found.unchecked.filter(({ entries }) => entries > 0)
  return [
    ...found.faults.map(({ message }) => `${styleText('red', 'wrong:', { stream })} ${printable(message)}`),
    ...formatTable(titles, rows, stream),
    '',
    found.faults.length === 0
      ? 'all is as it was written'
      : `${plural(found.faults.length, 'entry').replace('entrys', 'entries')} removed; they are made again when they are needed`,
    ...(found.outdated > 0
      ? [`${found.outdated} layers are of files that changed since: they are not used, and were not checked`]
      : []),
    ...(found.unproven > 0
      ? [`${found.unproven} layers forgotten, as it is not known what they were made of`]
      : []),
    ...(unchecked.length > 0
      ? [
          `without a digest of their own: ${unchecked.map(({ part, entries }) => `${entries} ${part}`).join(', ')}`,
        ]
      : []),
  ]
}

function bytesOf(entries: readonly CacheEntry[]): number {
  return entries.reduce((sum, { bytes }) => sum + bytes, 0)
}
