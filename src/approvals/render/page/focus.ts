/** What the reader looks at: somebody, or a pair; by parties, which stay when nodes come and go. */
import type { View } from '../../view/view.ts'

/** Indexes of parties, -1 for the others. */
export type Focus =
  | { readonly kind: 'party'; readonly party: number }
  | { readonly kind: 'pair'; readonly one: number; readonly other: number }

export function sameFocus(a: Focus | undefined, b: Focus | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Nodes of a focus in a view; nothing when they are not shown. */
export function nodesOf(
  focus: Focus,
  { nodes }: View,
): readonly [number] | readonly [number, number] | undefined {
  const node = (party: number) => nodes.findIndex((each) => each.party === party)
  if (focus.kind === 'party') return node(focus.party) < 0 ? undefined : [node(focus.party)]
  const [one, other] = [node(focus.one), node(focus.other)]
  return one < 0 || other < 0 ? undefined : [one, other]
}

/** What an element of the drawing stands for. */
export function focusOf(element: Element, { nodes }: View): Focus | undefined {
  const { node, a, b, approver, author } = (element as SVGElement).dataset
  const party = (index: string) => nodes[Number(index)]!.party
  if (node !== undefined) return { kind: 'party', party: party(node) }
  const [one, other] = [a ?? approver, b ?? author]
  return one === undefined || other === undefined
    ? undefined
    : { kind: 'pair', one: party(one), other: party(other) }
}
