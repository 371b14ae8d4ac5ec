/**
 * A registry as pulls see it: its mirrors first, in their order, then the registry itself, which may have moved
 * (containers-registries.conf(5), "Remapping and mirroring registries"). Writes go to the registry as it is named.
 */
import { Failure, isAbort } from '../base/index.ts'
import type { Opener } from '../oci/index.ts'
import type { RegistryEvent } from './events.ts'
import type { ContainersConf } from './registries-conf.ts'
import { RegistryFailure } from './registry-failure.ts'
import { pullPlaces, type PullPlace } from './registry-rules.ts'
import type { Registry } from './registry.ts'

export interface PullRegistryOptions {
  /** the client of a host */
  readonly open: (host: string) => Registry
  readonly conf: ContainersConf
  readonly emit?: ((event: RegistryEvent) => void) | undefined
}

interface Place extends PullPlace {
  readonly registry: Registry
  readonly isLast: boolean
}

/** Every method rejects with what the last place says, or with REGISTRY_REFUSED where pulling is forbidden. */
export function pullRegistry(host: string, options: PullRegistryOptions): Registry {
  const { open, conf, emit = () => undefined } = options
  const own = open(host)
  /** hosts that do not answer, and mirrors that failed otherwise: not asked again */
  const failed = new Set<string>()

  async function placesOf(repository: string, isDigest: boolean): Promise<Place[]> {
    const places = pullPlaces((await conf()).rules, host, repository)
    if (!places) return [{ host, repository, registry: own, isLast: true }]
    if (places.blockedBy !== undefined) {
      throw new Failure(
        'REGISTRY_REFUSED',
        `pulling ${host}/${repository} is blocked by ${places.blockedBy}`,
        {
          hint: 'take blocked = true out of its [[registry]], or use another base',
        },
      )
    }
    const unwanted = isDigest ? 'tag-only' : 'digest-only'
    const mirrors = places.mirrors.filter(
      (mirror) => mirror.pulls !== unwanted && !failed.has(mirror.host) && !failed.has(nameOf(mirror)),
    )
    const last = { ...places.location, isLast: true }
    return [...mirrors.map((mirror) => ({ ...mirror, isLast: false })), last].map((place) => ({
      ...place,
      registry: open(place.host),
    }))
  }

  /** What a mirror merely lacks says nothing of it: it is asked again for the next. */
  function fails(place: Place, repository: string, error: Failure): void {
    if (error instanceof RegistryFailure && error.status === 404) return
    const key = error.code === 'REGISTRY_UNREACHABLE' ? place.host : nameOf(place)
    if (failed.has(key)) return
    failed.add(key)
    const mirror = nameOf(place)
    emit({ kind: 'mirror-failed', registry: host, repository, mirror, reason: error.message })
  }

  /** What the first place has that has something; nothing when none has. */
  async function first<T>(
    repository: string,
    what: string,
    ask: (place: Place) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (const place of await placesOf(repository, what.includes(':'))) {
      try {
        const found = await ask(place)
        if (found !== undefined || place.isLast) return found
      } catch (error) {
        if (place.isLast || isAbort(error) || !(error instanceof Failure)) throw error
        fails(place, repository, error)
      }
    }
    return undefined
  }

  return {
    ...own,
    headManifest: (repository, tagOrDigest, waiting) =>
      first(repository, tagOrDigest, (place) =>
        place.registry.headManifest(place.repository, tagOrDigest, waiting),
      ),
    getManifest: (repository, tagOrDigest, waiting) =>
      first(repository, tagOrDigest, (place) =>
        place.registry.getManifest(place.repository, tagOrDigest, waiting),
      ),
    hasBlob: async (repository, digest, waiting) => {
      const has = await first(repository, digest, async (place) =>
        (await place.registry.hasBlob(place.repository, digest, waiting)) ? true : undefined,
      )
      return has ?? false
    },
    openBlob: (repository, descriptor): Opener =>
      async function* (range) {
        for (const place of await placesOf(repository, true)) {
          let isStarted = false
          try {
            for await (const chunk of place.registry.openBlob(place.repository, descriptor)(range)) {
              isStarted = true
              yield chunk
            }
            return
          } catch (error) {
            // What was given out already cannot be taken back, and its digest not be proven across two places.
            const isFinal = isStarted || place.isLast || isAbort(error)
            if (isFinal || !(error instanceof Failure)) throw error
            fails(place, repository, error)
          }
        }
      },
  }
}

function nameOf({ host, repository }: PullPlace): string {
  return `${host}/${repository}`
}
