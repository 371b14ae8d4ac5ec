/** Which endpoints of a cluster may be chosen (xDS priority levels and panic threshold). Pure. */

export interface Rated {
  readonly isAvailable: boolean
  readonly config: { readonly priority?: number; readonly weight?: number }
}

/**
 * Available endpoints of the first priority that has some. When fewer than `minHealthPercent` of all are available, all
 * of that priority are used: better a try than no try. Endpoints of weight 0 get nothing.
 */
export function availableEndpoints<T extends Rated>(
  endpoints: readonly T[],
  minHealthPercent: number,
): readonly T[] {
  const weighted = endpoints.filter(({ config }) => config.weight !== 0)
  const priorities = [...new Set(weighted.map(priorityOf))].toSorted((a, b) => a - b)
  for (const priority of priorities) {
    const level = weighted.filter((endpoint) => priorityOf(endpoint) === priority)
    const available = level.filter(({ isAvailable }) => isAvailable)
    if (available.length > 0 && (available.length * 100) / level.length >= minHealthPercent) return available
    if (minHealthPercent > 0) return level
  }
  return []
}

function priorityOf({ config }: Rated): number {
  return config.priority ?? 0
}
