/** Pictures without names: labels in an order that a seed gives, which stays the same for the same people and seed. */
import { createHash } from 'node:crypto'
import type { CollectedSource } from './collect.ts'
import type { Counted } from './count/count.ts'

/** Parties with numbers in the place of names. */
export function anonymousParties(parties: Counted['parties'], seed: string): Counted['parties'] {
  const rank = (label: string) => createHash('sha256').update(`${seed}\0${label}`).digest('hex')
  const order = parties.map((party, index) => ({ index, kind: party.kind, rank: rank(party.label) }))
  order.sort((a, b) => (a.rank < b.rank ? -1 : 1))
  const words = { person: 'Person', bot: 'Bot', team: 'Team', ghost: 'Ghost' } as const
  const numbers = { person: 0, bot: 0, team: 0, ghost: 0 }
  const labels: string[] = []
  for (const { index, kind } of order) labels[index] = `${words[kind]} ${++numbers[kind]}`
  const teams = new Map(
    [...new Set(parties.map(({ team }) => team).filter((team) => team !== undefined))]
      .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
      .map((team, index) => [team, `Team ${index + 1}`] as const),
  )
  return parties.map(({ kind, team }, index) => ({
    label: labels[index]!,
    kind,
    ...(team !== undefined && { team: teams.get(team)! }),
  }))
}

/** Sources without what may name somebody: repositories are called after their owners, branches after their authors. */
export function anonymousSource({ source, repos, coverage, partial }: CollectedSource): CollectedSource {
  const count = repos.length === 1 ? '1 repository' : `${repos.length} repositories`
  return {
    source,
    repos: [count],
    detail: {},
    coverage,
    partial: partial.map(() => 'some of the approvals of a source are missing'),
    notes: [],
  }
}
