/** What is told of a registry that serves. */
import { styleText } from 'node:util'
import type { ServedEvent } from '../../registry/index.ts'
import { jsonReporter } from './json.ts'
import { plainReporter } from './plain.ts'
import type { Reporter } from './reporter.ts'
import { formatBytes, formatSeconds } from './units.ts'

/** A line of the access log. */
export function servedLine(event: ServedEvent, stream: NodeJS.WriteStream): string {
  const { method, path, status, bytes, milliseconds, error } = event
  const colour = status < 400 ? 'green' : status < 500 ? 'yellow' : 'red'
  const facts = [
    styleText(colour, String(status), { stream }),
    method.padEnd(6),
    path,
    ...(bytes > 0 ? [formatBytes(bytes)] : []),
    styleText('dim', formatSeconds(milliseconds / 1000), { stream }),
    ...(error === undefined ? [] : [styleText('red', `broke off: ${error}`, { stream })]),
  ]
  return facts.join('  ')
}

/** Of a process that serves what it built: blobs that left it, what could not be had, and what went wrong otherwise. */
export function servingReporter(progress: string): Reporter {
  const stream = process.stderr
  if (progress === 'json') return jsonReporter(stream)
  const plain = plainReporter(stream, { only: new Set(['warning', 'registry-retry', 'mirror-failed']) })
  return {
    emit(event) {
      if (event.kind !== 'registry-served') plain.emit(event)
      else if (progress !== 'quiet' && isShown(event)) stream.write(`${servedLine(event, stream)}\n`)
    },
    close: () => undefined,
  }
}

function isShown({ path, status, bytes }: ServedEvent): boolean {
  return (path.includes('/blobs/') && bytes > 0) || status >= 400
}
