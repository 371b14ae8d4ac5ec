/**
 * What a build saw of the host, each look as one text: two equal texts mean that the same look would show the same.
 * A file is its fingerprint; of a folder only the mode counts, for what is in it is looked at in its own right.
 */
import { hash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import type { Place } from '../../base/index.ts'

/** Told of every look at the host, and of what has to be said about it. */
export interface Witness {
  readonly warn: (message: string, at?: Place) => void
  readonly node: (hostPath: string, observation: string) => void
  /** the names in a folder, in byte order */
  readonly names: (hostPath: string, names: readonly string[]) => void
  /** the whole text of a file; nothing when there is no such file */
  readonly text: (hostPath: string, text: string | undefined) => void
}

/** Of a path that does not exist. */
export const nothing = '-'
/** Of a path that must exist, whatever it is. */
export const exists = '+'

export function observeStats(stats: BigIntStats | undefined, link: string | undefined): string {
  if (stats === undefined) return nothing
  const { mode, dev, ino, size, mtimeNs, ctimeNs, rdev } = stats
  if (stats.isFile()) return `f ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs} ${mode}`
  if (link !== undefined) return `l ${link}`
  return stats.isDirectory() ? `d ${mode}` : `o ${mode} ${rdev}`
}

export interface ObservedTimes {
  readonly dev: bigint
  /** nanoseconds since the epoch */
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
}

/** Where the file of an observation is, and when it was last changed; nothing for what is no file. */
export function timesOf(observation: string): ObservedTimes | undefined {
  if (!observation.startsWith('f ')) return undefined
  const [, dev = '0', , , mtime = '0', ctime = '0'] = observation.split(' ')
  return { dev: BigInt(dev), mtimeNs: BigInt(mtime), ctimeNs: BigInt(ctime) }
}

export function observeNames(names: readonly string[]): string {
  return hash('sha1', names.join('\0'))
}

export function observeText(text: string | undefined): string {
  return text === undefined ? nothing : hash('sha1', text)
}
