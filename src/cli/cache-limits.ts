/** How the limits of `cache prune` are written: `30d`, `4GB`. */
import { Failure } from '../base/index.ts'
import type { PruneRule } from '../store/index.ts'
import type { PruneFlags } from './cache-command.ts'

const hour = 3_600_000
const times = new Map([
  ['m', hour / 60],
  ['h', hour],
  ['d', 24 * hour],
  ['w', 7 * 24 * hour],
])
const sizes = new Map([
  ['', 1],
  ['b', 1],
  ...['k', 'm', 'g', 't'].flatMap((prefix, power): [string, number][] => [
    [`${prefix}b`, 1000 ** (power + 1)],
    [prefix, 1000 ** (power + 1)],
    [`${prefix}ib`, 1024 ** (power + 1)],
  ]),
])
const defaultAgeMs = 30 * 24 * hour

/** @param nowMs milliseconds since the epoch. @throws Failure USAGE */
export function pruneRule({ all, olderThan, keepStorage }: PruneFlags, nowMs: number): PruneRule {
  if (all && (olderThan !== undefined || keepStorage !== undefined))
    throw new Failure(
      'USAGE',
      `--all and ${olderThan === undefined ? '--keep-storage' : '--older-than'} cannot be together`,
    )
  if (all) return { isAll: true }
  const mostBytes =
    keepStorage === undefined ? undefined : measure('--keep-storage', keepStorage, sizes, '4GB')
  const isDefault = olderThan === undefined && mostBytes === undefined
  const ageMs = olderThan === undefined ? undefined : measure('--older-than', olderThan, times, '30d')
  const usedBeforeMs = isDefault ? nowMs - defaultAgeMs : ageMs === undefined ? undefined : nowMs - ageMs
  return { usedBeforeMs, mostBytes }
}

function measure(flag: string, text: string, units: ReadonlyMap<string, number>, example: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? []
  const factor = units.get(unit.toLowerCase())
  if (number !== '' && factor !== undefined) return Number(number) * factor
  throw new Failure('USAGE', `${flag} "${text}" cannot be understood`, {
    hint: `write it as ${flag} ${example}`,
  })
}
