/** The tables of the page, kept in the order that the reader chose. */
import type { View } from '../../view/view.ts'
import { pageIds } from '../page-data.ts'
import { pairsTable, peopleTable, type TableOrder } from '../page-tables.ts'
import { around, byId } from './elements.ts'

export interface Tables {
  readonly draw: (view: View, node: number | undefined) => void
}

export function openTables(): Tables {
  let last: { view: View; node: number | undefined } | undefined
  const orders: Record<'pairs' | 'people', TableOrder> = {
    pairs: { column: 2, isAscending: false },
    people: { column: 1, isAscending: false },
  }
  const draw = (which: 'pairs' | 'people'): void => {
    if (!last) return
    const html =
      which === 'pairs'
        ? pairsTable(last.view, orders.pairs, last.node)
        : peopleTable(last.view, orders.people)
    byId(pageIds[which]).innerHTML = html
  }
  for (const which of ['pairs', 'people'] as const)
    byId(pageIds[which]).addEventListener('click', (event) => {
      const button = around(event, 'button[data-column]')
      if (!button) return
      const column = Number((button as HTMLElement).dataset['column'])
      const isSame = orders[which].column === column
      orders[which] = {
        column,
        isAscending: isSame ? !orders[which].isAscending : column < (which === 'pairs' ? 2 : 1),
      }
      draw(which)
      byId(pageIds[which]).querySelector<HTMLElement>(`button[data-column="${column}"]`)?.focus()
    })
  return {
    draw(view, node) {
      last = { view, node }
      draw('pairs')
      draw('people')
    },
  }
}
