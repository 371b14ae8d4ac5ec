/** The registries of one run, with the credentials that `docker login` left and the habits that earlier runs noted. */
import { homedir } from 'node:os'
import type { DestinationOptions } from '../build/index.ts'
import { dockerConfigCredentials, openRegistry, type Registry } from '../registry/index.ts'
import { cacheFolder, openHostNotes } from '../store/index.ts'

/** One client per registry host and run. */
export function registryPool(options: DestinationOptions): {
  open: (host: string) => Registry
  close: () => Promise<void>
} {
  const registries = new Map<string, Registry>()
  const habits = openHostNotes(`${cacheFolder(process.env, homedir())}/hosts-1`)
  const credentials = dockerConfigCredentials({ env: process.env, signal: options.signal })
  return {
    open(host) {
      const known = registries.get(host)
      if (known) return known
      const registry = openRegistry(host, {
        tally: options.tally,
        signal: options.signal,
        credentials,
        habits,
        emit: options.emit,
      })
      registries.set(host, registry)
      return registry
    },
    close: async () => void (await Promise.all([...registries.values()].map((registry) => registry.close()))),
  }
}
