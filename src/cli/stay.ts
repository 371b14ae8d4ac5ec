/** A process that stays after its first run, until Ctrl-C: it serves what was built. */
import { servedReference } from '../build/index.ts'
import { untilInterrupted } from './interruption.ts'
import type { ReadyRun } from './job.ts'
import { servingReporter } from './report/served.ts'
import { openProcess, type RunResult } from './run.ts'

/** @throws Failure, or the reason of the abort, of the run */
export async function serveJob(
  { plan, options }: ReadyRun,
  report: (result: RunResult) => Promise<void>,
): Promise<void> {
  const build = openProcess(options)
  try {
    const result = await build.run(plan, options)
    const reporter = servingReporter(options.progress)
    build.tell((event) => reporter.emit(event))
    const interrupted = untilInterrupted()
    await report(result)
    process.stdout.write(`${pullLines(result, build.session.serving()!.host).join('\n')}\n`)
    await interrupted
  } finally {
    await build.session.close()
  }
}

/** How to get each image, on this machine and in a manifest of Kubernetes, once for each of its names. */
export function pullLines({ images }: RunResult, host: string): string[] {
  const names = images.flatMap(({ references }) =>
    references.map((reference) => servedReference(host, reference)),
  )
  return [`serving on ${host} until Ctrl-C:`, ...[...new Set(names)].map((name) => `  docker pull ${name}`)]
}
