/** Teams in the place of people, each approval in the teams of its date. */
import type { Identities, Identity } from '../identity/identities.ts'
import type { Party } from './count.ts'

export interface Teams {
  readonly parties: readonly Party[]
  /** the team of an identity at a time; NaN means no date, for which the first membership holds */
  readonly of: (identity: number, at: number) => number
}

export const noTeam = '(no team)'

export function teamsOf({ list }: Identities): Teams {
  const names = new Set<string>()
  for (const { known } of list) for (const { team } of known?.memberships ?? []) names.add(team)
  const sorted = [...names].toSorted()
  const index = new Map(sorted.map((name, place) => [name, place] as const))
  const none = sorted.length
  return {
    parties: [...sorted, noTeam].map((label) => ({ label, kind: 'team' })),
    of: (identity, at) => index.get(teamAt(list[identity]!, at) ?? '') ?? none,
  }
}

function teamAt({ known }: Identity, at: number): string | undefined {
  const memberships = known?.memberships ?? []
  if (Number.isNaN(at)) return memberships[0]?.team
  return memberships.find(({ start, end }) => at >= start && at < end)?.team
}
