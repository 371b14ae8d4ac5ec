/**
 * Angles of a chord diagram: an arc for each party, a ribbon for each pair whose ends are as wide as what either side
 * received from the other (or gave it). Every arc has a least width, so nobody who only gives or only receives is lost.
 * Angles are radians, clockwise from the top.
 */
import type { View } from './view.ts'

export interface Arc {
  readonly node: number
  readonly start: number
  readonly end: number
  /** what it is as wide as */
  readonly value: number
}

export interface RibbonEnd {
  readonly node: number
  readonly start: number
  readonly end: number
  readonly value: number
}

export interface Ribbon {
  /** the wider end first, ties by index; both are one for approvals inside of a party */
  readonly source: RibbonEnd
  readonly target: RibbonEnd
}

export type ArcSize = 'received' | 'given'

export interface ChordLayout {
  readonly arcs: readonly Arc[]
  /** the widest first */
  readonly ribbons: readonly Ribbon[]
}

const fullCircle = 2 * Math.PI
const widestPad = 0.03
/** the part of the circle that gaps may take together, and that least widths may */
const gapShare = 0.3
const leastShare = 0.1
const widestLeast = 0.008

export function chordLayout(
  { nodes, pairs }: Pick<View, 'nodes' | 'pairs'>,
  size: ArcSize = 'received',
): ChordLayout {
  const count = nodes.length
  if (count === 0) return { arcs: [], ribbons: [] }
  const pad = count === 1 ? 0 : Math.min(widestPad, (gapShare * fullCircle) / count)
  const least = Math.min(widestLeast, (leastShare * fullCircle) / count)
  const ends = endsOf(count, pairs, size)
  const values = ends.map((list) => list.reduce((sum, { value }) => sum + value, 0))
  const total = values.reduce((sum, value) => sum + value, 0)
  const scale = total === 0 ? 0 : (fullCircle - count * (pad + least)) / total
  const arcs: Arc[] = []
  const placed = new Map<string, RibbonEnd>()
  let angle = pad / 2
  for (const [node, value] of values.entries()) {
    const width = least + value * scale
    arcs.push({ node, start: angle, end: angle + width, value })
    let inner = angle + least / 2
    for (const end of ends[node]!) {
      const after = inner + end.value * scale
      placed.set(`${node} ${end.other}`, { node, start: inner, end: after, value: end.value })
      inner = after
    }
    angle += width + pad
  }
  return { arcs, ribbons: ribbonsOf(placed) }
}

/** For each node its ends in the order that lets ribbons leave it without crossing: the nearest before it first. */
function endsOf(count: number, pairs: View['pairs'], size: ArcSize): { other: number; value: number }[][] {
  const values = Array.from({ length: count }, () => new Map<number, number>())
  for (const { approver, author, approved } of pairs) {
    const [own, other] = size === 'received' ? [author, approver] : [approver, author]
    values[own]!.set(other, approved)
    if (!values[other]!.has(own)) values[other]!.set(own, 0)
  }
  return values.map((others, node) =>
    [...others]
      .map(([other, value]) => ({ other, value }))
      .toSorted((a, b) => ((node - a.other + count) % count) - ((node - b.other + count) % count)),
  )
}

function ribbonsOf(placed: ReadonlyMap<string, RibbonEnd>): Ribbon[] {
  const ribbons: Ribbon[] = []
  for (const [key, end] of placed) {
    const other = Number(key.split(' ')[1])
    if (other < end.node) continue
    const far = other === end.node ? { ...end, start: end.end } : placed.get(`${other} ${end.node}`)!
    const isWider = end.value >= far.value
    ribbons.push(isWider ? { source: end, target: far } : { source: far, target: end })
  }
  return ribbons.toSorted(
    (a, b) =>
      b.source.value + b.target.value - (a.source.value + a.target.value) ||
      a.source.node - b.source.node ||
      a.target.node - b.target.node,
  )
}
