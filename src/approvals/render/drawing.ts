/** A view as a drawing, of either kind. Runs in pages too. */
import type { ArcSize } from '../view/chord-layout.ts'
import type { View } from '../view/view.ts'
import { chordDrawing, chordSize } from './chord-svg.ts'
import { matrixDrawing } from './matrix-svg.ts'
import type { Theme } from './theme.ts'

export const viewKinds = ['chord', 'matrix'] as const
export type ViewKind = (typeof viewKinds)[number]

export interface DrawingOptions {
  readonly kind: ViewKind
  readonly theme: Theme
  readonly arcs: ArcSize
  /** hues by node */
  readonly hues: readonly (number | undefined)[]
}

/** What lies inside of `<svg>`, in a square of `chordSize`. */
export function drawingOf(view: View, { kind, theme, arcs, hues }: DrawingOptions): string {
  if (view.nodes.length === 0) return emptyDrawing(theme)
  if (kind === 'matrix') return matrixDrawing(view, theme)
  return chordDrawing(view, { theme, arcs, hueOf: (node) => hues[node] })
}

function emptyDrawing(theme: Theme): string {
  const middle = chordSize / 2
  return `<circle cx="${middle}" cy="${middle}" r="290" fill="none" stroke="${theme.line}" stroke-width="16"/><text x="${middle}" y="${middle}" dy="0.35em" text-anchor="middle" font-size="20" fill="${theme.muted}">no approvals to show</text>`
}
