/** A picture as one SVG file: title, drawing, caption. */
import { captionLines } from '../facts.ts'
import type { Picture } from '../picture.ts'
import { huesOf } from '../view/hues.ts'
import { chordDrawing, chordSize } from './chord-svg.ts'
import { escapeMarkup, isolated } from './markup.ts'
import { matrixDrawing } from './matrix-svg.ts'
import { hueCount, themes, type Theme, type ThemeName } from './theme.ts'
import { wrapText } from './wrap.ts'

export type ViewKind = 'chord' | 'matrix'

export interface SvgOptions {
  readonly theme?: ThemeName | undefined
  readonly kind?: ViewKind | undefined
}

export const fontFamily = "'DejaVu Sans', Verdana, sans-serif"

/** The drawing alone, for a file or a page. */
export function drawingOf({ view, counted, arcs }: Picture, kind: ViewKind, theme: Theme): string {
  if (view.nodes.length === 0) return emptyDrawing(theme)
  if (kind === 'matrix') return matrixDrawing(view, theme)
  const hues = huesOf(view.nodes, (party) => counted.parties[party]!.team, hueCount)
  return chordDrawing(view, { theme, arcs, hueOf: (node) => hues[node] })
}

export function emptyDrawing(theme: Theme): string {
  const middle = chordSize / 2
  return `<circle cx="${middle}" cy="${middle}" r="290" fill="none" stroke="${theme.line}" stroke-width="16"/><text x="${middle}" y="${middle}" dy="0.35em" text-anchor="middle" font-size="20" fill="${theme.muted}">no approvals to show</text>`
}

const [headHeight, lineHeight, footPad] = [64, 20, 24]

export function svgFile(
  picture: Picture,
  { theme: name = 'light', kind = 'chord' }: SvgOptions = {},
): string {
  const theme = themes[name]
  const { facts } = picture
  const lines = captionLines(facts).flatMap((line) => wrapText(line, 138))
  const warnings = facts.partial.map((reason) => `Partial: ${reason}`).flatMap((line) => wrapText(line, 138))
  const height = headHeight + chordSize + (lines.length + warnings.length) * lineHeight + footPad
  const caption = [
    ...warnings.map((line) => ({ line, ink: theme.warn })),
    ...lines.map((line) => ({ line, ink: theme.muted })),
  ].map(
    ({ line, ink }, index) =>
      `<text x="24" y="${headHeight + chordSize + (index + 1) * lineHeight}" font-size="13" fill="${ink}">${escapeMarkup(isolated(line))}</text>`,
  )
  const title = `${facts.title}${facts.partial.length > 0 ? ' (partial)' : ''}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chordSize} ${height}" width="${chordSize}" height="${height}" font-family="${fontFamily}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeMarkup(title)}</title>`,
    `<desc id="description">${escapeMarkup(lines.join(' '))}</desc>`,
    `<rect width="${chordSize}" height="${height}" fill="${theme.background}"/>`,
    `<text x="24" y="42" font-size="24" font-weight="bold" fill="${theme.ink}">${escapeMarkup(title)}</text>`,
    `<g transform="translate(0 ${headHeight})">${drawingOf(picture, kind, theme)}</g>`,
    ...caption,
    '</svg>',
    '',
  ].join('\n')
}
