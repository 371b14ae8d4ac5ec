/** The view as rows, heaviest first: what tables, CSV and Markdown hold. */
import { compareText, type View } from '../view/view.ts'

export interface PairRow {
  readonly author: string
  readonly approver: string
  readonly count: number
}

export function pairRows({ nodes, pairs }: Pick<View, 'nodes' | 'pairs'>): PairRow[] {
  return pairs
    .map(({ approver, author, approved }) => ({
      author: nodes[author]!.label,
      approver: nodes[approver]!.label,
      count: approved,
    }))
    .toSorted(
      (a, b) => b.count - a.count || compareText(a.author, b.author) || compareText(a.approver, b.approver),
    )
}
