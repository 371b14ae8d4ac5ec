/** What is told of somebody or of a pair, in words. */
import type { View } from '../../view/view.ts'
import { escapeMarkup, grouped, isolated, percent } from '../markup.ts'
import { nodesOf, type Focus } from './focus.ts'

const name = (text: string) => escapeMarkup(isolated(text))

/** HTML of the panel. */
export function detailsOf(
  view: View,
  focus: Focus | undefined,
  hint: { readonly reading: string; readonly isPinned: boolean },
): string {
  const nodes = focus && nodesOf(focus, view)
  const help = hint.isPinned
    ? 'Escape or another click lets go.'
    : 'A click or Enter keeps this; arrow keys go from one to the next.'
  if (nodes === undefined)
    return `<h2>Reading</h2><p>${name(hint.reading)}</p><p class="hint">Point at somebody or at a ribbon, or use Tab and the arrow keys.</p>`
  const [one, other] = nodes
  const text = other === undefined ? partyDetails(view, one) : pairDetails(view, one, other)
  return `${text}<p class="hint">${help}</p>`
}

/** One line without markup, for readers of screens. */
export function nodeSentence({ nodes }: View, node: number): string {
  const { label, received, given } = nodes[node]!
  return `${label}: ${grouped(received)} of their changes approved, approved ${grouped(given)} of others`
}

function approvedBy({ pairs }: View, approver: number, author: number): number {
  return pairs.find((pair) => pair.approver === approver && pair.author === author)?.approved ?? 0
}

function partyDetails(view: View, node: number): string {
  const { label, received, given } = view.nodes[node]!
  const list = (title: string, entries: { other: number; count: number }[], total: number) => {
    const rows = entries
      .toSorted((a, b) => b.count - a.count || a.other - b.other)
      .slice(0, 5)
      .map(
        ({ other, count }) =>
          `<li>${name(view.nodes[other]!.label)} ${grouped(count)} (${percent(count, total)})</li>`,
      )
    return rows.length === 0 ? '' : `<p>${title}</p><ol>${rows.join('')}</ol>`
  }
  const by = view.pairs
    .filter(({ author }) => author === node)
    .map(({ approver, approved }) => ({ other: approver, count: approved }))
  const of = view.pairs
    .filter(({ approver }) => approver === node)
    .map(({ author, approved }) => ({ other: author, count: approved }))
  return `<h2>${name(label)}</h2><p>${grouped(received)} of their changes approved, by ${by.length}</p>${list('Most by', by, received)}<p>approved ${grouped(given)}, of ${of.length}</p>${list('Most of', of, given)}`
}

function pairDetails(view: View, one: number, other: number): string {
  const sentence = (approver: number, author: number) => {
    const [from, to] = [view.nodes[approver]!, view.nodes[author]!]
    const count = approvedBy(view, approver, author)
    return `<p><strong>${name(from.label)}</strong> approved <strong>${grouped(count)}</strong> of the changes of <strong>${name(to.label)}</strong>: ${percent(count, from.given)} of what ${name(from.label)} approved, ${percent(count, to.received)} of what ${name(to.label)} had approved.</p>`
  }
  const [a, b] = [view.nodes[one]!.label, view.nodes[other]!.label]
  if (one === other) return `<h2>${name(a)}</h2>${sentence(one, one)}`
  const title = `${name(a)} ${grouped(approvedBy(view, other, one))} &#8596; ${name(b)} ${grouped(approvedBy(view, one, other))}`
  return `<h2>${title}</h2>${sentence(other, one)}${sentence(one, other)}`
}
