/** The drawing brought to life: what is pointed at stands out, and every arc or name can be reached with the keyboard. */
import type { View } from '../../view/view.ts'
import { drawingOf } from '../drawing.ts'
import { pageIds } from '../page-data.ts'
import { pageTheme } from '../theme.ts'
import { nodeSentence } from './details.ts'
import { around, byId } from './elements.ts'
import { focusOf, nodesOf, sameFocus, type Focus } from './focus.ts'
import type { Choices, Model } from './model.ts'

export interface ChartEvents {
  /** something is pointed at or reached, or nothing any more */
  readonly onLook: (focus: Focus | undefined) => void
  /** something is clicked, tapped or chosen with Enter */
  readonly onPin: (focus: Focus | undefined) => void
}

export interface Chart {
  readonly draw: (view: View, choices: Choices) => void
  /** what stands out, and whether it is kept */
  readonly show: (focus: Focus | undefined, pinned: Focus | undefined) => void
}

export function openChart(model: Model, { onLook, onPin }: ChartEvents): Chart {
  const svg = byId<SVGSVGElement>(pageIds.picture)
  let view: View = {
    nodes: [],
    pairs: [],
    coverage: { total: 0, shown: 0, belowMin: 0, amongOthers: 0, beyondTop: 0, parties: 0, named: 0 },
  }
  let stops: SVGElement[] = []
  let current = 0
  const marks = '[data-node],[data-a],[data-approver]'
  const seen = (event: Event) => {
    const element = around(event, marks)
    return element && svg.contains(element) ? focusOf(element, view) : undefined
  }
  const go = (to: number): void => {
    stops[current]?.setAttribute('tabindex', '-1')
    current = (to + stops.length) % stops.length
    stops[current]?.setAttribute('tabindex', '0')
    stops[current]?.focus()
  }
  svg.addEventListener('pointerover', (event) => {
    if (event.pointerType !== 'touch') onLook(seen(event))
  })
  svg.addEventListener('pointerleave', () => onLook(undefined))
  svg.addEventListener('click', (event) => onPin(seen(event)))
  // An SVG that listens to focus would be a stop of its own.
  const figure = svg.parentElement!
  figure.addEventListener('focusin', (event) => {
    current = Math.max(0, stops.indexOf(event.target as SVGElement))
    onLook(seen(event))
  })
  figure.addEventListener('focusout', () => onLook(undefined))
  figure.addEventListener('keydown', (event) => {
    const steps: Record<string, number> = {
      ArrowRight: current + 1,
      ArrowDown: current + 1,
      ArrowLeft: current - 1,
      ArrowUp: current - 1,
      Home: 0,
      End: stops.length - 1,
    }
    const step = steps[event.key]
    if (step !== undefined && stops.length > 0) go(step)
    else if (event.key === 'Enter' || event.key === ' ') onPin(seen(event))
    else return
    event.preventDefault()
  })
  return {
    draw(next, { kind, arcs }) {
      const had = svg.contains(document.activeElement) ? view.nodes[current]?.party : undefined
      view = next
      svg.innerHTML = drawingOf(view, { kind, arcs, theme: pageTheme, hues: model.huesOf(view) })
      svg.setAttribute('role', 'group')
      // In a matrix a row is somebody; the name over the column is the same again.
      const all = svg.querySelectorAll<SVGElement>(kind === 'chord' ? '.arc' : 'text.label[x]')
      stops = [...all]
      for (const [index, stop] of stops.entries()) {
        stop.setAttribute('role', 'button')
        stop.setAttribute('tabindex', index === 0 ? '0' : '-1')
        stop.setAttribute('aria-label', nodeSentence(view, Number(stop.dataset['node'])))
      }
      current = 0
      const place = had === undefined ? -1 : view.nodes.findIndex(({ party }) => party === had)
      if (place >= 0) go(place)
    },
    show(focus, pinned) {
      const nodes = focus && nodesOf(focus, view)
      svg.classList.toggle('dim', nodes !== undefined)
      light(svg, nodes)
      const kept = pinned?.kind === 'party' ? nodesOf(pinned, view)?.[0] : undefined
      for (const element of svg.querySelectorAll<SVGElement>('[data-node]')) {
        const isPinned = Number(element.dataset['node']) === kept
        element.classList.toggle('pinned', isPinned)
        if (element.hasAttribute('tabindex')) element.setAttribute('aria-pressed', String(isPinned))
      }
      svg.dataset['pinned'] = String(sameFocus(focus, pinned) && pinned !== undefined)
    },
  }
}

/** Marks what belongs to one or two nodes. */
function light(svg: SVGElement, nodes: readonly number[] | undefined): void {
  const [one, other] = nodes ?? []
  const isLit = (a: number, b: number) =>
    one !== undefined &&
    (other === undefined ? a === one || b === one : (a === one && b === other) || (a === other && b === one))
  const lit = new Set(nodes)
  for (const element of svg.querySelectorAll<SVGElement>('.ribbon,.cell')) {
    const { a, b, approver, author } = element.dataset
    const [from, to] = [Number(a ?? approver), Number(b ?? author)]
    const belongs = isLit(from, to)
    element.classList.toggle('lit', belongs)
    if (element.nextElementSibling?.classList.contains('number'))
      element.nextElementSibling.classList.toggle('lit', belongs)
    if (belongs && other === undefined) lit.add(from).add(to)
  }
  for (const element of svg.querySelectorAll<SVGElement>('[data-node]'))
    element.classList.toggle('lit', lit.has(Number(element.dataset['node'])))
}
