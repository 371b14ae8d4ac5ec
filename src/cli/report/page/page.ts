/** A run as one page of HTML that needs nothing else: no network, no script, read by eyes, keyboards and screen readers. */
import { totalRequests } from '../../../base/index.ts'
import type { TimedEvent } from '../../insight.ts'
import type { RunResult } from '../../run.ts'
import { describeChange, describeReason, sentTo } from '../explain-report.ts'
import { describeBuild } from '../plain.ts'
import type { Span } from '../spans.ts'
import { formatBytes, formatSeconds, plural } from '../units.ts'
import { escapeHtml, htmlTable } from './html.ts'
import { matrix } from './matrix.ts'
import { style } from './style.ts'
import { timeline } from './timeline.ts'

export interface PageFacts {
  readonly events: readonly TimedEvent[]
  readonly spans: readonly Span[]
  /** absent: the run failed */
  readonly result: RunResult | undefined
  /** when the page was made, RFC 3339 */
  readonly madeAt: string
}

export function reportPage(facts: PageFacts): string {
  const { events, spans, result, madeAt } = facts
  const sections: [string, string][] = [
    [
      'Timeline',
      `<div class="scroll" tabindex="0" role="region" aria-label="Timeline">${timeline(spans)}</div>`,
    ],
    ...(result
      ? ([
          ['Images', imagesTable(result)],
          ['Layers by image', matrix(result.images, sentTo(result.deliveries))],
          ['What was sent where', sentTable(events)],
        ] as [string, string][])
      : []),
    ['Why layers are new', reasons(events)],
  ]
  const title = result
    ? `${plural(result.rows.length, 'build')} in ${formatSeconds(result.seconds)}`
    : 'a run that failed'
  const body = sections.map(([name, content]) => `<section><h2>${name}</h2>\n${content}</section>`)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>slipway: ${escapeHtml(title)}</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><main><header><h1>${escapeHtml(title)}</h1>
<p class="soft">${result ? escapeHtml(result.destinations.join(', ')) : '<span class="failed">nothing was published</span>'} · <time datetime="${madeAt}">${madeAt.slice(0, 16).replace('T', ' ')} UTC</time></p>
${result ? totals(result) : ''}</header>
${body.join('\n')}
</main></body></html>
`
}

function totals({ tally, seconds, rows }: RunResult): string {
  const facts: [string, string][] = [
    ['time', formatSeconds(seconds)],
    ['builds', String(rows.length)],
    ['read', formatBytes(tally.bytesRead)],
    ['hashed', formatBytes(tally.bytesHashed)],
    ['compressed', formatBytes(tally.bytesCompressed)],
    ['written', formatBytes(tally.bytesWritten)],
    ['sent', formatBytes(tally.bytesSent)],
    ['requests', String(totalRequests(tally))],
    ['peak memory', formatBytes(process.resourceUsage().maxRSS * 1024)],
  ]
  return `<dl class="totals">${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

function imagesTable({ rows }: RunResult): string {
  const cells = rows.map((row) => [
    escapeHtml(row.image),
    escapeHtml(row.variant ?? '–'),
    escapeHtml(row.platform),
    `<code title="${row.digest}">${row.digest.slice(7, 19)}</code>`,
    String(row.newLayers),
    String(row.sharedLayers),
    formatBytes(row.size),
    formatSeconds(row.seconds),
  ])
  const titles = ['image', 'variant', 'platform', 'digest', 'new', 'shared', 'size', 'time']
  return htmlTable(titles, cells, { numbers: [4, 5, 6, 7], caption: 'Images' })
}

/** A row for each destination and what it did with blobs. */
function sentTable(events: readonly TimedEvent[]): string {
  const counts = new Map<string, { destination: string; state: string; blobs: number; bytes: number }>()
  for (const { event } of events) {
    if (event.kind !== 'blob') continue
    const { destination, state } = event
    const key = `${destination}\n${state}`
    const { blobs, bytes } = counts.get(key) ?? { blobs: 0, bytes: 0 }
    counts.set(key, { destination, state, blobs: blobs + 1, bytes: bytes + event.bytes })
  }
  if (counts.size === 0) return '<p class="soft">No destination was asked for a blob.</p>'
  const cells = [...counts.values()].map(({ destination, state, blobs, bytes }) => [
    escapeHtml(destination),
    state === 'exists' ? 'were there already' : state,
    String(blobs),
    formatBytes(bytes),
  ])
  return htmlTable(['destination', 'blobs', 'count', 'size'], cells, {
    numbers: [2, 3],
    caption: 'What was sent where',
  })
}

/** A row for each thing that is new and its reason, however many builds have it. */
function reasons(events: readonly TimedEvent[]): string {
  const rows = new Map<string, { what: string; why: string; builds: string[] }>()
  const unchanged: string[] = []
  const add = (what: string, why: string, build: string): void => {
    const key = `${what}\n${why}`
    const known = rows.get(key) ?? { what, why, builds: [] }
    rows.set(key, known)
    known.builds.push(build)
  }
  for (const { event } of events) {
    if (event.kind !== 'explained') continue
    const name = describeBuild(event.build)
    if (event.changes.length + event.layers.length === 0) unchanged.push(name)
    for (const change of event.changes) add('the build', list([describeChange(change)]), name)
    for (const layer of event.layers) {
      const line = layer.line === undefined ? '' : `<span class="soft">:${layer.line}</span> `
      const what = `${line}<code>${escapeHtml(layer.instruction)}</code>`
      add(what, list(layer.reasons.map(describeReason)), name)
    }
  }
  const same = unchanged.length > 0 ? `<p>Unchanged: ${escapeHtml(unchanged.join(', '))}.</p>` : ''
  if (rows.size === 0) return same || '<p class="soft">No build came so far.</p>'
  const cells = [...rows.values()].map(({ what, why, builds }) => [what, why, someOf(builds)])
  return `${same}${htmlTable(['what', 'why it is new', 'builds'], cells, { caption: 'Why layers are new' })}`
}

function someOf([first = '', ...others]: readonly string[]): string {
  const all = escapeHtml([first, ...others].join('\n'))
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return `<span title="${all}">${escapeHtml(first)}${more}</span>`
}

function list(items: readonly string[]): string {
  if (items.length === 0) return '<span class="soft">never built before</span>'
  if (items.length === 1) return escapeHtml(items[0]!)
  return `<ul class="reasons">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`
}
