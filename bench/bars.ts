/** The bars of the design (3.4), held against what was measured. Pure. */
import { limit, names, slipway } from './bench.ts'
import { imageCounts, plansOf } from './cases/thousand.ts'
import type { Results, Sample } from './sample.ts'

export interface Bar {
  readonly name: string
  /** such as `at least 3 x` */
  readonly wanted: string
  /** such as `4.1 x`; absent: something it needs was not measured */
  readonly measured?: string
  /** how far from the bar, such as `37 % better` */
  readonly margin?: string
  readonly isMet?: boolean
}

export function barsOf({ median, rows }: Results): Bar[] {
  const own = (name: string) => median(name, slipway)
  const rival = (name: string, subject: RegExp) => {
    const row = rows.find((each) => each.case === name && subject.test(each.subject))
    return row && median(name, row.subject)
  }
  const ratio = (above: Sample | undefined, below: Sample | undefined) =>
    above && below && above.seconds / below.seconds
  const uploads = (sample: Sample | undefined) =>
    sample && (sample.counts?.requests['POST upload'] ?? 0) + (sample.counts?.requests['PUT upload'] ?? 0)
  const blobRequests = (sample: Sample | undefined) =>
    sample &&
    Object.entries(sample.counts?.requests ?? {}).reduce(
      (sum, [purpose, count]) => sum + (purpose.includes('manifest') ? 0 : count),
      0,
    )
  const nothing = own(names.nothing)
  const start = median(names.nodeStart, limit)
  return [
    atLeast(
      'everything new, against crane-style Go building',
      3,
      ratio(rival(names.new, /^crane-style/), own(names.new)),
    ),
    atLeast(
      'everything new, against BuildKit image by image',
      20,
      ratio(rival(names.new, /^BuildKit .*image by image/), own(names.new)),
    ),
    atMost(
      'one program changed, against sha256sum and one raw upload',
      1.5,
      ratio(own(names.large), median(names.sha256sum, limit)),
      'x',
    ),
    atMost(
      'nothing changed, above node -e 0',
      150,
      nothing && start && (nothing.seconds - start.seconds) * 1000,
      'ms',
    ),
    atMost('nothing changed, blob requests', 0, blobRequests(nothing), ''),
    atMost('linked again, blobs sent', 0, uploads(own(names.relink)), ''),
    atMost('everything new, peak memory', 200, megabytes(own(names.new)?.peakMemory), 'MB'),
    ...thousandBars(own, (images) => median(`${names.heads}, ${images}`, limit), start),
  ]
}

/** Milliseconds an image, the start of the process and one HEAD each taken off. */
export function perImage(sample: Sample, heads: Sample, start: Sample, images: number): number {
  return ((sample.seconds - heads.seconds - start.seconds) * 1000) / images
}

function thousandBars(
  own: (name: string) => Sample | undefined,
  headsOf: (images: number) => Sample | undefined,
  start: Sample | undefined,
): Bar[] {
  const [least, , most] = imageCounts
  const [small, large] = [own(plansOf(least)), own(plansOf(most))]
  const heads = headsOf(most)
  const each = large && heads && start && perImage(large, heads, start, most)
  const growth = large && small && large.seconds / small.seconds
  return [
    atMost(`${most} images, an image without its HEAD`, 1, each, 'ms'),
    atMost(`${most} images against ${least}: linear`, most / least, growth, 'x'),
  ]
}

function atLeast(name: string, bar: number, measured: number | undefined): Bar {
  const wanted = `at least ${bar} x`
  if (measured === undefined) return { name, wanted }
  const isMet = measured >= bar
  return {
    name,
    wanted,
    isMet,
    measured: `${measured.toFixed(1)} x`,
    margin: share(measured / bar - 1, isMet),
  }
}

function atMost(name: string, bar: number, measured: number | undefined, unit: string): Bar {
  const show = (value: number) => `${Number(value.toFixed(2))} ${unit}`.trim()
  const wanted = `at most ${show(bar)}`
  if (measured === undefined) return { name, wanted }
  const isMet = measured <= bar
  const margin = bar === 0 ? '' : share(1 - measured / bar, isMet)
  return { name, wanted, isMet, measured: show(measured), margin }
}

function share(part: number, isMet: boolean): string {
  return `${Math.abs(part * 100).toFixed(0)} % ${isMet ? 'better' : 'short'}`
}

function megabytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1e6
}
