/** What a command does with a plan that is ready: one run, or a process that stays, serves and builds again. */
import { Failure } from '../base/index.ts'
import type { ResolvedPlan } from '../build/index.ts'
import { takesStandardOutput } from './output.ts'
import { runBake, type RunOptions, type RunResult } from './run.ts'
import type { Insight } from './insight.ts'
import type { InsightFlags } from './insight-flags.ts'
import type { ServeFlags } from './serve-flag.ts'
import type { WatchFlags } from './watch-flag.ts'

/** A plan with everything that a run of it needs. */
export interface ReadyRun {
  readonly plan: ResolvedPlan
  readonly options: RunOptions
  /** absolute paths of the files that it was read from, some of which need not exist */
  readonly files: () => Promise<readonly string[]>
}

export interface Job {
  readonly flags: ServeFlags & WatchFlags & InsightFlags
  readonly first: ReadyRun
  /** Reads everything anew. @throws Failure */
  readonly again: () => Promise<ReadyRun>
  /** Writes files that tell of a result, and returns what is to be printed. */
  readonly report: (result: RunResult, stream: NodeJS.WriteStream) => Promise<readonly string[]>
  /** follows each run, and tells of it after its report; absent: nobody asked */
  readonly insight?: Insight
}

export async function runJob(job: Job): Promise<void> {
  const { flags, first } = job
  const stream = takesStandardOutput(first.options.outputs) ? process.stderr : process.stdout
  const insight = await insightOf(flags)
  const followed = insight ? followedBy(insight, job) : job
  try {
    await runOf(followed, stream)
  } catch (error) {
    // The timeline of a run that failed says most; that it cannot be written must not hide why it failed.
    await insight?.finish(undefined, stream).catch(() => undefined)
    throw error
  }
}

async function runOf(job: Job, stream: NodeJS.WriteStream): Promise<void> {
  const { flags, first } = job
  const report = async (result: RunResult) => [
    ...(await job.report(result, stream)),
    ...((await job.insight?.finish(result, stream)) ?? []),
  ]
  const print = (lines: readonly string[]) => void stream.write(`${lines.join('\n')}\n`)
  if (flags.watch !== undefined) {
    if (stream === process.stderr)
      throw new Failure('USAGE', '--watch cannot write archives to the standard output', {
        hint: 'name a file with dest=FILE',
      })
    if (first.options.noClobber !== undefined)
      throw new Failure(
        'USAGE',
        '--watch moves names again and again, and --no-clobber lets none move twice',
        {
          hint: 'leave one of them out; --no-clobber=off where the plan has it',
        },
      )
    const { watchJob } = await import('./watch.ts')
    return watchJob(job, stream)
  }
  if (flags.serve === undefined) {
    print(await report(await runBake(first.plan, first.options)))
    return
  }
  const { serveJob } = await import('./stay.ts')
  await serveJob(first, async (result) => print(await report(result)))
}

/** A job whose runs are followed. */
function followedBy(insight: Insight, job: Job): Job {
  const followed = (run: ReadyRun): ReadyRun => ({
    ...run,
    options: {
      ...run.options,
      explain: job.flags.explain ?? job.flags.report !== undefined,
      observe: insight.observe,
    },
  })
  return {
    ...job,
    insight,
    first: followed(job.first),
    again: async () => followed(await job.again()),
  }
}

async function insightOf(flags: InsightFlags): Promise<Insight | undefined> {
  if (!flags.explain && flags.trace === undefined && flags.report === undefined) return undefined
  const { openInsight } = await import('./insight.ts')
  return openInsight(flags)
}
