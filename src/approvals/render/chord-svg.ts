/** A chord diagram as SVG. Runs in pages too. */
import { chordLayout, type ArcSize, type Arc, type Ribbon } from '../view/chord-layout.ts'
import type { View } from '../view/view.ts'
import { labelPlaces } from './label-places.ts'
import { clipped, escapeMarkup, grouped, isolated, short } from './markup.ts'
import type { Theme } from './theme.ts'

/** The drawing is this wide and high, in units of the picture. */
export const chordSize = 1000

const radius = 282
const thickness = 16
/** so few names stand upright, more of them point away from the middle */
const mostUpright = 12
/** from the arcs to the edge of the drawing */
const labelRoom = chordSize / 2 - radius - thickness - 20

export interface ChordOptions {
  readonly theme: Theme
  readonly arcs?: ArcSize | undefined
  /** the hue of a node, or nothing for grey */
  readonly hueOf: (node: number) => number | undefined
}

/** What lies inside of `<svg>`: ribbons, arcs, labels. */
export function chordDrawing(view: View, { theme, arcs: size = 'received', hueOf }: ChordOptions): string {
  const { arcs, ribbons } = chordLayout(view, size)
  const colourOf = (node: number): string => {
    const hue = hueOf(node)
    return hue === undefined ? theme.grey : theme.hues[hue]!
  }
  const names = view.nodes.map(({ label }) => label)
  const parts = [
    ...ribbons.map((ribbon) => ribbonPath(ribbon, colourOf(ribbon.source.node), theme)),
    ...arcs.map((arc) => arcPath(arc, colourOf(arc.node))),
    ...labelTexts(arcs, names, theme),
  ]
  return `<g transform="translate(${chordSize / 2} ${chordSize / 2})">${parts.join('\n')}</g>`
}

function labelTexts(arcs: readonly Arc[], names: readonly string[], theme: Theme): string[] {
  const isUpright = arcs.length <= mostUpright
  const fontSize = isUpright ? 16 : arcs.length <= 25 ? 14 : 12
  const room = isUpright ? 0.12 : (fontSize * 1.15) / (radius + thickness + 20)
  const places = labelPlaces(arcs, room)
  const nameless = arcs.length - places.length
  const note =
    nameless === 0
      ? []
      : [
          `<text x="${24 - chordSize / 2}" y="${chordSize / 2 - 12}" font-size="13" fill="${theme.muted}">${grouped(nameless)} small arcs have no room for a name</text>`,
        ]
  const labels = places.map(({ node, angle, arcAngle }) => {
    const isLeft = Math.sin(angle) < 0
    const number = grouped(arcs[node]!.value)
    // A letter is about 0.6 of its size wide.
    const length = Math.floor(labelRoom / (fontSize * 0.6)) - number.length - 1
    const name = escapeMarkup(isolated(clipped(names[node]!, length)))
    const value = `<tspan fill="${theme.muted}">${number}</tspan>`
    const text = isLeft ? `${value} ${name}` : `${name} ${value}`
    const leader = Math.abs(angle - arcAngle) > 0.004 ? leaderLine(angle, arcAngle, theme) : ''
    const place = isUpright ? uprightPlace(angle) : radialPlace(angle)
    return `${leader}<text class="label" data-node="${node}" ${place} font-size="${fontSize}" fill="${theme.ink}">${text}</text>`
  })
  return [...labels, ...note]
}

function radialPlace(angle: number): string {
  const degrees = ((angle * 180) / Math.PI + 720) % 360
  const isLeft = degrees > 180
  const turn = `rotate(${short(degrees - 90)}) translate(${radius + thickness + 16} 0)${isLeft ? ' rotate(180)' : ''}`
  return `transform="${turn}" dy="0.35em" text-anchor="${isLeft ? 'end' : 'start'}"`
}

function uprightPlace(angle: number): string {
  const side = Math.sin(angle)
  const anchor = Math.abs(side) < 0.25 ? 'middle' : side < 0 ? 'end' : 'start'
  return `transform="translate(${point(angle, radius + thickness + 16)})" dy="${short(0.35 - 0.4 * Math.cos(angle))}em" text-anchor="${anchor}"`
}

function leaderLine(angle: number, arcAngle: number, theme: Theme): string {
  const inner = radius + thickness + 1
  return `<path d="M${point(arcAngle, inner)}L${point(arcAngle, inner + 4)}L${point(angle, inner + 12)}" fill="none" stroke="${theme.line}" stroke-width="1"/>`
}

function arcPath(arc: Arc, colour: string): string {
  const { node, start, end } = arc
  const large = end - start > Math.PI ? 1 : 0
  const outer = radius + thickness
  // An arc around the whole circle would end where it begins, and be nothing.
  if (end - start > 2 * Math.PI - 1e-6)
    return `<path class="arc" data-node="${node}" d="M0 -${outer}A${outer} ${outer} 0 1 1 -0.01 -${outer}ZM0 -${radius}A${radius} ${radius} 0 1 0 0.01 -${radius}Z" fill-rule="evenodd" fill="${colour}"/>`
  const d = `M${point(start, outer)}A${outer} ${outer} 0 ${large} 1 ${point(end, outer)}L${point(end, radius)}A${radius} ${radius} 0 ${large} 0 ${point(start, radius)}Z`
  return `<path class="arc" data-node="${node}" d="${d}" fill="${colour}"/>`
}

function ribbonPath({ source, target }: Ribbon, colour: string, theme: Theme): string {
  const inner = radius - 2
  const edge = (start: number, end: number) =>
    end - start < 1e-9 ? '' : `A${inner} ${inner} 0 ${end - start > Math.PI ? 1 : 0} 1 ${point(end, inner)}`
  const d =
    source.node === target.node
      ? `M${point(source.start, inner)}${edge(source.start, source.end)}Q0 0 ${point(source.start, inner)}Z`
      : `M${point(source.start, inner)}${edge(source.start, source.end)}Q0 0 ${point(target.start, inner)}${edge(target.start, target.end)}Q0 0 ${point(source.start, inner)}Z`
  return `<path class="ribbon" data-a="${source.node}" data-b="${target.node}" d="${d}" fill="${colour}" fill-opacity="${theme.ribbonOpacity}"/>`
}

function point(angle: number, distance: number): string {
  return `${short(Math.sin(angle) * distance)} ${short(-Math.cos(angle) * distance)}`
}
