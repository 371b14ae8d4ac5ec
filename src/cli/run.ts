/** One run as a process: a session of one run with a reporter, and Ctrl-C as an abort. */
import type { Tally } from '../base/index.ts'
import type {
  AttestOptions,
  BakeResult,
  Emit,
  NoClobber,
  ResolvedImage,
  ResolvedPlan,
  SignOptions,
} from '../build/index.ts'
import { parseReference } from '../oci/index.ts'
import type { MemoFiles } from '../store/index.ts'
import { abortOnSignals } from './interruption.ts'
import type { UsedLock } from './lock-file.ts'
import type { Output } from './output.ts'
import { openReporter } from './report/open-reporter.ts'
import { openSession, type RunWith, type Session } from './session.ts'

export interface RunOptions {
  /** every place images of the run go to */
  readonly outputs: readonly Output[]
  /** where an image goes, some of `outputs`; default: to all of them */
  readonly outputsOf?: (image: ResolvedImage) => readonly Output[]
  readonly progress: string
  readonly skipArtifacts?: boolean | undefined
  /** hash everything again */
  readonly noCache?: boolean | undefined
  /** builds of earlier runs; absent: every build is evaluated */
  readonly memos?: MemoFiles | undefined
  readonly noClobber?: NoClobber | undefined
  /** say why layers are new */
  readonly explain?: boolean | undefined
  /** told of all events, besides the reporter */
  readonly observe?: Emit | undefined
  /** registry hosts for which TLS is no must */
  readonly insecure?: readonly string[] | undefined
  readonly lock?: UsedLock | undefined
  /** documents about each image; absent: none about any */
  readonly attest?: ((image: ResolvedImage) => AttestOptions | undefined) | undefined
  /** have pushed images signed; absent: they are not */
  readonly sign?: SignOptions | undefined
}

export interface RunResult extends BakeResult {
  readonly tally: Tally
  readonly destinations: readonly string[]
  /** documents about images in registries: those that were sent, and all */
  readonly documents: { readonly sent: number; readonly all: number }
}

/** @throws Failure, or the reason of the abort */
export async function runBake(plan: ResolvedPlan, options: RunOptions): Promise<RunResult> {
  const build = openProcess(options)
  try {
    return await build.run(plan, options)
  } finally {
    await build.session.close()
  }
}

export interface BuildProcess {
  readonly session: Session
  /** ends the session when it aborts */
  readonly controller: AbortController
  /**
   * One run with a reporter of its own, which Ctrl-C aborts with all of the session.
   * @throws Failure, or the reason of the abort
   */
  readonly run: (
    plan: ResolvedPlan,
    options: RunOptions,
    how?: Partial<RunWith> & { readonly onEvent?: Emit },
  ) => Promise<RunResult>
  /** From now on events go there. */
  readonly tell: (emit: Emit) => void
}

/** A session with what a process does about it. */
export function openProcess(options: Pick<RunOptions, 'noCache' | 'insecure'>): BuildProcess {
  const controller = new AbortController()
  let sink: Emit = () => undefined
  const session = openSession({ ...options, controller, emit: (event) => sink(event) })
  return {
    session,
    controller,
    async run(plan, runOptions, { onEvent, ...how } = {}) {
      const interruptions = abortOnSignals(controller)
      const reporter = openReporter(runOptions.progress, process.env)
      sink = (event) => {
        reporter.emit(event)
        onEvent?.(event)
        runOptions.observe?.(event)
        if (event.kind === 'publishing')
          interruptions.publish((message) => reporter.emit({ kind: 'warning', message }))
      }
      try {
        session.prepare(pushHosts(plan, runOptions))
        return await session.run(plan, runOptions, { controller, ...how })
      } finally {
        sink = () => undefined
        reporter.close()
        interruptions.release()
      }
    },
    tell(emit) {
      sink = emit
    },
  }
}

/** Registries that this run will write to. */
function pushHosts(plan: ResolvedPlan, { outputs }: RunOptions): Set<string> {
  const isPushed = outputs.some(({ kind }) => kind === 'registry')
  const tags = isPushed ? plan.images.flatMap((image) => image.tags) : []
  return new Set(tags.map((tag) => parseReference(tag).registry))
}
