/** From collected events to what is drawn and written: people, counts, a view of them, and the facts about it. */
import { anonymousParties, anonymousSource } from './anonymous.ts'
import type { Collected } from './collect.ts'
import type { CountMode } from './count/cells.ts'
import { countApprovals, type Counted, type CountOptions } from './count/count.ts'
import { factsOf, type Facts } from './facts.ts'
import { resolveIdentities, type Identities, type IdentityOptions } from './identity/identities.ts'
import type { ArcSize } from './view/chord-layout.ts'
import { viewOf, type View, type ViewOptions } from './view/view.ts'

export interface PictureOptions {
  readonly identity?: IdentityOptions | undefined
  readonly count?: CountOptions | undefined
  readonly view?: ViewOptions | undefined
  /** default: `changes` */
  readonly mode?: CountMode | undefined
  /** what arcs are as wide as, default: approvals that somebody's changes received */
  readonly arcs?: ArcSize | undefined
  /** shows nobody's name; the seed decides who gets which number */
  readonly anonymise?: { readonly seed: string } | undefined
}

export interface Picture {
  readonly identities: Identities
  readonly counted: Counted
  readonly view: View
  readonly facts: Facts
  readonly mode: CountMode
  readonly arcs: ArcSize
  readonly viewOptions: ViewOptions
}

export function makePicture(collected: Collected, options: PictureOptions = {}): Picture {
  const { mode = 'changes', arcs = 'received', count: countOptions = {}, view: viewOptions = {} } = options
  const identities = resolveIdentities(collected.people, lastSeen(collected), options.identity)
  const named = countApprovals(collected, identities, countOptions)
  const { anonymise } = options
  const counted = anonymise ? { ...named, parties: anonymousParties(named.parties, anonymise.seed) } : named
  const sources = anonymise ? collected.sources.map(anonymousSource) : collected.sources
  const labels = counted.parties.map(({ label }) => label)
  const view = viewOf({ ...counted.cells, count: counted.cells[mode] }, labels, viewOptions)
  const facts = factsOf({ sources, counted, view, mode, countOptions, viewOptions, arcs })
  return { identities, counted, view, facts, mode, arcs, viewOptions }
}

/** When each spelling was seen last, for the name that somebody has now. */
function lastSeen({ rows, people }: Collected): Float64Array {
  const seen = new Float64Array(people.length)
  for (let row = 0; row < rows.length; row++) {
    const at = rows.at[row]!
    if (Number.isNaN(at)) continue
    for (const spelling of [rows.approver[row]!, rows.author[row]!])
      if (at > seen[spelling]!) seen[spelling] = at
  }
  return seen
}
