/** A picture as one SVG file. */
import { captionLines } from '../facts.ts'
import type { Picture } from '../picture.ts'
import { huesOf } from '../view/hues.ts'
import { drawingOf, type ViewKind } from './drawing.ts'
import { svgDocument } from './svg-document.ts'
import { hueCount, themes, type ThemeName } from './theme.ts'

export interface SvgOptions {
  /** default: light */
  readonly theme?: ThemeName | undefined
  /** default: chord */
  readonly kind?: ViewKind | undefined
}

export function svgFile(
  picture: Picture,
  { theme: name = 'light', kind = 'chord' }: SvgOptions = {},
): string {
  const { facts, view, arcs } = picture
  const theme = themes[name]
  return svgDocument(
    {
      title: `${facts.title}${facts.partial.length > 0 ? ' (partial)' : ''}`,
      drawing: drawingOf(view, { kind, theme, arcs, hues: pictureHues(picture) }),
      warnings: facts.partial.map((reason) => `Partial: ${reason}`),
      caption: captionLines(facts),
    },
    theme,
  )
}

/** Hues by node. */
export function pictureHues({ view, counted }: Picture): (number | undefined)[] {
  return huesOf(view.nodes, (party) => counted.parties[party]!.team, hueCount)
}
