/** Access logs: one line for each request, as text or JSON, written in blocks so that a request waits for no disk. */
import type { AccessLogEntry } from '../proxy/data-plane.ts'

export type AccessLogFormat = 'text' | 'json'

/**
 * `[2026-11-25T18:00:00.000Z] "GET /a?b HTTP/1.1" 200 - 0 12 3ms 127.0.0.1 "curl/8" ID "host" 127.0.0.1:80 route`: Envoy's
 * default order, as far as it has the same facts. What a client can choose is escaped.
 */
export function formatAccess(entry: AccessLogEntry, format: AccessLogFormat): string {
  const time = new Date(entry.start).toISOString()
  if (format === 'json') {
    const { start: _, ...fields } = entry
    return JSON.stringify({ time, ...fields })
  }
  const { method, path, protocol, status, flags, bytesReceived, bytesSent, durationMs, attempts } = entry
  const duration = `${durationMs < 10 ? durationMs.toFixed(1) : Math.round(durationMs)}ms`
  return [
    `[${time}]`,
    quoted(`${method} ${path} ${protocol}`),
    status,
    flags,
    bytesReceived,
    bytesSent,
    duration,
    entry.client,
    quoted(entry.userAgent ?? '-'),
    quoted(entry.requestId ?? '-'),
    quoted(entry.host),
    quoted(entry.endpoint ?? '-'),
    quoted(entry.route ?? '-'),
    ...(attempts > 1 ? [`attempts=${attempts}`] : []),
  ].join(' ')
}

function quoted(text: string): string {
  const escaped = text.replaceAll(/["\\\u0000-\u001f\u007f-\u009f]/g, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return `"${escaped}"`
}

export interface AccessLog {
  readonly log: (entry: AccessLogEntry) => void
  readonly flush: () => void
}

export interface AccessLogSink {
  readonly write: (text: string) => void
  /** whether its reader is so slow that lines are given up rather than kept in memory */
  readonly isFull: () => boolean
  /** told at most once a minute */
  readonly onLoss: (lines: number) => void
}

const lossPauseMs = 60_000

/** Lines are handed on together, at the end of a turn of the event loop or when there are many. */
export function newAccessLog(format: AccessLogFormat, { write, isFull, onLoss }: AccessLogSink): AccessLog {
  let lines: string[] = []
  let isPlanned = false
  let [lost, toldAt] = [0, -Infinity]
  const flush = (): void => {
    isPlanned = false
    if (lines.length > 0 && !isFull()) write(`${lines.join('\n')}\n`)
    else lost += lines.length
    lines = []
    if (lost === 0 || performance.now() - toldAt < lossPauseMs) return
    onLoss(lost)
    ;[lost, toldAt] = [0, performance.now()]
  }
  return {
    flush,
    log(entry) {
      lines.push(formatAccess(entry, format))
      if (lines.length >= 500) flush()
      else if (!isPlanned) {
        isPlanned = true
        setImmediate(flush)
      }
    },
  }
}
