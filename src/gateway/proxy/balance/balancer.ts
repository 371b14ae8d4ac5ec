/** Choosing one of the endpoints that are there (xDS `Cluster.LbPolicy`). Pure but for the randomness that is handed in. */
import type { LoadBalancer } from '../../model/index.ts'
import { hashText } from './hash.ts'
import { maglevTable } from './maglev.ts'
import { hashRing } from './ring.ts'

/** An endpoint as balancing sees it. */
export interface Candidate {
  /** stable over reloads, such as `10.0.0.1:8080` */
  readonly key: string
  /** above 0; grows while it warms up */
  readonly weight: number
  /** requests that run */
  readonly active: number
}

export interface Balancer<T extends Candidate> {
  /** `hash` is of what the hash policy names; nothing: the request has none. There is at least one candidate. */
  readonly pick: (candidates: readonly T[], hash: number | undefined) => T
}

/** Keeps tables of the candidates it was given last: give it the same array as long as nothing changed. */
export function newBalancer<T extends Candidate>(
  policy: LoadBalancer['policy'],
  random: () => number,
): Balancer<T> {
  switch (policy) {
    case 'least-request':
      return { pick: (candidates) => leastOfTwo(candidates, random) }
    case 'random':
      return { pick: (candidates) => weighted(candidates, random) }
    case 'round-robin':
      return roundRobin()
    case 'ring-hash':
      return byTable(hashRing, random)
    case 'maglev':
      return byTable(maglevTable, random)
  }
}

/** Of two random endpoints the one with fewer running requests by its weight. */
function leastOfTwo<T extends Candidate>(candidates: readonly T[], random: () => number): T {
  const first = candidates[Math.floor(random() * candidates.length)] as T
  if (candidates.length === 1) return first
  let second = candidates[Math.floor(random() * (candidates.length - 1))] as T
  if (second === first) second = candidates.at(-1) as T
  if (first.weight !== second.weight && first.active === 0 && second.active === 0) {
    return random() * (first.weight + second.weight) < first.weight ? first : second
  }
  return (first.active + 1) / first.weight <= (second.active + 1) / second.weight ? first : second
}

function weighted<T extends Candidate>(candidates: readonly T[], random: () => number): T {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  let left = random() * total
  return candidates.find(({ weight }) => (left -= weight) < 0) ?? (candidates.at(-1) as T)
}

/** Smooth: endpoints of weights 5, 1, 1 come as a a b a c a a, never five times in a row. */
function roundRobin<T extends Candidate>(): Balancer<T> {
  const credit = new Map<string, number>()
  return {
    pick(candidates) {
      let best = candidates[0] as T
      let most = -Infinity
      let total = 0
      for (const candidate of candidates) {
        const has = (credit.get(candidate.key) ?? 0) + candidate.weight
        credit.set(candidate.key, has)
        total += candidate.weight
        if (has > most) [best, most] = [candidate, has]
      }
      credit.set(best.key, most - total)
      if (credit.size > candidates.length * 2) keepOnly(credit, candidates)
      return best
    },
  }
}

function keepOnly(credit: Map<string, number>, candidates: readonly Candidate[]): void {
  const keys = new Set(candidates.map(({ key }) => key))
  for (const key of credit.keys()) if (!keys.has(key)) credit.delete(key)
}

type TableBuilder = <T extends Candidate>(candidates: readonly T[]) => (hash: number) => T

function byTable<T extends Candidate>(build: TableBuilder, random: () => number): Balancer<T> {
  let built: readonly T[] | undefined
  let find: ((hash: number) => T) | undefined
  return {
    pick(candidates, hash) {
      if (built !== candidates || find === undefined) {
        built = candidates
        find = build(candidates)
      }
      return find(hash ?? hashText(String(random())))
    },
  }
}
