/** One measurement of one subject in one case, and all of them. Pure. */
import type { Tally } from '../src/base/index.ts'

export interface Sample {
  /** wall */
  readonly seconds: number
  /** user and system, daemons included; absent: not to be had */
  readonly cpuSeconds?: number
  /** bytes, the largest process; absent: not to be had */
  readonly peakMemory?: number
  /** what Slipway counts of its own work */
  readonly counts?: Tally
}

/** All samples of a subject in a case. */
export interface Row {
  /** such as `everything new` */
  readonly case: string
  /** such as `slipway` or `buildkit v0.34.2` */
  readonly subject: string
  readonly samples: Sample[]
}

export interface Results {
  readonly rows: readonly Row[]
  readonly add: (name: string, subject: string, sample: Sample) => void
  /** the sample with the median wall time */
  readonly median: (name: string, subject: string) => Sample | undefined
}

/** @param onSample told of every sample as it comes */
export function newResults(onSample: (name: string, subject: string, sample: Sample) => void): Results {
  const rows: Row[] = []
  const find = (name: string, subject: string) =>
    rows.find((row) => row.case === name && row.subject === subject)
  return {
    rows,
    add(name, subject, sample) {
      const row = find(name, subject)
      if (row) row.samples.push(sample)
      else rows.push({ case: name, subject, samples: [sample] })
      onSample(name, subject, sample)
    },
    median(name, subject) {
      const row = find(name, subject)
      return row && medianOf(row.samples)
    },
  }
}

/** The one in the middle by wall time; of an even number the slower one. */
export function medianOf(samples: readonly Sample[]): Sample {
  return samples.toSorted((a, b) => a.seconds - b.seconds)[Math.floor(samples.length / 2)]!
}

export function requestsOf({ counts }: Sample): number {
  return Object.values(counts?.requests ?? {}).reduce((sum, count) => sum + count, 0)
}
