/** One look at the cache as a process. */
import { homedir } from 'node:os'
import { newTally } from '../base/index.ts'
import { createHashPool } from '../layer/index.ts'
import {
  cacheFolder,
  choosePruned,
  listParts,
  openCacheParts,
  verifyCache,
  whileRemoving,
  withoutHandedOut,
  type CacheParts,
  type ListedPart,
} from '../store/index.ts'
import type { CacheFlags, PruneFlags } from './cache-command.ts'
import { pruneRule } from './cache-limits.ts'
import { abortOnSignals } from './interruption.ts'
import { infoLines, infoOf, prunedLines, verifiedLines } from './report/cache-report.ts'
import { buildVersion } from './version.ts'

/** @throws Failure FILE_SYSTEM */
export async function showCache({ json }: CacheFlags): Promise<void> {
  const cache = await openCache()
  const info = infoOf(cache, await listParts(cache.parts))
  print(json ? [JSON.stringify(info, undefined, 2)] : infoLines(info, process.stdout))
}

/** @throws Failure USAGE | FILE_SYSTEM */
export async function pruneCache(flags: PruneFlags): Promise<void> {
  const rule = pruneRule(flags, Date.now())
  const cache = await openCache()
  const chosen = choosePruned(await listParts(cache.parts), rule)
  const report = (removed: readonly ListedPart[], running: readonly string[]): void => {
    const kept = chosen.filter(({ part }) => !removed.some((each) => each.part === part))
    const pruned = { isDryRun: flags.dryRun ?? false, removed, kept, running }
    print(prunedLines(pruned, process.stdout, flags.json))
  }
  if (flags.dryRun) return report(chosen, [])
  if (chosen.length === 0) return report([], [])
  await withAbort((signal) =>
    whileRemoving(
      cache.folder,
      async (running) => {
        const removed = running.length > 0 ? withoutHandedOut(chosen) : chosen
        for (const { part, entries } of removed) {
          signal.throwIfAborted()
          await part.remove(entries)
        }
        report(removed, running)
      },
      { signal },
    ),
  )
}

/** Exit status 1 when something was wrong. @throws Failure FILE_SYSTEM */
export async function checkCache({ json }: CacheFlags): Promise<void> {
  const cache = await openCache()
  const pool = createHashPool()
  try {
    const found = await withAbort((signal) => verifyCache(cache, { pool, tally: newTally(), signal }))
    print(json ? [JSON.stringify(found, undefined, 2)] : verifiedLines(found, process.stdout))
    if (found.faults.length > 0) process.exitCode = 1
  } finally {
    await pool.close()
  }
}

function openCache(): Promise<CacheParts> {
  return openCacheParts(cacheFolder(process.env, homedir()), { version: buildVersion })
}

async function withAbort<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const interruptions = abortOnSignals(controller)
  try {
    return await work(controller.signal)
  } finally {
    interruptions.release()
  }
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}
