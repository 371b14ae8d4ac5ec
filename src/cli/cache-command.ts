/** `slipway cache`: what is kept between runs. */
import type { Command } from 'commander'

export interface CacheFlags {
  readonly json?: boolean
}

export interface PruneFlags extends CacheFlags {
  readonly olderThan?: string
  readonly keepStorage?: string
  readonly all?: boolean
  readonly dryRun?: boolean
}

export function addCacheCommand(program: Command): void {
  const cache = program.command('cache').description('what is kept between runs')
  cache
    .command('info')
    .description('show what is kept: kinds, entries, bytes, when they were used')
    .option('--json', 'as JSON')
    .action(async (flags: CacheFlags) => {
      const { showCache } = await import('./cache.ts')
      await showCache(flags)
    })
  cache
    .command('prune')
    .description(
      'remove what other versions of slipway left, and by default what was not used for 30 days; builds may run',
    )
    .option('--older-than <time>', 'remove what was not used for so long, such as 12h, 30d or 8w')
    .option(
      '--keep-storage <size>',
      'remove what was used longest ago until the rest is below this, such as 4GB',
    )
    .option('--all', 'remove everything')
    .option('--dry-run', 'only say what would go')
    .option('--json', 'as JSON')
    .action(async (flags: PruneFlags) => {
      const { pruneCache } = await import('./cache.ts')
      await pruneCache(flags)
    })
  cache
    .command('verify')
    .description(
      'hash all that is remembered again; what is wrong is named and removed, and the exit status is 1',
    )
    .option('--json', 'as JSON')
    .action(async (flags: CacheFlags) => {
      const { checkCache } = await import('./cache.ts')
      await checkCache(flags)
    })
}
