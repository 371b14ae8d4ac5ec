/** A picture as one HTML page that needs no network: a static drawing and tables, which its script brings to life. */
import { createHash } from 'node:crypto'
import { captionLines, type Facts } from '../facts.ts'
import type { Picture } from '../picture.ts'
import { escapeMarkup, grouped, isolated } from './markup.ts'
import { pageStyle } from './page-style.ts'
import { pairRows } from './pairs-table.ts'
import { drawingOf, fontFamily, type ViewKind } from './svg-file.ts'
import { pageTheme } from './theme.ts'
import { chordSize } from './chord-svg.ts'

export interface HtmlOptions {
  readonly kind?: ViewKind | undefined
}

export function htmlFile(picture: Picture, { kind = 'chord' }: HtmlOptions = {}): string {
  const { facts } = picture
  const title =
    facts.sources.length === 1 ? `${facts.title}: ${facts.sources[0]!.split(',')[0]!}` : facts.title
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${hashOf(pageStyle)}'; img-src data: blob:; base-uri 'none'; form-action 'none'">
<title>${escapeMarkup(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeMarkup(facts.title)}</h1>
${header(facts)}
<figure>
<svg viewBox="0 0 ${chordSize} ${chordSize}" role="img" aria-label="${escapeMarkup(facts.reading)}" font-family="${fontFamily}">${drawingOf(picture, kind, pageTheme)}</svg>
</figure>
${table(
  'Pairs',
  ['changes of', 'approved by', 'count'],
  pairRows(picture.view).map(({ author, approver, count }) => [author, approver, grouped(count)]),
)}
</main>
</body>
</html>
`
}

function header(facts: Facts): string {
  const partial = facts.partial.map(
    (reason) => `<p class="partial"><strong>Partial:</strong> ${escapeMarkup(reason)}</p>`,
  )
  return [...partial, ...captionLines(facts).map((line) => `<p>${escapeMarkup(line)}</p>`)].join('\n')
}

function table(caption: string, titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = titles.map((title) => `<th scope="col">${escapeMarkup(title)}</th>`).join('')
  const body = rows.map(
    (row) => `<tr>${row.map((value) => `<td>${escapeMarkup(isolated(value))}</td>`).join('')}</tr>`,
  )
  return `<table><caption>${escapeMarkup(caption)}</caption><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
