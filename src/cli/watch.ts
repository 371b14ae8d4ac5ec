/** `--watch`: rounds as a process. The first one is a run like any other; those after it are a line each. */
import { isAbort } from '../base/index.ts'
import {
  runRounds,
  servedReference,
  type BuildEvent,
  type ResolvedImage,
  type RoundHow,
} from '../build/index.ts'
import { formatReference } from '../oci/index.ts'
import { untilInterrupted } from './interruption.ts'
import type { Job, ReadyRun } from './job.ts'
import type { OutputKind } from './output.ts'
import { formatError } from './report/failure.ts'
import { failedLine, roundLine, shownPaths } from './report/round.ts'
import { servingReporter } from './report/served.ts'
import { openProcess, type BuildProcess, type RunResult } from './run.ts'
import { newFinishedCommands } from './finished-commands.ts'
import { pullLines } from './stay.ts'
import { thenCommand, type RoundImage } from './then-command.ts'
import { newLatest } from './latest-results.ts'

/** @throws Failure, or the reason of an abort in the first round; later ones end it well */
export async function watchJob(
  { flags, first, again, report, insight }: Job,
  stream: NodeJS.WriteStream,
): Promise<void> {
  const { progress } = first.options
  const isQuiet = progress === 'quiet'
  const print = (lines: readonly string[]) => void stream.write(`${lines.join('\n')}\n`)
  const build = openProcess(first.options)
  const latest = newLatest()
  const reporter = servingReporter(progress)
  const warned = new Set<string>()
  const emit = (event: BuildEvent): void => {
    if (isNews(event, warned)) reporter.emit(event)
  }
  const then =
    flags.then === undefined
      ? undefined
      : thenCommand(flags.then, (how) => process.stderr.write(`--then: ${how}\n`))
  const commands = newFinishedCommands()
  const stopping = stopOnSignals(build.controller)

  const run = async (
    { plan, options }: ReadyRun,
    images: readonly ResolvedImage[],
    how: RoundHow,
  ): Promise<RunResult> => {
    const { onPublishing, onCommands, ...rest } = how
    const onEvent = (event: BuildEvent): void => {
      if (event.kind === 'command-started') onCommands()
      if (event.kind === 'command-finished') commands.finished(event.id)
      if (event.kind !== 'publishing') return
      stopping.publish()
      onPublishing()
    }
    const reduced = commands.toRun({ ...plan, images: withCompany(images, { plan, options }) })
    try {
      if (!stopping.isListening()) {
        return await build.run(reduced, options, {
          ...rest,
          onEvent(event) {
            isNews(event, warned)
            onEvent(event)
          },
        })
      }
      build.tell((event) => {
        emit(event)
        onEvent(event)
        options.observe?.(event)
      })
      return await build.session.run(reduced, options, rest)
    } finally {
      build.tell(emit)
      stopping.listen()
    }
  }
  try {
    await runRounds<ReadyRun, RunResult>({
      first,
      again,
      run,
      signal: build.controller.signal,
      isPolling: flags.watch === 'poll',
      emit(event) {
        emit(event)
        if (isQuiet || progress === 'json') return
        if (event.kind === 'watching')
          print([`watching ${event.files} files in ${event.folders} folders until Ctrl-C`])
        if (event.kind === 'watch-waiting')
          print([`${shownPaths(event.changed)}: waiting until it is written`])
      },
      async onRound({ number, changed, result, sinceWriteMs }) {
        const moved = latest.add(result)
        const finished = {
          kind: 'round-finished',
          round: number,
          changed,
          moved,
          newLayers: result.rows.reduce((sum, { newLayers }) => sum + newLayers, 0),
          bytes: result.tally.bytesSent + result.tally.bytesWritten,
          seconds: result.seconds,
          ...(sinceWriteMs !== undefined && { sinceWriteMs }),
        } as const
        emit(finished)
        then?.start({ number, changed, images: imagesOf(result, build) })
        const lines = await report(latest.merged(result), stream)
        const told = (await insight?.finish(result, stream)) ?? []
        const serving = build.session.serving()
        if (number === 1) print([...lines, ...told, ...(serving ? pullLines(result, serving.host) : [])])
        else if (!isQuiet) print([roundLine(finished, new Date(), stream), ...told.filter(isText)])
        stopping.published()
      },
      onFailure(error, changed) {
        process.stderr.write(
          `${[...formatError(error, process.stderr), failedLine(changed, new Date())].join('\n')}\n`,
        )
        // That the timeline of a failed round cannot be written must not hide why it failed.
        void insight?.finish(undefined, stream).catch(() => undefined)
        stopping.published()
      },
    })
  } catch (error) {
    if (!stopping.isAsked() || !isAbort(error)) throw error
  } finally {
    await then?.stop()
    await build.session.close()
  }
}

/** Rounds are lines below each other. */
const isText = (line: string): boolean => line !== ''

/** What cannot be written in part: all images of the run are in one file or folder. */
const whole = new Set<OutputKind>(['archive', 'local', 'tar'])

/** The images, and those that are in one file with one of them. */
function withCompany(
  images: readonly ResolvedImage[],
  { plan, options: { outputs, outputsOf } }: Pick<ReadyRun, 'plan' | 'options'>,
): readonly ResolvedImage[] {
  const wholeOf = (image: ResolvedImage) =>
    (outputsOf?.(image) ?? outputs).filter(({ kind }) => whole.has(kind))
  const touched = new Set(images.flatMap(wholeOf))
  const asked = new Set(images)
  return plan.images.filter(
    (image) => asked.has(image) || wholeOf(image).some((output) => touched.has(output)),
  )
}

/** Whether a warning was not told before; everything else is. */
function isNews(event: BuildEvent, told: Set<string>): boolean {
  if (event.kind !== 'warning') return true
  const key = `${event.message} ${event.at?.file}:${event.at?.line}`
  if (told.has(key)) return false
  told.add(key)
  return true
}

function imagesOf({ images, deliveries }: RunResult, { session }: BuildProcess): RoundImage[] {
  const host = session.serving()?.host
  return images.map((image) => {
    const served = deliveries.find(
      ({ destination, image: { name, variant } }) =>
        destination.name === `registry ${host}` && name === image.name && variant === image.variant,
    )
    const { digest } = (served?.image ?? image).top.descriptor
    const names = image.references.map((reference) =>
      host === undefined ? formatReference(reference) : servedReference(host, reference),
    )
    const reference = names[0] === undefined ? digest : `${names[0]}@${digest}`
    return { image: image.name, variant: image.variant, names, digest, reference }
  })
}

/** Ctrl-C after the first round: ends the process well, once names that are moving have moved. */
function stopOnSignals(controller: AbortController) {
  let isAsked = false
  let isListening = false
  let isPublishing = false
  return {
    isListening: () => isListening,
    isAsked: () => isAsked,
    listen() {
      if (isListening) return
      isListening = true
      void untilInterrupted().then(() => {
        isAsked = true
        if (!isPublishing) controller.abort()
      })
    },
    publish: () => void (isPublishing = true),
    published() {
      isPublishing = false
      if (isAsked) controller.abort()
    },
  }
}
