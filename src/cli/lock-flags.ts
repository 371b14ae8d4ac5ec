/** `--lock`, `--update-bases` and `--locked`: pinned base images. */
import type { Command } from 'commander'

export interface LockFlags {
  readonly lock?: boolean
  readonly updateBases?: boolean
  readonly locked?: boolean
}

export function addLockFlags(command: Command): Command {
  return command
    .option('--lock', 'write the digests of base images beside the plan and build nothing')
    .option('--update-bases', 'look the base images of the lock up again, show what moved, and build nothing')
    .option('--locked', 'fail when a base image is not in the lock file; default in CI')
}
