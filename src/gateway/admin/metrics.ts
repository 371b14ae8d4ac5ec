/** `/metrics` in Prometheus' text format, written by prom-client from counts that are kept elsewhere. */
import { collectDefaultMetrics, Gauge, Registry, type Metric } from 'prom-client'
import type { DataPlane } from '../proxy/data-plane.ts'
import type { GatewayState } from '../run/gateway.ts'
import { durationBounds, type RequestCounts, type RouteCounts } from './request-counts.ts'
import { readinessOf } from './readiness.ts'

export interface Metrics {
  readonly contentType: string
  readonly text: () => Promise<string>
}

export interface MetricsSource {
  readonly state: () => GatewayState
  readonly plane: Pick<DataPlane, 'clusters'>
  readonly counts: RequestCounts
}

type Labels = Readonly<Record<string, string | number>>
type Sample = readonly [labels: Labels, value: number, name?: string]

const prefix = 'slipway_gateway_'

export function newMetrics({ state, plane, counts }: MetricsSource): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const add = (
    type: 'counter' | 'gauge' | 'histogram',
    name: string,
    help: string,
    samples: () => Sample[],
  ): void => {
    const fullName = prefix + name
    // The registry asks a metric for its samples only; prom-client's own counters would cost a hash for each request.
    const get = () => ({
      name: fullName,
      help,
      type,
      aggregator: 'sum',
      values: samples().map(([labels, value, suffix]) => ({
        labels,
        value,
        ...(suffix !== undefined && { metricName: fullName + suffix }),
      })),
    })
    register.registerMetric({ name: fullName, help, type, get, reset: () => {} } as unknown as Metric)
  }
  const perRoute = (samples: (route: RouteCounts) => Sample[]) => () => [...counts.routes()].flatMap(samples)
  const perEndpoint = (value: (endpoint: Endpoint) => number) => () =>
    plane
      .clusters()
      .flatMap(({ cluster, endpoints }) =>
        endpoints.map((endpoint): Sample => [{ cluster, endpoint: endpoint.address }, value(endpoint)]),
      )
  add(
    'counter',
    'requests_total',
    'Requests by listener, route and status.',
    perRoute(({ listener, route, codes }) =>
      [...codes].map(([code, value]): Sample => [{ listener, route, code }, value]),
    ),
  )
  add(
    'histogram',
    'request_duration_seconds',
    'Time from the head of a request to the end of its answer.',
    perRoute(histogram),
  )
  add(
    'counter',
    'received_bytes_total',
    'Bytes of bodies of requests.',
    perRoute(({ listener, route, bytesReceived }) => [[{ listener, route }, bytesReceived]]),
  )
  add(
    'counter',
    'sent_bytes_total',
    'Bytes of bodies of answers.',
    perRoute(({ listener, route, bytesSent }) => [[{ listener, route }, bytesSent]]),
  )
  add(
    'counter',
    'endpoint_requests_total',
    'Requests sent to an endpoint, repeated ones too.',
    perEndpoint(({ requests }) => requests),
  )
  add(
    'counter',
    'endpoint_failures_total',
    'Requests that an endpoint failed.',
    perEndpoint(({ failures }) => failures),
  )
  add(
    'gauge',
    'endpoint_active_requests',
    'Requests that an endpoint works on.',
    perEndpoint(({ activeRequests }) => activeRequests),
  )
  add(
    'gauge',
    'endpoint_healthy',
    '1 when an endpoint takes requests.',
    perEndpoint(({ healthy }) => Number(healthy)),
  )
  add('gauge', 'listener_bound', '1 when a listener is bound.', () =>
    state().reports.map(({ listener, bound }): Sample => [{ listener }, Number(bound)]),
  )
  add('gauge', 'diagnostics', 'Problems of the configuration that is served.', () =>
    (['error', 'warning', 'info'] as const).map((severity): Sample => [
      { severity },
      state().diagnostics.filter((each) => each.severity === severity).length,
    ]),
  )
  add('gauge', 'objects', 'Objects by kind.', () =>
    [...Map.groupBy(state().objects, ({ kind }) => kind)].map(([kind, list]): Sample => [
      { kind },
      list.length,
    ]),
  )
  add('counter', 'config_reloads_total', 'Configurations that had effect after the first.', () => [
    [{}, state().reloads],
  ])
  gauge(
    register,
    'config_applied_timestamp_seconds',
    'When the configuration had effect.',
    () => state().appliedAt / 1000,
  )
  gauge(register, 'ready', '1 when the configuration is applied and every listener is bound.', () =>
    Number(readinessOf(state()).isReady),
  )
  return { contentType: register.contentType, text: () => register.metrics() }
}

type Endpoint = ReturnType<DataPlane['clusters']>[number]['endpoints'][number]

function histogram({ listener, route, buckets, seconds }: RouteCounts): Sample[] {
  let sum = 0
  const below = buckets.map((count, index): Sample => {
    sum += count
    return [{ listener, route, le: durationBounds[index] ?? '+Inf' }, sum, '_bucket']
  })
  return [...below, [{ listener, route }, seconds, '_sum'], [{ listener, route }, sum, '_count']]
}

function gauge(register: Registry, name: string, help: string, value: () => number): void {
  const own = new Gauge({
    name: prefix + name,
    help,
    registers: [register],
    collect() {
      own.set(value())
    },
  })
}
