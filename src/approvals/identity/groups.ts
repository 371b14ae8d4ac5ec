/** Sets of indexes that grow together (union-find), with the reasons why. */

/** Why two spellings were taken for one person. */
export type MergeReason = 'id' | 'mail' | 'login' | 'name' | 'handle' | 'bot' | 'people file'

export interface Groups {
  readonly join: (one: number, other: number, reason: MergeReason) => void
  /** the lowest index of the set */
  readonly find: (index: number) => number
  /** every set in ascending order of its lowest index */
  readonly sets: () => number[][]
  readonly reasonsOf: (index: number) => MergeReason[]
}

export function newGroups(size: number): Groups {
  const parent = Int32Array.from({ length: size }, (_, index) => index)
  const reasons = new Map<number, Set<MergeReason>>()
  const find = (index: number): number => {
    let root = index
    while (parent[root] !== root) root = parent[root]!
    while (parent[index] !== root) {
      const next = parent[index]!
      parent[index] = root
      index = next
    }
    return root
  }
  return {
    find,
    join(one, other, reason) {
      const [low, high] = [find(one), find(other)].toSorted((a, b) => a - b) as [number, number]
      if (low === high) return
      parent[high] = low
      reasons.set(low, new Set([...(reasons.get(low) ?? []), ...(reasons.get(high) ?? []), reason]))
    },
    sets() {
      const sets = new Map<number, number[]>()
      for (let index = 0; index < size; index++) {
        const root = find(index)
        const set = sets.get(root)
        if (set) set.push(index)
        else sets.set(root, [index])
      }
      return [...sets.values()]
    },
    reasonsOf: (index) => [...(reasons.get(find(index)) ?? [])].toSorted(),
  }
}
