/** What a run prints on stdout at its end: a table of images and a line of counts. */
import { styleText } from 'node:util'
import { totalRequests } from '../base/index.ts'
import { shortDigest } from '../oci/index.ts'
import { formatTable } from './report/table.ts'
import { formatBytes, formatSeconds, plural } from './report/units.ts'
import type { RunResult } from './run.ts'

const columns = [
  { title: 'IMAGE' },
  { title: 'VARIANT' },
  { title: 'PLATFORM' },
  { title: 'DIGEST' },
  { title: 'NEW', align: 'right' },
  { title: 'SHARED', align: 'right' },
  { title: 'SIZE', align: 'right' },
  { title: 'TIME', align: 'right' },
] as const

export function summaryLines(result: RunResult, stream: NodeJS.WriteStream): string[] {
  const rows = result.rows.map((row) => [
    row.image,
    row.variant ?? '-',
    row.platform,
    shortDigest(row.digest),
    String(row.newLayers),
    String(row.sharedLayers),
    formatBytes(row.size),
    formatSeconds(row.seconds),
  ])
  return [...formatTable(columns, rows, stream), '', ...countLines(result, stream)]
}

function countLines(
  { images, rows, seconds, tally, destinations, documents }: RunResult,
  stream: NodeJS.WriteStream,
): string[] {
  const memory = process.resourceUsage().maxRSS * 1024
  const distinct = new Set(images.map((image) => image.name)).size
  const names = images.reduce((sum, image) => sum + image.references.length, 0)
  const counts = [
    `read ${formatBytes(tally.bytesRead)}`,
    `hashed ${formatBytes(tally.bytesHashed)}`,
    ...(tally.bytesCompressed > 0 ? [`compressed ${formatBytes(tally.bytesCompressed)}`] : []),
    ...(tally.bytesWritten > 0 ? [`written ${formatBytes(tally.bytesWritten)}`] : []),
    ...(totalRequests(tally) > 0
      ? [`sent ${formatBytes(tally.bytesSent)}`, plural(totalRequests(tally), 'request')]
      : []),
    ...(documents.all > 0 ? [`attached ${documents.sent} of ${plural(documents.all, 'document')}`] : []),
    `peak memory ${formatBytes(memory)}`,
  ]
  const what = `${plural(rows.length, 'build')} of ${plural(distinct, 'image')}, ${plural(names, 'name')} -> ${destinations.join(', ')}`
  return [
    `${styleText('bold', `${formatSeconds(seconds)}`, { stream })}  ${what}`,
    styleText('dim', counts.join(', '), { stream }),
  ]
}
