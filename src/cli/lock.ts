/** `slipway bake --lock` and `--update-bases`: writes the lock file and tells what changed. */
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { newTally } from '../base/index.ts'
import {
  formatLock,
  lockBases,
  lockChanges,
  openPlan,
  plannedBases,
  resolvePlan,
  type BaseOptions,
  type LoadOptions,
  type LockChange,
  type LockedBases,
  type Plan,
  type Selection,
} from '../build/index.ts'
import { shortDigest, type Digest } from '../oci/index.ts'
import { cacheFolder, writeFileAtomically } from '../store/index.ts'
import { abortOnSignals } from './interruption.ts'
import { loadLock, lockPath } from './lock-file.ts'
import type { LockFlags } from './lock-flags.ts'
import { registryPool } from './registry-pool.ts'
import { formatTable } from './report/table.ts'
import { plural } from './report/units.ts'

export interface LockRequest extends Pick<LockFlags, 'updateBases'> {
  /** what the plan was loaded with */
  readonly load: LoadOptions
  /** registry hosts for which TLS is no must */
  readonly insecure?: readonly string[] | undefined
}

/**
 * All images of the plan in all variants, whatever else the selection says. `--update-bases` with names of images looks
 * up the bases of these only. @throws Failure
 */
export async function runLock(
  plan: Plan,
  selection: Selection,
  { updateBases = false, load, insecure }: LockRequest,
): Promise<void> {
  const { directory, names = [] } = load
  // A bake file is read for the targets that are named.
  const whole = plan.format === 'bake' ? await openPlan({ ...load, names: ['*'] }) : plan
  const named = names.length > 0 ? plan : whole
  const planned = await plannedBases(
    everyVariant(whole, selection),
    whole.format === 'bake' ? leaveOut : undefined,
  )
  const update =
    names.length > 0 &&
    new Set((await plannedBases(everyVariant(named, selection, selection.images), leaveOut)).keys())
  const file = lockPath(whole.file)
  const before = (await loadLock(directory, whole.file))?.bases ?? new Map()
  const after = await withRegistries(insecure, (options) =>
    lockBases(planned, { ...options, before, ...(updateBases && { update: update || 'all' }) }),
  )
  await writeFileAtomically(resolve(directory, file), await formatLock(after, whole.file))
  process.stdout.write(`${report(file, before, after).join('\n')}\n`)
}

/** Targets of bake files that only give their fields to others need not be buildable. */
function leaveOut({ name }: { readonly name: string }): void {
  process.stderr.write(`note: ${name} is left out: it has no Dockerfile\n`)
}

/** Platforms that this machine cannot run are as good as others here: nothing is built. */
function everyVariant(plan: Plan, selection: Selection, images?: readonly string[]) {
  const variants = plan.variants.map(({ name }) => name)
  const all = {
    ...selection,
    images: images ?? plan.images.map(({ name }) => name),
    ...(variants.length > 0 && { variants }),
  }
  return resolvePlan(plan, all, { runs: () => true })
}

async function withRegistries<T>(
  insecure: readonly string[] | undefined,
  work: (options: BaseOptions) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const interruptions = abortOnSignals(controller)
  const registries = registryPool({ tally: newTally(), emit: () => undefined, signal, insecure })
  try {
    return await work({ registry: registries.pull, cache: cacheFolder(process.env, homedir()) })
  } finally {
    interruptions.release()
    await registries.close()
  }
}

const columns = [{ title: 'BASE' }, { title: 'PLATFORM' }, { title: 'WAS' }, { title: 'NOW' }] as const

function report(file: string, before: LockedBases, after: LockedBases): string[] {
  const changes = lockChanges(before, after)
  const show = (digest: Digest | undefined) => (digest === undefined ? '-' : shortDigest(digest))
  const rows = changes.map(({ reference, platform, was, now }) => [reference, platform, show(was), show(now)])
  const table = rows.length === 0 ? [] : [...formatTable(columns, rows, process.stdout), '']
  return [...table, `${file}: ${plural(after.size, 'base')}, ${summary(changes)}`]
}

function summary(changes: readonly LockChange[]): string {
  if (changes.length === 0) return 'nothing changed'
  const count = (isCounted: (change: LockChange) => boolean) =>
    new Set(changes.filter(isCounted).map(({ reference }) => reference)).size
  const counts = [
    [count(({ was, now }) => was !== undefined && now !== undefined), 'moved'],
    [count(({ was }) => was === undefined), 'added'],
    [count(({ now }) => now === undefined), 'removed'],
  ] as const
  return counts.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : [])).join(', ')
}
