/** The tables of the page: pairs and people of a view. Runs in pages too. */
import { compareText, type View } from '../view/view.ts'
import { escapeMarkup, grouped, isolated } from './markup.ts'

export interface TableOrder {
  /** index of a column */
  readonly column: number
  readonly isAscending: boolean
}

interface Column {
  readonly title: string
  readonly isNumber: boolean
}

type Row = readonly (string | number)[]

const pairColumns: readonly Column[] = [
  { title: 'Changes of', isNumber: false },
  { title: 'Approved by', isNumber: false },
  { title: 'Approvals', isNumber: true },
  { title: 'Returned', isNumber: true },
]

const peopleColumns: readonly Column[] = [
  { title: 'Person', isNumber: false },
  { title: 'Received', isNumber: true },
  { title: 'Gave', isNumber: true },
  { title: 'Approved by', isNumber: true },
  { title: 'Approves', isNumber: true },
]

/** Pairs, those of one node when it is given; `Returned` is what the author approved of the approver's changes. */
export function pairsTable(
  { nodes, pairs }: Pick<View, 'nodes' | 'pairs'>,
  order: TableOrder = { column: 2, isAscending: false },
  node?: number,
): string {
  const approved = new Map(
    pairs.map((pair) => [pair.approver * nodes.length + pair.author, pair.approved] as const),
  )
  const rows = pairs
    .filter(({ approver, author }) => node === undefined || approver === node || author === node)
    .map(({ approver, author, approved: count }): Row => [
      nodes[author]!.label,
      nodes[approver]!.label,
      count,
      approver === author ? 0 : (approved.get(author * nodes.length + approver) ?? 0),
    ])
  const sum = rows.reduce((total, row) => total + Number(row[2]), 0)
  const of = node === undefined ? '' : ` with ${nodes[node]!.label}`
  return table(`Pairs${of}`, pairColumns, rows, { order, foot: ['Together', '', sum, ''] })
}

export function peopleTable(
  { nodes, pairs }: Pick<View, 'nodes' | 'pairs'>,
  order: TableOrder = { column: 1, isAscending: false },
): string {
  const approvers = nodes.map(() => 0)
  const authors = nodes.map(() => 0)
  for (const { approver, author } of pairs) {
    approvers[author]!++
    authors[approver]!++
  }
  const rows = nodes.map(({ label, received, given }, index): Row => [
    label,
    received,
    given,
    approvers[index]!,
    authors[index]!,
  ])
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0)
  return table('People', peopleColumns, rows, { order, foot: ['Together', sum(1), sum(2), '', ''] })
}

function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly Row[],
  { order, foot }: { readonly order: TableOrder; readonly foot: Row },
): string {
  const sorted = rows.toSorted((a, b) => compareRows(a, b, order))
  const head = columns.map(({ title, isNumber }, index) => {
    const sort =
      index === order.column ? ` aria-sort="${order.isAscending ? 'ascending' : 'descending'}"` : ''
    return `<th scope="col"${isNumber ? ' class="number"' : ''}${sort}><button type="button" data-column="${index}">${title}</button></th>`
  })
  const cell = (value: string | number) =>
    typeof value === 'number'
      ? `<td class="number">${grouped(value)}</td>`
      : `<td>${escapeMarkup(isolated(value))}</td>`
  const row = (values: Row) => `<tr>${values.map(cell).join('')}</tr>`
  return `<h2>${escapeMarkup(isolated(caption))}</h2><div class="scroll" tabindex="0" role="region" aria-label="${escapeMarkup(caption)}"><table><thead><tr>${head.join('')}</tr></thead><tbody>${sorted.map(row).join('\n')}</tbody><tfoot>${row(foot)}</tfoot></table></div>`
}

function compareRows(a: Row, b: Row, { column, isAscending }: TableOrder): number {
  const [one, other] = [a[column]!, b[column]!]
  const difference =
    typeof one === 'number'
      ? one - Number(other)
      : compareText(one.toLowerCase(), String(other).toLowerCase())
  if (difference !== 0) return isAscending ? difference : -difference
  return compareText(String(a[0]), String(b[0])) || compareText(String(a[1]), String(b[1]))
}
