/** Consistent hashing by Maglev's table (Eisenbud et al., NSDI 2016, section 3.4): even shares, quick to look up. */
import type { Candidate } from './balancer.ts'
import { hashText } from './hash.ts'

/** a prime, as Envoy's default */
const tableSize = 65_537

export function maglevTable<T extends Candidate>(candidates: readonly T[]): (hash: number) => T {
  const sorted = candidates.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  const heaviest = Math.max(...sorted.map(({ weight }) => weight))
  const walks = sorted.map(({ key, weight }) => ({
    at: hashText(key) % tableSize,
    skip: (hashText(key, 0x9e_37_79_b9) % (tableSize - 1)) + 1,
    share: weight / heaviest,
    due: 0,
  }))
  const table = new Int32Array(tableSize).fill(-1)
  for (let filled = 0; filled < tableSize;) {
    for (const [number, walk] of walks.entries()) {
      walk.due += walk.share
      if (walk.due < 1 || filled === tableSize) continue
      walk.due -= 1
      while (table[walk.at] !== -1) walk.at = (walk.at + walk.skip) % tableSize
      table[walk.at] = number
      filled++
    }
  }
  return (hash) => sorted[table[hash % tableSize] as number] as T
}
