/**
 * A run in the Trace Event Format (JSON object format), which ui.perfetto.dev and chrome://tracing open: a process for
 * each group of spans, a thread for each of its lanes, complete events (`X`) with microseconds.
 */
import type { Span } from './spans.ts'

export interface TraceEvent {
  readonly name: string
  readonly ph: 'X' | 'M'
  readonly pid: number
  readonly tid: number
  /** microseconds since the process started */
  readonly ts: number
  readonly dur?: number
  readonly cat?: string
  readonly args: Readonly<Record<string, string | number>>
}

export interface Trace {
  readonly traceEvents: readonly TraceEvent[]
  readonly displayTimeUnit: 'ms'
}

export function traceOf(spans: readonly Span[]): Trace {
  const pids = new Map<string, number>()
  const events: TraceEvent[] = []
  for (const { group, name, startMs, endMs, lane, facts } of spans) {
    let pid = pids.get(group)
    if (pid === undefined) {
      pids.set(group, (pid = pids.size + 1))
      const named = { ph: 'M', pid, tid: 0, ts: 0 } as const
      events.push({ ...named, name: 'process_name', args: { name: group } })
      events.push({ ...named, name: 'process_sort_index', args: { sort_index: pid } })
    }
    const [ts, end] = [micro(startMs), micro(endMs)]
    events.push({ name, ph: 'X', pid, tid: lane + 1, ts, dur: end - ts, cat: group, args: facts })
  }
  return { traceEvents: events, displayTimeUnit: 'ms' }
}

function micro(ms: number): number {
  return Math.max(0, Math.round(ms * 1000))
}
