/**
 * Ctrl-C (or SIGTERM, SIGHUP) in the life of the process: before a run it ends the process at once; during a run it
 * aborts it, so that it cleans up; while names move it comes too late, as half of them would be moved; after a run
 * the system does what it always does. A second one during a run always ends the process at once.
 */

export const interruptedLine = 'interrupted: nothing was published\n'

/** The end of a run that had begun to change something: `line` tells what became of it. */
export class Interrupted extends Error {
  override readonly name = 'AbortError'
  readonly line: string

  constructor(line: string, cause: unknown) {
    super('interrupted', { cause })
    this.line = line
  }
}

export interface RunInterruption {
  /** From now on names move; `warn` is told when a signal is not heeded. */
  readonly publish: (warn: (message: string) => void) => void
  /** The run is over. */
  readonly release: () => void
}

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The process listens from its first moment on, as loading takes a while. */
export function endOnSignals(): void {
  for (const name of names) process.on(name, endAtOnce)
}

/** The first signal aborts the controller, unless names are moving. */
export function abortOnSignals(controller: AbortController): RunInterruption {
  let warnTooLate: ((message: string) => void) | undefined
  let isRepeated = false
  const onSignal = (): void => {
    if (isRepeated) endRun(warnTooLate !== undefined)
    isRepeated = true
    if (warnTooLate) warnTooLate('too late to interrupt: names are being published; again to stop at once')
    else controller.abort()
  }
  exchange(endAtOnce, onSignal)
  return {
    publish(warn) {
      if (!controller.signal.aborted) warnTooLate = warn
    },
    release: () => exchange(onSignal, undefined),
  }
}

/**
 * For a process that serves: resolves at the first signal, which then is its regular end; a second one ends it at once
 * with `lastWords`.
 */
export async function untilInterrupted(lastWords = interruptedLine): Promise<void> {
  await new Promise<void>((resolve) => exchange(endAtOnce, resolve))
  for (const name of names)
    process.on(name, () => {
      process.stderr.write(lastWords)
      process.exit(130)
    })
}

function exchange(before: () => void, after: (() => void) | undefined): void {
  for (const name of names) {
    process.off(name, before)
    if (after) process.on(name, after)
  }
}

function endAtOnce(): void {
  process.stderr.write(interruptedLine)
  process.exit(130)
}

function endRun(isPublishing: boolean): never {
  if (isPublishing) process.stderr.write('interrupted: some names were published and others were not\n')
  process.exit(130)
}
