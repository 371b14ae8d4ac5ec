/** Follows a run for `--explain`, `--trace` and `--report`. */
import { resolve } from 'node:path'
import { writeFileAtomically } from '../base/index.ts'
import type { BuildEvent, Emit } from '../build/index.ts'
import type { InsightFlags } from './insight-flags.ts'
import { spansOf, type TimedRequest } from './report/spans.ts'
import { watchRequests } from './request-watch.ts'
import type { RunResult } from './run.ts'

/** An event and when it came. */
export interface TimedEvent {
  /** since the process started, or since the round did that came after another one */
  readonly atMs: number
  readonly event: BuildEvent
}

/** Of one run after the other: a new one begins with its `plan`, and what came before it is forgotten if it has no end. */
export interface Insight {
  readonly observe: Emit
  /**
   * Writes what was asked for, also of a run that failed, in the place of what is there, and returns lines to print.
   * @throws Failure FILE_SYSTEM
   */
  readonly finish: (result: RunResult | undefined, stream: NodeJS.WriteStream) => Promise<readonly string[]>
}

export function openInsight({ explain, trace, report }: InsightFlags): Insight {
  let events: TimedEvent[] = []
  let startMs = 0
  let isFirst = true
  const requests = trace !== undefined || report !== undefined ? watchRequests() : undefined
  return {
    observe(event) {
      if (event.kind === 'plan') {
        if (!isFirst) [events, startMs] = [[], performance.now()]
        if (!isFirst) requests?.take()
        isFirst = false
      }
      events.push({ atMs: performance.now() - startMs, event })
    },
    async finish(result, stream) {
      const [seen, lines]: [TimedEvent[], string[]] = [events, []]
      events = []
      const spans = requests
        ? spansOf(
            seen,
            requests.take().map((each) => earlier(each, startMs)),
          )
        : []
      if (explain && result) {
        const { explainLines } = await import('./report/explain-report.ts')
        lines.push('', ...explainLines(seen, result, stream))
      }
      if (trace !== undefined) {
        const { traceOf } = await import('./report/trace.ts')
        await writeFileAtomically(resolve(trace), `${JSON.stringify(traceOf(spans))}\n`)
      }
      if (report !== undefined) {
        const { reportPage } = await import('./report/page/page.ts')
        await writeFileAtomically(
          resolve(report),
          reportPage({ events: seen, spans, result, madeAt: new Date().toISOString() }),
        )
      }
      return lines
    },
  }
}

function earlier(request: TimedRequest, ms: number): TimedRequest {
  return { ...request, startMs: request.startMs - ms, endMs: request.endMs - ms }
}
