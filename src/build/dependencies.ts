/**
 * Builds that wait for other builds of the same run. Each runs once; a circle of waiting, which would hang for ever,
 * is an error that names it.
 */
import { Failure, once } from '../base/index.ts'

export interface Dependencies<T> {
  /** Runs the work for a key once and waits for it on behalf of `from`. @throws Failure PLAN_INVALID for a circle */
  share(key: string, from: string | undefined, work: () => Promise<T>): Promise<T>
}

export function newDependencies<T>(): Dependencies<T> {
  const run = once<string, T>()
  const waitsFor = new Map<string, Set<string>>()
  return {
    async share(key, from, work) {
      if (from !== undefined) {
        const circle = pathBetween(waitsFor, key, from)
        if (circle) throw circularFailure([from, ...circle])
        waitsFor.set(from, (waitsFor.get(from) ?? new Set()).add(key))
      }
      return run(key, work)
    },
  }
}

/** The keys from `start` to `goal` along waits, both included, or nothing. */
function pathBetween(
  waitsFor: Map<string, Set<string>>,
  start: string,
  goal: string,
  seen = new Set<string>(),
): string[] | undefined {
  if (start === goal) return [goal]
  seen.add(start)
  for (const next of waitsFor.get(start) ?? []) {
    const rest = seen.has(next) ? undefined : pathBetween(waitsFor, next, goal, seen)
    if (rest) return [start, ...rest]
  }
  return undefined
}

function circularFailure(keys: readonly string[]): Failure {
  const names = keys.map((key) => key.split(' ')[0])
  return new Failure(
    'PLAN_INVALID',
    `images of the plan stand on each other in a circle: ${names.join(' <- ')}`,
    {
      hint: 'one of them must start FROM an image outside the circle',
    },
  )
}
