/** The lock file of a plan on disk: `slipway.lock.yaml` for `slipway.yaml`, `docker.lock.yaml` for `docker.yaml`. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Failure, fileFailure, systemCode } from '../base/index.ts'
import {
  isContinuousIntegration,
  plannedBases,
  readLock,
  requireLocked,
  type BaseLock,
  type ResolvedPlan,
} from '../build/index.ts'
import type { LockFlags } from './lock-flags.ts'

const standardInput = '-'

/** The lock a run keeps to. */
export interface UsedLock {
  readonly lock: BaseLock
  /** what the lock does not have is an error */
  readonly isLocked: boolean
}

/**
 * Where the lock of a plan is: beside its first file, as a plan of several is called by all of them, `a.hcl, b.hcl`.
 * @throws Failure USAGE for a plan that is no file
 */
export function lockPath(planFile: string): string {
  const first = planFile.split(', ', 1)[0]!
  if (first !== standardInput) return first.replace(/(?:\.[^./\\]*)?$/, '.lock.yaml')
  throw new Failure('USAGE', 'a plan from the standard input has no lock file', {
    hint: 'name a file: slipway bake -f FILE',
  })
}

/** Nothing when there is no such file. @throws Failure LOCK_INVALID | FILE_SYSTEM */
export async function loadLock(directory: string, planFile: string): Promise<BaseLock | undefined> {
  if (planFile === standardInput) return undefined
  const file = lockPath(planFile)
  let text: string
  try {
    text = readFileSync(resolve(directory, file), 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw fileFailure('read', file, error)
  }
  return readLock(text, file)
}

/**
 * The lock beside the plan, if there is one. In CI and with `--locked` every base must be in it.
 * @throws Failure LOCK_INVALID | BASE_NOT_LOCKED
 */
export async function lockOf(
  plan: ResolvedPlan,
  flags: LockFlags,
  directory: string,
): Promise<UsedLock | undefined> {
  const lock = await loadLock(directory, plan.file)
  if (!lock) {
    if (!flags.locked) return undefined
    throw new Failure('BASE_NOT_LOCKED', `there is no ${lockPath(plan.file)}`, {
      hint: 'write it: slipway bake --lock',
    })
  }
  const isLocked = flags.locked || isContinuousIntegration(process.env)
  if (isLocked) requireLocked(await plannedBases(plan), lock)
  return { lock, isLocked }
}
