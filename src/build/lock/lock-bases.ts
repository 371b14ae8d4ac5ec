/** Makes the content of a lock file: what is locked stays, what is new is looked up, what nobody uses goes. */
import { all } from '../../base/index.ts'
import { formatPlatform, parsePlatform, type Digest, type Platform } from '../../oci/index.ts'
import { baseDocuments, registryBase, type BaseOptions } from '../base/registry-base.ts'
import { registryDocuments } from '../source/registry-documents.ts'
import type { LockedBase, LockedBases } from './base-lock.ts'
import type { PlannedBase } from './planned-bases.ts'

export interface LockBasesOptions extends BaseOptions {
  /** the lock as it is; absent: there is none yet */
  readonly before: LockedBases
  /** names that are looked up again: `all`, or the listed ones; default none */
  readonly update?: 'all' | ReadonlySet<string>
}

/** @throws Failure BASE_… | REGISTRY_… */
export async function lockBases(
  planned: ReadonlyMap<string, PlannedBase>,
  options: LockBasesOptions,
): Promise<LockedBases> {
  const { before, update = new Set() } = options
  const entries = await all(planned, async ([name, base]) => {
    const known = before.get(name)
    const isMoved = known === undefined || update === 'all' || update.has(name)
    const digest = isMoved
      ? (await registryDocuments(base.reference, baseDocuments, options).top()).digest
      : known.digest
    return [name, await lockBase(base, { known, digest, options })] as const
  })
  return new Map(entries)
}

/** Platforms that were locked stay while the index is the same: others may build for more platforms than this machine. */
async function lockBase(
  { reference, platforms }: PlannedBase,
  {
    known,
    digest,
    options,
  }: {
    readonly known: LockedBase | undefined
    readonly digest: Digest
    readonly options: LockBasesOptions
  },
): Promise<LockedBase> {
  const isSame = known?.digest === digest
  const kept = new Map(isSame ? known.platforms : [])
  const look = async (platform: Platform): Promise<Digest> => {
    const base = await registryBase(reference, platform, { ...options, pin: { digest } })
    return base.manifestDigest!
  }
  const wanted = new Map(platforms.map((platform) => [formatPlatform(platform), platform]))
  const missing = [...wanted].filter(([name]) => !kept.has(name))
  const found = await all(missing, async ([name, platform]) => [name, await look(platform)] as const)
  const others = isSame ? [] : [...(known?.platforms.keys() ?? [])].filter((name) => !wanted.has(name))
  const moved = await all(others, async (name) => {
    // A platform that this plan does not need may be gone from the new index.
    const manifest = await look(parsePlatform(name)).catch(() => undefined)
    return manifest === undefined ? [] : [[name, manifest] as const]
  })
  return { digest, platforms: new Map([...kept, ...found, ...moved.flat()]) }
}

export interface LockChange {
  readonly reference: string
  /** `all` when only the index differs */
  readonly platform: string
  /** absent for what is new */
  readonly was: Digest | undefined
  /** absent for what is gone */
  readonly now: Digest | undefined
}

/** What differs, by reference and platform in byte order. */
export function lockChanges(before: LockedBases, after: LockedBases): LockChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted()
  return names.flatMap((reference) => {
    const [was, now] = [before.get(reference), after.get(reference)]
    const platforms = [...new Set([...(was?.platforms.keys() ?? []), ...(now?.platforms.keys() ?? [])])]
    const changes = platforms.toSorted().flatMap((platform): LockChange[] => {
      const change = { was: was?.platforms.get(platform), now: now?.platforms.get(platform) }
      return change.was === change.now ? [] : [{ reference, platform, ...change }]
    })
    if (changes.length > 0 || was?.digest === now?.digest) return changes
    return [{ reference, platform: 'all', was: was?.digest, now: now?.digest }]
  })
}
