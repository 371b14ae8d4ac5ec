/** A picture as JSON: facts, people, directed pairs. */
import type { Picture } from '../picture.ts'
import { pairRows } from './pairs-table.ts'

export function jsonFile({ view, facts, counted, arcs }: Picture): string {
  const document = {
    version: 1,
    facts,
    arcs,
    coverage: view.coverage,
    people: view.nodes.map(({ label, party, size, given, received }) => ({
      label,
      kind: party < 0 ? 'others' : counted.parties[party]!.kind,
      ...(party >= 0 && counted.parties[party]!.team !== undefined && { team: counted.parties[party]!.team }),
      ...(party < 0 && { people: size }),
      given,
      received,
    })),
    pairs: pairRows(view),
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}
