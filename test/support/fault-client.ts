/** A registry client on a fault registry, with a clock that does not wait and everything it did recorded. */
import type { TestContext } from 'node:test'
import { newTally, type Tally } from '../../src/base/index.ts'
import type { Clock } from '../../src/http/index.ts'
import {
  openRegistry,
  type HabitsStore,
  type Registry,
  type RegistryEvent,
  type RegistryOptions,
} from '../../src/registry/index.ts'
import { startFaultRegistry, type FaultRegistry, type FaultRegistryOptions } from './fault-registry.ts'

export interface FakeClock extends Clock {
  /** milliseconds of every sleep */
  readonly slept: number[]
  readonly advance: (milliseconds: number) => void
}

/** Time that passes only in sleeps; chance that is always highest. */
export function fakeClock(): FakeClock {
  let now = Date.parse('2026-01-02T03:04:05Z')
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    random: () => 1,
    advance(milliseconds) {
      now += milliseconds
    },
    async sleep(milliseconds, { signal } = {}) {
      signal?.throwIfAborted()
      slept.push(milliseconds)
      now += milliseconds
    },
  }
}

export interface FaultClient {
  readonly server: FaultRegistry
  readonly registry: Registry
  readonly clock: FakeClock
  readonly tally: Tally
  readonly events: RegistryEvent[]
}

/** Both are stopped when the test ends. */
export async function openFaultClient(
  t: TestContext,
  serverOptions: FaultRegistryOptions = {},
  options: RegistryOptions = {},
): Promise<FaultClient> {
  const server = await startFaultRegistry(serverOptions)
  const clock = fakeClock()
  const tally = newTally()
  const events: RegistryEvent[] = []
  const registry = openRegistry(server.host, {
    tally,
    clock,
    emit: (event) => events.push(event),
    ...options,
  })
  t.after(async () => {
    await registry.close()
    await server.stop()
  })
  return { server, registry, clock, tally, events }
}

/** Habits kept as a file would keep them. */
export function memoryHabits(): HabitsStore & { readonly documents: Map<string, string> } {
  const documents = new Map<string, string>()
  return {
    documents,
    read: async (host) => JSON.parse(documents.get(host) ?? 'null') as unknown,
    async write(host, document) {
      documents.set(host, JSON.stringify(document))
    },
  }
}
