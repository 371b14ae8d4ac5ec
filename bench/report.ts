/** The results as tables in Markdown, which the README takes over. Pure. */
import type { Bar } from './bars.ts'
import { limit, slipway } from './bench.ts'
import { medianOf, requestsOf, type Results, type Row, type Sample } from './sample.ts'

export interface Report {
  readonly machine: string
  readonly results: Results
  readonly bars: readonly Bar[]
  /** what was left out, and why */
  readonly leftOut: readonly string[]
}

export function formatReport({ machine, results, bars, leftOut }: Report): string {
  const ownRows = results.rows.filter(({ subject }) => subject === slipway)
  const limits = results.rows.filter(({ subject }) => subject === limit)
  const others = [...new Set(results.rows.map(({ subject }) => subject))].filter(
    (subject) => subject !== slipway && subject !== limit,
  )
  return [
    `${machine}; medians.`,
    table(
      ['Slipway', 'seconds', 'read', 'hashed', 'sent', 'requests', 'CPU', 'peak memory'],
      ownRows.map(({ case: name, samples }) => [name, ...countsOf(medianOf(samples))]),
    ),
    ...(limits.length > 0
      ? [
          table(
            ['limit', 'seconds'],
            limits.map((row) => [row.case.replace('limit: ', ''), secondsOf(row)]),
          ),
        ]
      : []),
    ...rivalTables(results, others),
    table(
      ['bar', 'wanted', 'measured', ''],
      bars.map(({ name, wanted, measured, margin, isMet }) => [
        name,
        wanted,
        measured ?? 'not measured',
        isMet === undefined ? '' : `${isMet ? 'met' : '**missed**'}${margin ? `, ${margin}` : ''}`,
      ]),
    ),
    ...leftOut.map((text) => `Left out: ${text}.`),
    '',
  ].join('\n\n')
}

/** One line: what a run took, in words. */
export function describe(sample: Sample): string {
  const { counts, cpuSeconds, peakMemory } = sample
  return [
    ...(counts
      ? [
          `read ${megabytes(counts.bytesRead)}`,
          `hashed ${megabytes(counts.bytesHashed)}`,
          `sent ${megabytes(counts.bytesSent)}`,
          `${requestsOf(sample)} requests`,
        ]
      : []),
    ...(cpuSeconds === undefined ? [] : [`${cpuSeconds.toFixed(2)} s CPU`]),
    ...(peakMemory ? [`${megabytes(peakMemory)} peak`] : []),
  ].join(', ')
}

function countsOf(sample: Sample): string[] {
  const { counts, cpuSeconds, peakMemory, seconds } = sample
  return [
    formatSeconds(seconds),
    megabytes(counts?.bytesRead ?? 0),
    megabytes(counts?.bytesHashed ?? 0),
    megabytes(counts?.bytesSent ?? 0),
    String(requestsOf(sample)),
    cpuSeconds === undefined ? '' : `${cpuSeconds.toFixed(2)} s`,
    peakMemory ? megabytes(peakMemory) : '',
  ]
}

/** Each case that somebody else did too: seconds, and how often Slipway fits in. */
function rivalTables(results: Results, rivals: readonly string[]): string[] {
  const cases = [
    ...new Set(results.rows.filter((row) => rivals.includes(row.subject)).map((row) => row.case)),
  ]
  return cases.map((name) => {
    const own = results.median(name, slipway)
    const rows = [slipway, ...rivals].flatMap((subject) => {
      const sample = results.median(name, subject)
      if (!sample) return []
      const times = own && subject !== slipway ? `${(sample.seconds / own.seconds).toFixed(1)} x` : ''
      const { cpuSeconds, peakMemory, seconds } = sample
      return [
        [
          subject,
          formatSeconds(seconds),
          times,
          cpuSeconds === undefined ? '' : `${cpuSeconds.toFixed(2)} s`,
          peakMemory ? megabytes(peakMemory) : '',
        ],
      ]
    })
    return table([name, 'seconds', 'against Slipway', 'CPU', 'peak memory'], rows)
  })
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function secondsOf({ samples }: Row): string {
  return formatSeconds(medianOf(samples).seconds)
}

function formatSeconds(seconds: number): string {
  return seconds < 10 ? seconds.toFixed(2) : seconds.toFixed(1)
}

function megabytes(bytes: number): string {
  if (bytes === 0) return '0'
  return bytes < 1e6
    ? `${(bytes / 1e3).toFixed(0)} kB`
    : `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 0 })} MB`
}
