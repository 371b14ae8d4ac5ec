/** What every case is given. */
import type { BenchOptions } from './options.ts'
import type { Results } from './sample.ts'
import type { Workload } from './workload.ts'

export interface Bench {
  readonly options: BenchOptions
  readonly results: Results
  /** the demo plan, copied when it is first asked for */
  readonly workload: () => Promise<Workload>
  /** what was left out and why, for people and for the file of results */
  readonly leaveOut: (what: string, why: string) => void
}

/** Names of cases and limits that several files need. */
export const names = {
  new: 'everything new',
  nothing: 'nothing changed',
  small: 'one small file changed',
  large: 'one 97 MB program changed',
  relink: 'the same program linked again',
  rehash: 'everything hashed again (--no-cache)',
  variant: 'a variant more',
  hub: 'a second hub',
  nodeStart: 'limit: node -e 0',
  sha256sum: 'limit: sha256sum of the program, and a raw upload of it',
  nodeHash: 'limit: SHA-256 of the program by Node.js, and a raw upload of it',
  heads: 'limit: one HEAD for each name',
} as const

export const slipway = 'slipway'
export const limit = 'limit'
