/** Consistent hashing by a ring (Ketama): an endpoint that comes or goes moves only its own share of the keys. */
import type { Candidate } from './balancer.ts'
import { hashText } from './hash.ts'

/** points on the ring, over all endpoints, as Envoy's `minimum_ring_size` */
const ringSize = 1024

export function hashRing<T extends Candidate>(candidates: readonly T[]): (hash: number) => T {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  const points = candidates
    .flatMap((candidate) => {
      const count = Math.max(1, Math.round((ringSize * candidate.weight) / total))
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
