/** Results of the benchmark of the gateway as tables in Markdown. Pure. */

export interface ProxySample {
  readonly proxy: string
  readonly routes: number
  readonly perCpuSecond: number
  readonly perSecond: number
  /** milliseconds */
  readonly p50: number
  readonly p99: number
  readonly errors: number
}

export interface PlaneSample {
  readonly routes: number
  /** bytes */
  readonly heap: number
  /** milliseconds */
  readonly changeP50: number
  readonly changeP99: number
  /** while a route changes every 50 ms */
  readonly errors: number
  readonly requests: number
}

export interface GatewayReport {
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly samples: readonly ProxySample[]
  readonly plane: readonly PlaneSample[]
  readonly leftOut: readonly string[]
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function formatGatewayTable({ machine, versions, samples, plane, leftOut }: GatewayReport): string {
  const names = Object.keys(versions)
  const routes = [...new Set(samples.map((sample) => sample.routes))]
  const cell = (proxy: string, count: number) => {
    const own = samples.filter((sample) => sample.proxy === proxy && sample.routes === count)
    if (own.length === 0) return ''
    const of = (field: 'perCpuSecond' | 'p50' | 'p99') => median(own.map((sample) => sample[field]))
    const errors = own.reduce((sum, sample) => sum + sample.errors, 0)
    return `${Math.round(of('perCpuSecond')).toLocaleString('en')} (${of('p50').toFixed(1)} / ${of('p99').toFixed(1)} ms${errors > 0 ? `, ${errors} errors` : ''})`
  }
  const base = plane.find((sample) => sample.routes === Math.min(...plane.map((each) => each.routes)))
  const kilobytes = ({ routes: count, heap }: PlaneSample) =>
    base === undefined || count <= base.routes
      ? ''
      : `${Math.round((heap - base.heap) / 1024 / ((count - base.routes) / 1000)).toLocaleString('en')} kB`
  return [
    `${machine}. Requests per CPU-second of the proxy (p50 / p99), medians:`,
    table(
      ['routes', ...names.map((name) => `${name} ${versions[name]}`)],
      routes.map((count) => [count.toLocaleString('en'), ...names.map((name) => cell(name, count))]),
    ),
    'The embedded data plane while its routes change:',
    table(
      ['routes', 'change to effect, p50', 'p99', 'errors, a change every 50 ms', 'memory per 1,000 routes'],
      plane.map((sample) => [
        sample.routes.toLocaleString('en'),
        `${sample.changeP50.toFixed(1)} ms`,
        `${sample.changeP99.toFixed(1)} ms`,
        `${sample.errors} of ${sample.requests.toLocaleString('en')}`,
        kilobytes(sample),
      ]),
    ),
    ...leftOut.map((text) => `Left out: ${text}.`),
    '',
  ].join('\n\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
