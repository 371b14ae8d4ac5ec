/** A traffic policy as fields of a cluster. */
import type { Cluster, ClusterLimits, HashPolicy, LoadBalancer, OutlierDetection } from '../../model/index.ts'
import type { Part } from './context.ts'
import { below } from './context.ts'
import { placedDuration } from './placed-duration.ts'
import type { Report } from '../report.ts'
import type { ConnectionPool, LoadBalancerSettings, OutlierDetectionSettings } from './spec.ts'

interface Telling {
  readonly report: Report
}

const simplePolicies: Readonly<Record<string, LoadBalancer['policy']>> = {
  RANDOM: 'random',
  ROUND_ROBIN: 'round-robin',
}

export function translateLoadBalancer(
  settings: LoadBalancerSettings,
  telling: Telling,
  part: Part,
): LoadBalancer | undefined {
  const ignore = (why: string, ...steps: string[]) =>
    telling.report.ignored(part.object, below(part, ...steps).path, why)
  if (settings.localityLbSetting) ignore('every endpoint is used, wherever it is', 'localityLbSetting')
  if (settings.simple === 'PASSTHROUGH') {
    ignore('a gateway does not know an original destination; the least loaded endpoint is used', 'simple')
  }
  const warmup = settings.warmup?.duration ?? settings.warmupDurationSecs
  const warmupMs = placedDuration(warmup, telling, below(part, 'warmup'))
  const slow = warmupMs !== undefined && { warmupSeconds: warmupMs / 1000 }
  const hash = settings.consistentHash
  if (hash) {
    const ring = hash.maglev?.tableSize ?? hash.ringHash?.minimumRingSize ?? hash.minimumRingSize
    if (ring) ignore('the size of the ring is chosen here', 'consistentHash')
    if (hash.httpCookie?.attributes)
      ignore('the cookie is HttpOnly', 'consistentHash', 'httpCookie', 'attributes')
    const policy = hashPolicy(hash, telling, below(part, 'consistentHash'))
    if (policy) return { policy: hash.maglev ? 'maglev' : 'ring-hash', hash: policy, ...slow }
  }
  const policy = simplePolicies[settings.simple ?? ''] ?? 'least-request'
  return policy === 'least-request' && !slow ? undefined : { policy, ...slow }
}

function hashPolicy(
  hash: NonNullable<LoadBalancerSettings['consistentHash']>,
  telling: Telling,
  part: Part,
): HashPolicy | undefined {
  if (hash.httpHeaderName) return { kind: 'header', name: hash.httpHeaderName.toLowerCase() }
  if (hash.httpQueryParameterName) return { kind: 'query', name: hash.httpQueryParameterName }
  if (hash.useSourceIp) return { kind: 'source-ip' }
  if (!hash.httpCookie) return undefined
  const { name, path, ttl } = hash.httpCookie
  const ttlMs = placedDuration(ttl, telling, below(part, 'httpCookie', 'ttl'))
  return {
    kind: 'cookie',
    name,
    ...(path && { path }),
    ...(ttlMs !== undefined && { ttlSeconds: ttlMs / 1000 }),
  }
}

type PoolFields = Pick<Cluster, 'connectTimeoutMs' | 'limits' | 'protocol'>

export function translateConnectionPool(pool: ConnectionPool, telling: Telling, part: Part): PoolFields {
  const { tcp, http } = pool
  const ignore = (why: string, ...steps: string[]) =>
    telling.report.ignored(part.object, below(part, ...steps).path, why)
  if (tcp?.maxConnectionDuration) {
    ignore('connections live as long as they are used', 'tcp', 'maxConnectionDuration')
  }
  if (http?.maxConcurrentStreams) {
    ignore('the backend says how many streams it takes', 'http', 'maxConcurrentStreams')
  }
  const connectTimeoutMs = placedDuration(tcp?.connectTimeout, telling, below(part, 'tcp', 'connectTimeout'))
  const limits = poolLimits(pool, telling, part)
  const upgraded = http?.h2UpgradePolicy === 'UPGRADE' ? 'h2' : undefined
  const protocol = http?.useClientProtocol ? 'auto' : upgraded
  return {
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(protocol && { protocol }),
  }
}

function poolLimits({ tcp, http }: ConnectionPool, telling: Telling, part: Part): ClusterLimits {
  const duration = (text: string | undefined, ...steps: string[]) =>
    placedDuration(text, telling, below(part, ...steps))
  const httpIdleMs = duration(http?.idleTimeout, 'http', 'idleTimeout')
  return {
    ...positive('maxConnections', tcp?.maxConnections),
    ...positive('maxPendingRequests', http?.http1MaxPendingRequests),
    ...positive('maxRequests', http?.http2MaxRequests),
    ...positive('maxRetries', http?.maxRetries),
    ...positive('maxRequestsPerConnection', http?.maxRequestsPerConnection),
    ...positive('idleTimeoutMs', httpIdleMs ?? duration(tcp?.idleTimeout, 'tcp', 'idleTimeout')),
    ...positive('tcpKeepaliveMs', duration(tcp?.tcpKeepalive?.time, 'tcp', 'tcpKeepalive', 'time')),
  }
}

/** Istio cannot tell 0 from nothing: both are no limit. */
function positive<Name extends keyof ClusterLimits>(
  name: Name,
  value: number | undefined,
): Partial<ClusterLimits> {
  return value !== undefined && value > 0 ? { [name]: value } : {}
}

/** Envoy's defaults where Istio has none: 5 errors in a row, every 10 s, for 30 s, at most a tenth of the endpoints. */
export function translateOutlierDetection(
  settings: OutlierDetectionSettings,
  telling: Telling,
  part: Part,
): OutlierDetection {
  const duration = (name: 'interval' | 'baseEjectionTime') =>
    placedDuration(settings[name], telling, below(part, name))
  const consecutive5xx = settings.consecutive5xxErrors ?? 5
  const gateway = settings.consecutiveGatewayErrors
  const local = settings.splitExternalLocalOriginErrors ? (settings.consecutiveLocalOriginFailures ?? 5) : 0
  return {
    ...(consecutive5xx > 0 && { consecutive5xx }),
    ...(gateway && { consecutiveGatewayErrors: gateway }),
    ...(local > 0 && { consecutiveLocalErrors: local }),
    intervalMs: duration('interval') ?? 10_000,
    baseEjectionMs: duration('baseEjectionTime') ?? 30_000,
    maxEjectionPercent: settings.maxEjectionPercent || 10,
    minHealthPercent: settings.minHealthPercent ?? 0,
  }
}
