/** Consistent hashing by a ring (Ketama): an endpoint that comes or goes moves only its own share of the keys. */
import type { Candidate } from './balancer.ts'
import { hashText } from './hash.ts'

/** points of the heaviest endpoint: not of all together, so that nobody's points change when one comes or goes */
const mostPoints = 256

export function hashRing<T extends Candidate>(candidates: readonly T[]): (hash: number) => T {
  const heaviest = Math.max(...candidates.map(({ weight }) => weight))
  const points = candidates
    .flatMap((candidate) => {
      const count = Math.max(1, Math.round((mostPoints * candidate.weight) / heaviest))
      return Array.from({ length: count }, (_, i) => ({ at: hashText(`${candidate.key}#${i}`), candidate }))
    })
    .toSorted((a, b) => a.at - b.at || (a.candidate.key < b.candidate.key ? -1 : 1))
  return (hash) => {
    let [low, high] = [0, points.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((points[middle] as { at: number }).at < hash) low = middle + 1
      else high = middle
    }
    return (points[low % points.length] as { candidate: T }).candidate
  }
}
