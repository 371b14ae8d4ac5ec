/** Which hue a node has: its team's where there are teams, else its own, for the first few; nobody shares one by chance. */
import type { ViewNode } from './view.ts'

/** Hues by node, up to `count` of them; nothing is grey. */
export function huesOf(
  nodes: readonly ViewNode[],
  teamOf: (party: number) => string | undefined,
  count: number,
): (number | undefined)[] {
  const teams = nodes.map(({ party }) => (party < 0 ? undefined : teamOf(party)))
  const named = [...new Set(teams.filter((team) => team !== undefined))]
  if (named.length === 0)
    return nodes.map(({ party }, index) => (party >= 0 && index < count ? index : undefined))
  const hues = new Map(named.slice(0, count).map((team, index) => [team, index] as const))
  return teams.map((team) => (team === undefined ? undefined : hues.get(team)))
}
