/**
 * The registries of one run, with the logins, certificates and mirrors that are set up on this machine and the habits
 * that earlier runs noted.
 */
import { homedir } from 'node:os'
import type { DestinationOptions } from '../build/index.ts'
import {
  containersConf,
  hostSettings,
  isLoopback,
  openCredentialStore,
  openRegistry,
  pullRegistry,
  type Registry,
} from '../registry/index.ts'
import { cacheFolder, cachePath, openHostNotes } from '../store/index.ts'

export interface RegistryPoolOptions extends DestinationOptions {
  /** hosts for which TLS is no must */
  readonly insecure?: readonly string[] | undefined
}

export interface RegistryPool {
  /** the registry of a host as it is named, to write to */
  readonly open: (host: string) => Registry
  /** the registry of a host to read bases from, its mirrors first */
  readonly pull: (host: string) => Registry
  /** has the login of a host looked up while the build goes on */
  readonly prepare: (host: string) => void
  readonly close: () => Promise<void>
}

/** One client per registry host and run. */
export function registryPool(options: RegistryPoolOptions): RegistryPool {
  const { tally, emit, signal, insecure } = options
  const { env } = process
  const conf = containersConf({ env })
  const settings = hostSettings({ env, insecure, conf })
  const store = openCredentialStore({ env, conf, signal })
  const habits = openHostNotes(cachePath(cacheFolder(env, homedir()), 'hosts'))
  const registries = new Map<string, Registry>()
  const pulls = new Map<string, Registry>()
  const open = (host: string) =>
    kept(registries, host, () =>
      openRegistry(host, { tally, signal, emit, settings, habits, credentials: store.find }),
    )
  return {
    open,
    pull: (host) => kept(pulls, host, () => pullRegistry(host, { open, conf, emit })),
    prepare(host) {
      if (!isLoopback(host)) store.prepare(host)
    },
    close: async () => void (await Promise.all([...registries.values()].map((registry) => registry.close()))),
  }
}

function kept<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}
