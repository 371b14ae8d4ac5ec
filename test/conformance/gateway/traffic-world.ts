/** A world with a running gateway: files in a folder, the real loader, the real data plane, on loopback. */
import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createDataPlane } from '../../../src/gateway/proxy/create-data-plane.ts'
import { startGateway, type Gateway } from '../../../src/gateway/run/gateway.ts'
import { translateOptions } from '../../support/translated.ts'
import type { EchoPods } from './echo/echo-pods.ts'
import { keyOf, type Found, type World } from './world.ts'
import type { KubeManifest } from './objects.ts'
import type { SuiteCertificates } from './suite-certificates.ts'

export interface TrafficWorld extends World, AsyncDisposable {
  readonly pods: EchoPods
  readonly certificates: SuiteCertificates
  /** IP address of a Gateway, from its status */
  readonly addressOf: (gateway: string) => string
  /** Writes several changes at once. */
  readonly replace: (changes: {
    readonly put?: readonly KubeManifest[]
    readonly gone?: readonly KubeManifest[]
  }) => Promise<void>
}

export interface TrafficWorldOptions {
  readonly folder: string
  readonly base: readonly KubeManifest[]
  readonly pods: EchoPods
  readonly certificates: SuiteCertificates
  /** first two parts of the Gateways' addresses */
  readonly block: string
}

export async function trafficWorld(options: TrafficWorldOptions): Promise<TrafficWorld> {
  const { folder, base, pods, certificates, block } = options
  const manifests = new Map<string, KubeManifest>()
  const addressPool = Array.from({ length: 250 }, (_, index) => `${block}.1.${index + 1}`)
  const translate = { ...translateOptions, address: `${block}.0.1`, addressPool }
  const start = async () =>
    startGateway({
      config: [folder],
      namespace: 'default',
      strict: false,
      translate,
      plane: createDataPlane(),
      ages: new Map(),
      emit: () => {},
    })
  let gateway: Gateway | undefined
  let found = new Map<string, Found>()
  const load = async () => {
    if (gateway === undefined) gateway = await start()
    else await gateway.reload()
    found = new Map(
      gateway.state().statuses.map((status) => {
        const key = `${status.kind}/${status.namespace}/${status.name}`
        return [key, { manifest: manifests.get(key)!, generation: status.generation, status: status.status }]
      }),
    )
  }
  const replace: TrafficWorld['replace'] = async ({ put = [], gone = [] }) => {
    for (const manifest of gone) {
      manifests.delete(manifestKey(manifest))
      await rm(fileOf(folder, manifestKey(manifest)), { force: true })
    }
    for (const manifest of put) {
      manifests.set(manifestKey(manifest), manifest)
      await writeFile(fileOf(folder, manifestKey(manifest)), JSON.stringify(manifest))
    }
    await load()
  }
  await replace({ put: base })
  return {
    pods,
    certificates,
    replace,
    apply: async (...objects) => replace({ put: objects }),
    async remove(kind, key) {
      const manifest = manifests.get(`${kind}/${key}`)
      if (manifest) await replace({ gone: [manifest] })
    },
    find: (kind, key) => found.get(`${kind}/${key}`),
    addressOf(gateway) {
      const value = found.get(`Gateway/${keyOf(gateway)}`)?.status.addresses?.[0]?.value
      if (value === undefined) throw new Error(`Gateway ${gateway} has no address`)
      return value
    },
    async [Symbol.asyncDispose]() {
      await gateway?.drain(0, 0)
    },
  }
}

export function manifestKey({ kind, metadata }: KubeManifest): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

/** A short name: some names are as long as a file's may be. */
function fileOf(folder: string, key: string): string {
  return join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 16)}.json`)
}
