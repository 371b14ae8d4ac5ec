/** The timeline of a run as one drawing: a band for each group, a row for each of its lanes, a bar for each span. */
import type { Span } from '../spans.ts'
import { formatBytes, formatSeconds } from '../units.ts'
import { escapeHtml } from './html.ts'

const width = 1160
const gutter = 180
const row = 16
const bar = 12
const head = 24
/** Rows of a group that are drawn; a run of a thousand images would make a page of a mile. */
const mostRows = 24
/** Bars of a page; the shortest of more are left out. */
const mostBars = 6000
/** Width of a character of a bar's name. */
const letter = 6.4

const colours = ['plan', 'commands', 'builds', 'hashing', 'compression', 'names']

export function timeline(spans: readonly Span[]): string {
  const endMs = Math.max(1, ...spans.map((span) => span.endMs))
  const x = (ms: number): number => gutter + (Math.max(0, ms) / endMs) * (width - gutter - 8)
  const drawn = new Set(
    spans.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs)).slice(0, mostBars),
  )
  const parts: string[] = []
  let top = head
  let index = 0
  for (const [group, all] of Map.groupBy(spans, (span) => span.group)) {
    const rows = Math.min(mostRows, Math.max(...all.map(({ lane }) => lane)) + 1)
    const hidden = all.filter(({ lane }) => lane >= rows).length
    const height = rows * row + 8
    if (index++ % 2 === 0)
      parts.push(`<rect class="group" x="0" y="${top}" width="${width}" height="${height}"/>`)
    const label = group.length > 26 ? `${group.slice(0, 25)}…` : group
    parts.push(`<text x="8" y="${top + 16}">${escapeHtml(label)}<title>${escapeHtml(group)}</title></text>`)
    if (hidden > 0 && rows > 1)
      parts.push(`<text class="soft" x="8" y="${top + 32}">${hidden} more not drawn</text>`)
    for (const span of all) {
      if (span.lane >= rows || !drawn.has(span)) continue
      const [from, to] = [x(span.startMs), x(span.endMs)]
      const y = top + 4 + span.lane * row
      const size = Math.max(1.5, to - from)
      const name = escapeHtml(`${span.name}, ${describe(span)}`)
      const fill = `fill="var(--${colourOf(group)})"`
      parts.push(
        `<rect x="${round(from)}" y="${y}" width="${round(size)}" height="${bar}" rx="2" ${fill}><title>${name}</title></rect>`,
      )
      const fits = Math.floor((size - 8) / letter)
      if (fits >= 6) {
        const text = span.name.length > fits ? `${span.name.slice(0, fits - 1)}…` : span.name
        parts.push(
          `<text x="${round(from + 4)}" y="${y + 10}" style="fill:var(--page);font-size:11px" pointer-events="none">${escapeHtml(text)}</text>`,
        )
      }
    }
    top += height
  }
  const ticks = axis(endMs)
    // A label at the very end would be cut.
    .filter((ms) => x(ms) < width - 48)
    .map(
      (ms) =>
        `<line class="grid" x1="${round(x(ms))}" x2="${round(x(ms))}" y1="${head - 4}" y2="${top}"/><text class="soft" x="${round(x(ms) + 3)}" y="14">${formatTick(ms, endMs)}</text>`,
    )
    .join('')
  const label = `Timeline of ${formatSeconds(endMs / 1000)}; the tables below hold the same facts`
  return `<svg viewBox="0 0 ${width} ${top}" role="img" aria-label="${escapeHtml(label)}">${ticks}${parts.join('')}</svg>`
}

function colourOf(group: string): string {
  if (colours.includes(group)) return group
  return group.startsWith('requests') ? 'requests' : 'destination'
}

function describe({ startMs, endMs, facts }: Span): string {
  const bytes = facts['bytes']
  const told = [
    `${formatSeconds((endMs - startMs) / 1000)} from ${formatSeconds(startMs / 1000)}`,
    ...(typeof bytes === 'number' ? [formatBytes(bytes)] : []),
    ...(facts['status'] === undefined ? [] : [`status ${facts['status']}`]),
  ]
  return told.join(', ')
}

/** Round moments, some eight of them. */
function axis(endMs: number): number[] {
  const rough = endMs / 8
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough
  return Array.from({ length: Math.floor(endMs / step) + 1 }, (_, index) => index * step)
}

function formatTick(ms: number, endMs: number): string {
  return endMs < 2000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(2))} s`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
