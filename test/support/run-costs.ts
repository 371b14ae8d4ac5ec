/** What a run of the command line cost, as its own last event says. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tally } from '../../src/base/index.ts'
import { eventsOf, type SlipwayResult } from './slipway.ts'

export interface Costs extends Omit<Tally, 'bytesCompressed' | 'bytesWritten'> {
  /** how often a blob was found, mounted and uploaded, all repositories together */
  readonly blobs: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
}

/** of a run that did nothing but ask */
export const nothing = { bytesRead: 0, bytesHashed: 0, bytesSent: 0, blobs: {}, warnings: [] }

export function costsOf(result: SlipwayResult): Costs {
  const tally = eventsOf(result, 'finished')[0]!['tally'] as Tally
  const blobs: Record<string, number> = {}
  for (const { state } of eventsOf(result, 'blob')) blobs[String(state)] = (blobs[String(state)] ?? 0) + 1
  const { bytesRead, bytesHashed, bytesSent, requests } = tally
  const warnings = eventsOf(result, 'warning').map(({ message }) => String(message))
  return { bytesRead, bytesHashed, bytesSent, requests, blobs, warnings }
}

/** Of a layer with one file: a header, the content in blocks, and the end of the tar. */
export function tarSize(bytes: number): number {
  return 512 + Math.ceil(bytes / 512) * 512 + 1024
}

/** Longer than the tick of a file system's clock. */
export const settle = () => sleep(100)
