/** The access log of a registry, a line for each request. */
import { styleText } from 'node:util'
import type { ServedEvent } from '../../registry/index.ts'
import { formatBytes, formatSeconds } from './units.ts'

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
