/**
 * V8 lets garbage gather to several times of what is in use, as if the process had the machine to itself: 96 MB of young
 * objects, and an old generation that may double. Runs that do little are quicker that way; those that take long are as
 * quick with less (docs/adr/0023).
 */
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import type { BuildEvent } from '../build/index.ts'

/** Bytes of a plan, that of some 400 images, which make more garbage than all else before the first build. */
const largePlan = 64 * 1024

/** Before a plan is read: young objects of a large one get no more room than they have at the start. */
export function favourMemoryForPlan(files: readonly string[] | undefined, directory: string): void {
  const sizes = (files ?? ['slipway.yaml']).map(
    (file) => statSync(resolve(directory, file), { throwIfNoEntry: false })?.size ?? 0,
  )
  if (Math.max(0, ...sizes) > largePlan) keepYoungSmall()
}

/** Told of all events: once bytes are read or sent, the old generation is collected when it has grown by 30 %. */
export function memoryFavouring(): (event: BuildEvent) => void {
  let isDone = false
  return ({ kind }) => {
    if (isDone || !heavy.has(kind)) return
    isDone = true
    keepYoungSmall()
    setFlagsFromString('--heap-growing-percent=30')
  }
}

const heavy: ReadonlySet<BuildEvent['kind']> = new Set(['layer-hashed', 'compress-started', 'blob-started'])

function keepYoungSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
}
