/** A world without a data plane: the real object store and the translators, every listener taken as bound. */
import type { ListenerReport } from '../../../src/gateway/model/index.ts'
import { newObjectStore } from '../../../src/gateway/objects/object-store.ts'
import type { LoadedObjects } from '../../../src/gateway/objects/object-store.ts'
import { compile, finalStatuses, type Compiled } from '../../../src/gateway/translate/compile.ts'
import { translateOptions } from '../../support/translated.ts'
import type { KubeManifest } from './objects.ts'
import type { Found, World } from './world.ts'

export interface StatusWorld extends World {
  readonly diagnostics: () => readonly string[]
}

export interface StatusWorldOptions {
  /** addresses that cannot be bound, as of no interface of this machine */
  readonly unusable?: readonly string[]
}

/** Objects that come later are younger by a second. */
export async function statusWorld(
  base: readonly KubeManifest[],
  { unusable = [] }: StatusWorldOptions = {},
): Promise<StatusWorld> {
  let now = Date.parse('2026-01-01T00:00:00Z')
  const store = newObjectStore({ namespace: 'default', strict: false, ages: new Map(), now: () => now })
  const manifests = new Map<string, KubeManifest>()
  let loaded: LoadedObjects | undefined
  let compiled: Compiled | undefined
  let found = new Map<string, Found>()
  const load = async () => {
    const files = [...manifests].map(([key, manifest]) => ({
      path: `${key}.json`,
      text: JSON.stringify(manifest),
    }))
    loaded = await store.load({ files, problems: [], unread: [] })
    const addressPool = Array.from({ length: 200 }, (_, index) => `127.0.1.${index + 1}`)
    compiled = compile({ objects: loaded.objects, options: { ...translateOptions, addressPool } })
    const reports = compiled.snapshot.listeners.map(({ name, address }): ListenerReport =>
      unusable.includes(address)
        ? { listener: name, bound: false, problem: `no interface has ${address}`, code: 'EADDRNOTAVAIL' }
        : { listener: name, bound: true },
    )
    found = new Map(
      finalStatuses(compiled, reports).map((status) => {
        const key = `${status.kind}/${status.namespace}/${status.name}`
        return [key, { manifest: manifests.get(key)!, generation: status.generation, status: status.status }]
      }),
    )
    now += 1000
  }
  const put = (objects: readonly KubeManifest[]) => {
    for (const manifest of objects) {
      const { namespace = '', name } = manifest.metadata
      manifests.set(`${manifest.kind}/${namespace}/${name}`, manifest)
    }
  }
  put(base)
  await load()
  return {
    async apply(...objects) {
      put(objects)
      await load()
    },
    async remove(kind, key) {
      manifests.delete(`${kind}/${key}`)
      await load()
    },
    find: (kind, key) => found.get(`${kind}/${key}`),
    diagnostics: () =>
      [...(loaded?.diagnostics ?? []), ...(compiled?.diagnostics ?? [])]
        .filter(({ severity }) => severity === 'error')
        .map(({ object, message }) => `${object}: ${message}`),
  }
}
