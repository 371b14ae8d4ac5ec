/** The configs of base images for `--check`, as far as their registries give them in time. */
import { homedir } from 'node:os'
import { all, newTally } from '../base/index.ts'
import { registryBase, type ResolvedPlan } from '../build/index.ts'
import type { LintBase } from '../dockerfile/index.ts'
import { formatReference, hostPlatform, parsePlatform, parseReference, type Platform } from '../oci/index.ts'
import { cacheFolder } from '../store/index.ts'
import { registryPool, type RegistryPoolOptions } from './registry-pool.ts'

/** A check must not hang where there is no network. */
const timeoutMs = 15_000

export interface BaseConfigs {
  /** Nothing is known of a base before `resolve`; asking remembers it. */
  find(image: string, platform: string | undefined): LintBase | undefined
  /** Looks up what was asked for; resolves with a sentence for each base that stays unknown. */
  resolve(): Promise<string[]>
}

/** Bases that the plan itself builds are not known: they may not have been built yet. */
export function baseConfigs(
  plan: ResolvedPlan,
  { insecure }: Pick<RegistryPoolOptions, 'insecure'> = {},
): BaseConfigs {
  const asked = new Map<string, { image: string; platform: string | undefined }>()
  const known = new Map<string, LintBase>()
  const keyOf = (image: string, platform: string | undefined): string => `${platform ?? ''} ${image}`
  return {
    find(image, platform) {
      const key = keyOf(image, platform)
      asked.set(key, { image, platform })
      return known.get(key)
    },
    async resolve() {
      const signal = AbortSignal.timeout(timeoutMs)
      const registries = registryPool({ tally: newTally(), emit: () => undefined, signal, insecure })
      const notes: string[] = []
      const cache = cacheFolder(process.env, homedir())
      await all([...asked], async ([key, { image, platform }]) => {
        try {
          const reference = parseReference(image)
          if (plan.planReferences.has(formatReference(reference))) return
          const wanted = platform === undefined ? targetOf(plan) : parsePlatform(platform)
          const { config } = await registryBase(reference, wanted, { registry: registries.pull, cache })
          known.set(key, {
            platform: { os: config.os, architecture: config.architecture },
            env: config.config?.Env ?? [],
            hasShell: (config.config?.Shell?.length ?? 0) > 0,
            onbuild: config.config?.OnBuild ?? [],
          })
        } catch (error) {
          const why = signal.aborted ? 'its registry does not answer' : (error as Error).message
          notes.push(`what ${image} sets is not known: ${why}`)
        }
      })
      await registries.close()
      return notes
    },
  }
}

function targetOf(plan: ResolvedPlan): Platform {
  return plan.images[0]?.platforms[0]?.platform ?? hostPlatform()
}
