/** Base images of a run: each looked up once, by the digest of the lock where there is one. */
import { Failure, failureAt, once } from '../../base/index.ts'
import { formatPlatform, formatReference, type Platform, type Reference } from '../../oci/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import { registryBase, type BaseOptions } from '../base/registry-base.ts'
import type { BaseLock } from './base-lock.ts'
import type { PlannedBase } from './planned-bases.ts'

export interface BaseResolverOptions extends BaseOptions {
  readonly lock?: BaseLock | undefined
  /** what the lock does not have is an error; default: a warning */
  readonly isLocked?: boolean
  readonly warn: (message: string, hint: string) => void
}

export type ResolveBase = (reference: Reference, platform: Platform) => Promise<BaseImage>

const lockHint = 'add it: slipway bake --lock'

export function newBaseResolver(options: BaseResolverOptions): ResolveBase {
  const { lock, isLocked = false, warn } = options
  const share = once<string, BaseImage>()
  const told = new Set<string>()
  const find: ResolveBase = async (reference, platform) => {
    const name = formatReference(reference)
    const locked = lock?.bases.get(name)
    if (lock && !locked && reference.digest === undefined) {
      if (isLocked) throw notLocked(lock, name)
      if (!told.has(name)) warn(`base image ${name} is not in ${lock.file}`, lockHint)
      told.add(name)
    }
    if (!lock || !locked) return registryBase(reference, platform, options)
    const pin = { digest: locked.digest, manifest: locked.platforms.get(formatPlatform(platform)) }
    try {
      return await registryBase(reference, platform, { ...options, pin })
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== 'BASE_NOT_FOUND') throw error
      const hint = 'look the name up again: slipway bake --update-bases'
      throw failureAt(new Failure(error.code, error.message, { hint, cause: error }), locked.at)
    }
  }
  return (reference, platform) =>
    share(`${formatReference(reference)} ${formatPlatform(platform)}`, async () => {
      const base = await find(reference, platform)
      let tree: ReturnType<BaseImage['tree']> | undefined
      return { ...base, tree: () => (tree ??= base.tree()) }
    })
}

/** Before any work: all that is needed and not locked, in one failure. @throws Failure BASE_NOT_LOCKED */
export function requireLocked(planned: ReadonlyMap<string, PlannedBase>, lock: BaseLock): void {
  const failures = [...planned]
    .filter(([name]) => !lock.bases.has(name))
    .map(([name, { at }]) => failureAt(notLocked(lock, name), at) as Failure)
  const [first, ...others] = failures
  if (!first) return
  throw new Failure(first.code, first.message, { at: first.at, hint: first.hint, others })
}

function notLocked(lock: BaseLock, name: string): Failure {
  return new Failure('BASE_NOT_LOCKED', `base image ${name} is not in ${lock.file}`, { hint: lockHint })
}
