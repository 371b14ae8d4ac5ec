/** Choice by weight. */

/** Numbers of the items by the share of their weights; `random` is in [0, 1). -1 when no item has a weight. */
export function weightedChoice(weights: readonly number[]): (random: () => number) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return () => -1
  const only = weights.findIndex((weight) => weight === total)
  if (only >= 0) return () => only
  return (random) => {
    let left = random() * total
    const chosen = weights.findIndex((weight) => (left -= weight) < 0)
    return chosen < 0 ? weights.findLastIndex((weight) => weight > 0) : chosen
  }
}
