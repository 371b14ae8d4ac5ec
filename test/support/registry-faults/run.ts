/** One push of an image to a registry in memory, as a run does it, with a clock that does not wait: what came of it. */
import { PassThrough } from 'node:stream'
import { registryDestination, type BuildEvent, type BuiltImage } from '../../../src/build/index.ts'
import { newTally } from '../../../src/base/index.ts'
import { formatError } from '../../../src/cli/report/failure.ts'
import { describeEvent } from '../../../src/cli/report/plain.ts'
import { plural } from '../../../src/cli/report/units.ts'
import { openRegistry, type Registry, type RegistryOptions } from '../../../src/registry/index.ts'
import { fakeClock } from '../fault-client.ts'
import { digestOf } from './answer.ts'
import type { Purpose } from './faults.ts'
import type { FaultRegistry } from './server.ts'

export interface Run {
  /** the lines that a user sees, with `<registry>` for the host */
  readonly shown: string
  /** requests that the registry got, by purpose */
  readonly requests: Partial<Record<Purpose, number>>
  /** bytes of bodies that left us */
  readonly bytesSent: number
  /** nothing when all went well */
  readonly error: unknown
}

/** Does the work as a run of its own; one request at a time, so that faults meet the same requests each time. */
export async function runAgainst(
  server: FaultRegistry,
  options: RegistryOptions,
  work: (registry: Registry, emit: (event: BuildEvent) => void) => Promise<void>,
): Promise<Run> {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream
  const lines: string[] = []
  const tally = newTally()
  const before = server.requests.length
  const emit = (event: BuildEvent) => void lines.push(...describeEvent(event, stream))
  const registry = openRegistry(server.host, {
    tally,
    clock: fakeClock(),
    emit,
    requests: 1,
    uploads: 1,
    ...options,
  })
  let error: unknown
  try {
    await work(registry, emit)
  } catch (thrown) {
    error = thrown
    lines.push(...formatError(thrown, stream))
  } finally {
    await registry.close()
  }
  return {
    shown: lines.map((line) => `${line}\n`.replaceAll(server.host, '<registry>')).join(''),
    requests: countPurposes(server, before),
    bytesSent: tally.bytesSent,
    error,
  }
}

/** Stages the image and moves its names. */
export async function pushImages(
  server: FaultRegistry,
  images: readonly BuiltImage[],
  options: RegistryOptions = {},
): Promise<Run> {
  return runAgainst(server, options, async (registry, emit) => {
    const destination = registryDestination({ tally: newTally(), emit, registry: () => registry })
    try {
      for (const image of images) await destination.stage(image)
      await destination.commit()
    } catch (error) {
      await destination.abandon()
      throw error
    }
  })
}

function countPurposes(server: FaultRegistry, from: number): Run['requests'] {
  const counts: Run['requests'] = {}
  for (const { purpose } of server.requests.slice(from)) counts[purpose] = (counts[purpose] ?? 0) + 1
  return counts
}

/** What a registry holds after a run, in a line: names, blobs, open sessions. */
export function describeState(server: FaultRegistry): string {
  const names = [...server.manifests.keys()].filter((name) => !name.includes('@')).toSorted()
  const broken = [...server.blobs].filter(([digest, bytes]) => digestOf(bytes) !== digest)
  const sessions = [...server.sessions().values()]
  return [
    names.length === 0 ? 'no name' : names.join(', '),
    `${plural(server.blobs.size, 'blob')}, ${broken.length === 0 ? 'all whole' : `${broken.length} broken`}`,
    ...(sessions.length > 0 ? [`${plural(sessions.length, 'session')} not committed`] : []),
  ].join('; ')
}

export function formatRequests(requests: Run['requests']): string {
  const parts = Object.entries(requests).map(([purpose, count]) => `${purpose} ${count}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}
