/**
 * Counts of physical work in one run, independent of the machine's speed.
 * One tally is made per run and handed down; the work adds to it where it happens.
 */
export interface Tally {
  /** bytes read from source files */
  bytesRead: number
  /** bytes put through SHA-256 */
  bytesHashed: number
  /** bytes of layers put through compression */
  bytesCompressed: number
  /** bytes of blobs and manifests sent to registries */
  bytesSent: number
  /** bytes written to files of a destination */
  bytesWritten: number
  /** requests to registries, by what they were for */
  requests: Record<string, number>
}

export function newTally(): Tally {
  return { bytesRead: 0, bytesHashed: 0, bytesCompressed: 0, bytesSent: 0, bytesWritten: 0, requests: {} }
}

export function countRequest(tally: Tally | undefined, purpose: string): void {
  if (tally) tally.requests[purpose] = (tally.requests[purpose] ?? 0) + 1
}

export function totalRequests(tally: Tally): number {
  return Object.values(tally.requests).reduce((sum, count) => sum + count, 0)
}
