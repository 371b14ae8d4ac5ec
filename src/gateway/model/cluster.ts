/** Clusters: one per service, port, subset and TLS policy, never per route, so that health is shared (xDS `config.cluster.v3`). */

export interface Cluster {
  /** unique and stable: `outbound|PORT|SUBSET|HOST` as Istio writes it */
  readonly name: string
  /**
   * `static`: endpoints are IP addresses or sockets. `strict-dns`: every address of every name is an endpoint.
   * `logical-dns`: a connection goes to the next address of the name. `dynamic-dns`: the host of the request is
   * resolved when it fits the wildcard that is the address of the only endpoint, whose port is taken (ServiceEntry).
   */
  readonly discovery: 'static' | 'strict-dns' | 'logical-dns' | 'dynamic-dns'
  readonly endpoints: readonly Endpoint[]
  /** what the backend speaks; `auto`: as the client of this request (h2 by ALPN when TLS); default `http1` */
  readonly protocol?: 'http1' | 'h2' | 'auto'
  readonly tls?: UpstreamTls
  readonly loadBalancer?: LoadBalancer
  /** milliseconds until a connection must stand; default 10 s */
  readonly connectTimeoutMs?: number
  readonly limits?: ClusterLimits
  readonly outlierDetection?: OutlierDetection
  readonly healthCheck?: HealthCheck
  /** a PROXY protocol header is sent first */
  readonly proxyProtocol?: 'v1' | 'v2'
}

export interface Endpoint {
  /** IP address, DNS name or `unix:PATH` */
  readonly address: string
  readonly port: number
  /** default 1 */
  readonly weight?: number
  /** DNS name told as the host with `autoHost` */
  readonly hostname?: string
  /** shown by `/clusters` and the page, such as a pod's name */
  readonly label?: string
  /** region/zone/subzone */
  readonly locality?: string
  /** 0 is preferred */
  readonly priority?: number
}

export interface UpstreamTls {
  /** SNI; nothing: the host of the request */
  readonly serverName?: string
  /** names one of which the certificate must have; nothing: `serverName` */
  readonly subjectAltNames?: readonly { readonly kind: 'dns' | 'uri' | 'any'; readonly value: string }[]
  /** name of a secret with `ca`, or the system's roots, or no check at all (Istio `insecureSkipVerify`) */
  readonly trust: { readonly secret: string } | 'system' | 'insecure'
  /** name of a secret whose certificate is shown to the backend */
  readonly clientCertificate?: string
  /** why no connection can be made, such as a CA that is not there: requests get 503 */
  readonly broken?: string
}

export interface LoadBalancer {
  /** default `least-request` */
  readonly policy: 'least-request' | 'round-robin' | 'random' | 'ring-hash' | 'maglev'
  readonly hash?: HashPolicy
  /** seconds in which a new endpoint gets its full share */
  readonly warmupSeconds?: number
}

export type HashPolicy =
  | { readonly kind: 'header'; readonly name: string }
  | { readonly kind: 'query'; readonly name: string }
  | { readonly kind: 'source-ip' }
  | { readonly kind: 'cookie'; readonly name: string; readonly path?: string; readonly ttlSeconds?: number }

/** Circuit breaking. Nothing: no limit. Over a limit: 503. */
export interface ClusterLimits {
  readonly maxConnections?: number
  readonly maxPendingRequests?: number
  readonly maxRequests?: number
  readonly maxRetries?: number
  readonly maxRequestsPerConnection?: number
  /** milliseconds an idle connection is kept; default 60 s */
  readonly idleTimeoutMs?: number
  readonly tcpKeepaliveMs?: number
}

/** An endpoint that fails is left out for a while (Istio `outlierDetection`). */
export interface OutlierDetection {
  readonly consecutive5xx?: number
  readonly consecutiveGatewayErrors?: number
  readonly consecutiveLocalErrors?: number
  readonly intervalMs: number
  readonly baseEjectionMs: number
  /** 0 to 100 */
  readonly maxEjectionPercent: number
  /** below this share of healthy endpoints all are used; 0 to 100 */
  readonly minHealthPercent: number
}

export interface HealthCheck {
  readonly kind: 'http' | 'tcp' | 'grpc'
  readonly path?: string
  readonly host?: string
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly healthyThreshold: number
  readonly unhealthyThreshold: number
}
