/** A drawing with its title and caption as one SVG document. Runs in pages too. */
import { chordSize } from './chord-svg.ts'
import { escapeMarkup, isolated } from './markup.ts'
import type { Theme } from './theme.ts'
import { wrapText } from './wrap.ts'

export interface SvgParts {
  readonly title: string
  readonly drawing: string
  readonly warnings: readonly string[]
  readonly caption: readonly string[]
}

export const fontFamily = "'DejaVu Sans', Verdana, sans-serif"

const [headHeight, lineHeight, footPad, lineLength] = [64, 20, 24, 138]

export function svgDocument({ title, drawing, warnings, caption }: SvgParts, theme: Theme): string {
  const lines = [
    ...warnings.flatMap((line) => wrapText(line, lineLength)).map((line) => ({ line, ink: theme.warn })),
    ...caption.flatMap((line) => wrapText(line, lineLength)).map((line) => ({ line, ink: theme.muted })),
  ]
  const height = headHeight + chordSize + lines.length * lineHeight + footPad
  const texts = lines.map(
    ({ line, ink }, index) =>
      `<text x="24" y="${headHeight + chordSize + (index + 1) * lineHeight}" font-size="13" fill="${ink}">${escapeMarkup(isolated(line))}</text>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${chordSize} ${height}" width="${chordSize}" height="${height}" font-family="${fontFamily}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escapeMarkup(title)}</title>`,
    `<desc id="description">${escapeMarkup(caption.join(' '))}</desc>`,
    `<rect width="${chordSize}" height="${height}" fill="${theme.background}"/>`,
    `<text x="24" y="42" font-size="24" font-weight="bold" fill="${theme.ink}">${escapeMarkup(title)}</text>`,
    `<g transform="translate(0 ${headHeight})">${drawing}</g>`,
    ...texts,
    '</svg>',
    '',
  ].join('\n')
}
