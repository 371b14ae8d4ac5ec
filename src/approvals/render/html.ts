/** A picture as one HTML page that needs no network: a static drawing and tables, which its script brings to life. */
import { createHash } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { captionLines, type Facts } from '../facts.ts'
import type { Picture } from '../picture.ts'
import { packCells } from '../view/packed-cells.ts'
import { defaultTop } from '../view/view.ts'
import { chordSize } from './chord-svg.ts'
import { drawingOf, type ViewKind } from './drawing.ts'
import { escapeMarkup } from './markup.ts'
import { pageControls } from './page-controls.ts'
import { pageIds, type PageData } from './page-data.ts'
import { pageScript } from './page-script.ts'
import { pageStyle } from './page-style.ts'
import { pairsTable, peopleTable } from './page-tables.ts'
import { fontFamily } from './svg-document.ts'
import { pictureHues } from './svg-file.ts'
import { pageTheme } from './theme.ts'

export interface HtmlOptions {
  /** default: chord */
  readonly kind?: ViewKind | undefined
}

export async function htmlFile(picture: Picture, { kind = 'chord' }: HtmlOptions = {}): Promise<string> {
  const { facts, view } = picture
  const script = await pageScript()
  const data = pageData(picture, kind)
  const title =
    facts.sources.length === 1 ? `${facts.title}: ${facts.sources[0]!.split(',')[0]!}` : facts.title
  const drawing = drawingOf(view, { kind, theme: pageTheme, arcs: picture.arcs, hues: pictureHues(picture) })
  const policy = `default-src 'none'; style-src '${hashOf(pageStyle)}'; script-src '${hashOf(script)}'; img-src data: blob:; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeMarkup(title)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<header>
<h1>${escapeMarkup(facts.title)}</h1>
${facts.partial.map((reason) => `<p class="partial"><strong>Partial:</strong> ${escapeMarkup(reason)}</p>`).join('\n')}
<p>${escapeMarkup(captionLines(facts)[0]!)}</p>
</header>
${pageControls(data, activeLabels(picture))}
<div class="stage">
<figure><svg id="${pageIds.picture}" viewBox="0 0 ${chordSize} ${chordSize}" role="img" aria-label="${escapeMarkup(`${facts.title}. ${facts.coverage}.`)}" font-family="${fontFamily}">${drawing}</svg></figure>
<aside aria-label="Details">
<div id="${pageIds.details}" aria-live="polite"><h2>Reading</h2><p>${escapeMarkup(facts.reading)}</p></div>
<div id="${pageIds.facts}">${factParagraphs(facts)}</div>
</aside>
</div>
<p id="${pageIds.status}" class="hidden" role="status"></p>
<section id="${pageIds.pairs}">${pairsTable(view)}</section>
<section id="${pageIds.people}">${peopleTable(view)}</section>
</main>
<script type="application/json" id="${pageIds.data}">${inlineJson(data)}</script>
<script type="text/plain" id="${pageIds.cells}">${deflateRawSync(packCells(picture.counted.cells), { level: 6 }).toString('base64')}</script>
<script>${script}</script>
</body>
</html>
`
}

function pageData({ facts, counted, mode, arcs, viewOptions }: Picture, kind: ViewKind): PageData {
  const { parties, cells } = counted
  const dated = cells.month.filter((month) => month >= 0)
  const { min = 1, minPer = 'pair', top = defaultTop, hasOthers = true } = viewOptions
  return {
    facts,
    labels: parties.map(({ label }) => label),
    teams: parties.some(({ team }) => team !== undefined)
      ? parties.map(({ team }) => team ?? null)
      : undefined,
    months:
      dated.length === 0
        ? undefined
        : [dated.reduce((a, b) => Math.min(a, b)), dated.reduce((a, b) => Math.max(a, b))],
    start: { kind, mode, arcs, min, minPer, top: Math.min(top, Math.max(parties.length, 1)), hasOthers },
  }
}

/** Those who gave or received something, in the order of names. */
function activeLabels({ counted: { parties, cells } }: Picture): string[] {
  return [...new Set([...cells.approver, ...cells.author])].map((party) => parties[party]!.label).toSorted()
}

function factParagraphs(facts: Facts): string {
  return captionLines(facts, { hasReading: false })
    .map((line) => `<p>${escapeMarkup(line)}</p>`)
    .join('\n')
}

/** JSON that a script element can hold. */
function inlineJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
