/**
 * Builds again whenever something changes that the builds looked at: only the images that depend on it, cancelled and
 * started anew when something changes meanwhile. A round that fails leaves all names as they were.
 */
import { Failure, isAbort, type Waiting } from '../../base/index.ts'
import type { BakeResult } from '../bake.ts'
import type { BuildId, Emit } from '../events.ts'
import type { SeenBuild } from '../memo/inputs.ts'
import type { ResolvedImage, ResolvedPlan } from '../plan/model.ts'
import { ownerOf, withDependents, type UsedBases } from './affected.ts'
import { openChanges, type Changes } from './changes.ts'
import { fileState, planOwner, type Change, type Owner } from './watch-index.ts'

/** A plan with what has to be read again to get it. */
export interface WatchedPlan {
  readonly plan: ResolvedPlan
  /** absolute paths of the files that it was read from, some of which need not exist */
  readonly files: () => Promise<readonly string[]>
}

export interface RoundHow {
  /** its abort ends the round */
  readonly controller: AbortController
  readonly onInputs: (build: BuildId, seen: SeenBuild) => void
  /** to be called when names start to move: from then on nothing cancels the round */
  readonly onPublishing: () => void
  /** to be called when commands run that make files: changes until the end of the round are theirs */
  readonly onCommands: () => void
}

/** A round that went well. */
export interface Round<Result> {
  /** from 1 */
  readonly number: number
  /** absolute paths; none in the first round */
  readonly changed: readonly string[]
  readonly result: Result
  /** milliseconds from the last write until all names had moved; absent in the first round */
  readonly sinceWriteMs: number | undefined
}

export interface RoundsOptions<Plan extends WatchedPlan, Result extends BakeResult> extends Waiting {
  readonly first: Plan
  /** @throws Failure when the plan cannot be read */
  readonly again: () => Promise<Plan>
  /** Builds some images of the plan. @throws Failure, or the reason of the abort */
  readonly run: (plan: Plan, images: readonly ResolvedImage[], how: RoundHow) => Promise<Result>
  readonly onRound: (round: Round<Result>) => Promise<void>
  /** a round or the reading of the plan failed */
  readonly onFailure: (error: unknown, changed: readonly string[]) => void
  readonly emit: Emit
  readonly isPolling?: boolean | undefined
}

interface Running {
  readonly controller: AbortController
  isPublishing: boolean
  hasCommands: boolean
  isSuperseded: boolean
}

