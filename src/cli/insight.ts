/** Follows a run for `--explain`, `--trace` and `--report`. */
import { resolve } from 'node:path'
import { writeFileAtomically } from '../base/index.ts'
import type { BuildEvent, Emit } from '../build/index.ts'
import type { InsightFlags } from './insight-flags.ts'
import { spansOf } from './report/spans.ts'
import { watchRequests } from './request-watch.ts'
import type { RunResult } from './run.ts'

/** An event and when it came. */
export interface TimedEvent {
  /** since the process started */
  readonly atMs: number
  readonly event: BuildEvent
}

export interface Insight {
  readonly observe: Emit
  /** Writes what was asked for, also of a run that failed, and returns lines to print. @throws Failure FILE_SYSTEM */
  readonly finish: (result: RunResult | undefined, stream: NodeJS.WriteStream) => Promise<readonly string[]>
}

export function openInsight({ explain, trace, report }: InsightFlags): Insight {
  let events: TimedEvent[] = []
  const requests = trace !== undefined || report !== undefined ? watchRequests() : undefined
  return {
    observe: (event) => void events.push({ atMs: performance.now(), event }),
    async finish(result, stream) {
      const [seen, lines]: [TimedEvent[], string[]] = [events, []]
      events = []
      const spans = requests ? spansOf(seen, requests.take()) : []
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
