/** How keywords were written, and how names are misspelt. */
import type { Instruction } from '../instruction.ts'

/** The keyword of an instruction as written. */
export function writtenKeyword({ original, keyword }: Instruction): string {
  return original.slice(0, keyword.length)
}

export function isLower(text: string): boolean {
  return text === text.toLowerCase()
}

export function isUpper(text: string): boolean {
  return text === text.toUpperCase()
}

/** Names longer than this are never slips of one another. */
const longestName = 100

/** At most so many names are compared in one file, which keeps lint linear. */
const mostComparisons = 100_000

export interface Speller {
  /** the first name that is nearest by at most two edits; none when the name itself is among them */
  nearest(name: string, names: Iterable<string>): string | undefined
}

export function newSpeller(): Speller {
  let left = mostComparisons
  return {
    nearest(name, names) {
      if (name.length > longestName) return undefined
      let best: string | undefined
      let bestDistance = 3
      for (const candidate of names) {
        if (candidate === name || left <= 0) return undefined
        left--
        if (Math.abs(candidate.length - name.length) >= bestDistance) continue
        const distance = editDistance(name, candidate)
        if (distance < bestDistance) [best, bestDistance] = [candidate, distance]
      }
      return best
    },
  }
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + cost))
    }
    previous = row
  }
  return previous[b.length]!
}