/** Runs until the signal aborts. @throws the reason of the abort */
export async function runRounds<Plan extends WatchedPlan, Result extends BakeResult>(
  options: RoundsOptions<Plan, Result>,
): Promise<never> {
  const { emit, signal, isPolling } = options
  let running: Running | undefined
  const changes = openChanges({
    root: options.first.plan.root,
    emit,
    signal,
    isPolling,
    onChange() {
      if (!running || running.isPublishing || running.hasCommands) return
      running.isSuperseded = true
      running.controller.abort()
    },
  })
  const used = new Map<string, UsedBases>()

  const build = async (
    number: number,
    plan: Plan,
    images: readonly ResolvedImage[],
    changed: readonly string[],
  ) => {
    const round: Running = {
      controller: new AbortController(),
      isPublishing: false,
      hasCommands: false,
      isSuperseded: false,
    }
    const abort = () => round.controller.abort(signal?.reason)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    running = round
    try {
      const result = await options.run(plan, images, {
        controller: round.controller,
        onPublishing: () => (round.isPublishing = true),
        onCommands: () => (round.hasCommands = true),
        onInputs({ image, variant, platform = '' }, { inputs, bases }) {
          const owner = ownerOf(image, variant)
          changes.index.note(owner, platform, inputs)
          used.set(`${owner} ${platform}`, { owner, bases })
        },
      })
      running = undefined
      const sinceWriteMs = number === 1 ? undefined : Date.now() - lastWrite(changed, changes)
      await options.onRound({ number, changed, result, sinceWriteMs })
      return true
    } catch (error) {
      running = undefined
      signal?.throwIfAborted()
      if (round.isSuperseded && (isAbort(error) || isSourceChange(error)))
        emit({ kind: 'round-cancelled', round: number, changed: changes.touched() })
      else {
        // Nobody watches what the commands are made from: nothing would ever mend it.
        if (number === 1 && error instanceof Failure && error.code === 'ARTIFACT_COMMAND') throw error
        tellFailure(error, number, changed)
        if (round.hasCommands) await changes.forget()
      }
      return false
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
  const tellFailure = (error: unknown, round: number, changed: readonly string[]): void => {
    const [code, message] =
      error instanceof Failure ? [error.code, error.message] : [undefined, String(error)]
    emit({ kind: 'round-failed', round, changed, code, message })
    options.onFailure(error, changed)
  }

  let plan = options.first
  /** the plan files are not as they were when the plan was read */
  let isStale = false
  /** Who is touched by a change, after the plan was read again where it has to be. */
  const ownersTouched = async ({ owners, paths }: Change, number: number): Promise<ReadonlySet<Owner>> => {
    isStale ||= owners.has(planOwner)
    // Warnings about a Dockerfile are part of the plan.
    if (!isStale && !plan.plan.images.some(({ dockerfile }) => paths.includes(dockerfile))) return owners
    try {
      plan = await options.again()
    } catch (error) {
      signal?.throwIfAborted()
      tellFailure(error, number, paths)
      return owners
    }
    await declare(plan, changes)
    const touched = isStale ? ownersOf(plan) : owners
    isStale = false
    return touched
  }

  try {
    let pending: ReadonlySet<Owner> = ownersOf(plan)
    let change: Change = { paths: [], owners: new Set() }
    const wanted = () => plan.plan.images.filter((image) => pending.has(ownerOfImage(image)))
    await declare(plan, changes)
    changes.arm()
    for (let number = 1; ; number++) {
      const images = wanted()
      emit({ kind: 'round-started', round: number, changed: change.paths, images: images.map(nameOf) })
      if (await build(number, plan, images, change.paths)) pending = new Set()
      changes.arm()
      if (number === 1) emit({ kind: 'watching', ...changes.size() })
      do {
        change = await changes.next()
        const touched = await ownersTouched(change, number)
        pending = new Set([...pending, ...withDependents(touched, used.values(), plan.plan)])
      } while (isStale || wanted().length === 0)
    }
  } finally {
    changes.close()
  }
}

/** What has to be watched whatever the builds see: a build that fails early has seen little. */
async function declare({ plan, files }: WatchedPlan, { index }: Changes): Promise<void> {
  index.declare(planOwner, await files())
  for (const image of plan.images) {
    const paths = new Set(image.dockerfileInline === undefined ? [image.dockerfile] : [])
    for (const { files: listed = [], context } of image.platforms) {
      for (const { source } of listed) paths.add(source)
      if (context !== undefined) paths.add(context)
    }
    index.declare(ownerOfImage(image), [...paths])
  }
}

function lastWrite(changed: readonly string[], { lastEventMs }: Changes): number {
  const written = changed.flatMap((path) => fileState(path)?.writtenMs ?? [])
  const last = Math.max(0, ...written)
  // What is gone, and a time that somebody set, say nothing; that something happened does.
  return written.length < changed.length || last > Date.now() ? lastEventMs() : last
}

function isSourceChange(error: unknown): boolean {
  return error instanceof Failure && (error.code === 'SOURCE_CHANGED' || error.code === 'CONTENT_MISMATCH')
}

function ownersOf({ plan }: WatchedPlan): ReadonlySet<Owner> {
  return new Set(plan.images.map(ownerOfImage))
}

function ownerOfImage({ name, variant }: ResolvedImage): Owner {
  return ownerOf(name, variant)
}

function nameOf({ name, variant }: ResolvedImage): string {
  return variant === undefined ? name : `${name} (${variant})`
}
