/**
 * The fields of Istio's networking API that a gateway reads (istio.io/docs, networking.istio.io/v1). The generated types
 * of the schemas spell every oneof out as a union of its cases; `spec.test.ts` proves that they fit these.
 */

export interface GatewaySpec {
  readonly selector?: Labels
  readonly servers?: readonly Server[]
}

export type Labels = Readonly<Record<string, string>>

export interface Server {
  readonly port: {
    readonly number: number
    readonly name: string
    readonly protocol: string
    readonly targetPort?: number
  }
  readonly hosts: readonly string[]
  readonly bind?: string
  readonly name?: string
  readonly defaultEndpoint?: string
  readonly tls?: ServerTls
}

export interface ServerTls {
  readonly httpsRedirect?: boolean
  readonly mode?:
    | 'PASSTHROUGH'
    | 'SIMPLE'
    | 'MUTUAL'
    | 'AUTO_PASSTHROUGH'
    | 'ISTIO_MUTUAL'
    | 'OPTIONAL_MUTUAL'
  readonly serverCertificate?: string
  readonly privateKey?: string
  readonly caCertificates?: string
  readonly caCrl?: string
  readonly caCertCredentialName?: string
  readonly credentialName?: string
  readonly credentialNames?: readonly string[]
  readonly tlsCertificates?: readonly {
    readonly serverCertificate?: string
    readonly privateKey?: string
    readonly caCertificates?: string
  }[]
  readonly subjectAltNames?: readonly string[]
  readonly verifyCertificateSpki?: readonly string[]
  readonly verifyCertificateHash?: readonly string[]
  readonly minProtocolVersion?: TlsProtocol
  readonly maxProtocolVersion?: TlsProtocol
  readonly cipherSuites?: readonly string[]
}

export type TlsProtocol = 'TLS_AUTO' | 'TLSV1_0' | 'TLSV1_1' | 'TLSV1_2' | 'TLSV1_3'

export interface VirtualServiceSpec {
  readonly hosts?: readonly string[]
  readonly gateways?: readonly string[]
  readonly exportTo?: readonly string[]
  readonly http?: readonly HttpRule[]
  readonly tls?: readonly TlsRule[]
  readonly tcp?: readonly TcpRule[]
}

export interface HttpRule {
  readonly name?: string
  readonly match?: readonly HttpMatch[]
  readonly route?: readonly HttpDestination[]
  readonly redirect?: HttpRedirect
  readonly directResponse?: {
    readonly status: number
    readonly body?: { readonly string?: string; readonly bytes?: string }
  }
  readonly delegate?: { readonly name?: string; readonly namespace?: string }
  readonly rewrite?: HttpRewrite
  readonly timeout?: string
  readonly retries?: HttpRetries
  readonly fault?: HttpFault
  readonly mirror?: Destination
  readonly mirrorPercent?: number
  readonly mirror_percent?: number
  readonly mirrorPercentage?: Percent
  readonly mirrors?: readonly { readonly destination: Destination; readonly percentage?: Percent }[]
  readonly corsPolicy?: CorsPolicy
  readonly headers?: Headers
}

export interface Percent {
  readonly value?: number
}

export interface StringCondition {
  readonly exact?: string
  readonly prefix?: string
  readonly regex?: string
}

export interface HttpMatch {
  readonly name?: string
  readonly uri?: StringCondition
  readonly ignoreUriCase?: boolean
  readonly scheme?: StringCondition
  readonly method?: StringCondition
  readonly authority?: StringCondition
  readonly headers?: Readonly<Record<string, StringCondition>>
  readonly withoutHeaders?: Readonly<Record<string, StringCondition>>
  readonly queryParams?: Readonly<Record<string, StringCondition>>
  readonly port?: number
  readonly gateways?: readonly string[]
  readonly sourceLabels?: Labels
  readonly sourceNamespace?: string
  readonly statPrefix?: string
}

export interface Destination {
  readonly host: string
  readonly subset?: string
  readonly port?: { readonly number?: number }
}

export interface HttpDestination {
  readonly destination: Destination
  readonly weight?: number
  readonly headers?: Headers
}

export interface Headers {
  readonly request?: HeaderOperations
  readonly response?: HeaderOperations
}

export interface HeaderOperations {
  readonly set?: Readonly<Record<string, string>>
  readonly add?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

export interface HttpRedirect {
  readonly uri?: string
  readonly authority?: string
  readonly scheme?: string
  readonly port?: number
  readonly derivePort?: 'FROM_PROTOCOL_DEFAULT' | 'FROM_REQUEST_PORT'
  readonly redirectCode?: number
}

export interface HttpRewrite {
  readonly uri?: string
  readonly authority?: string
  readonly uriRegexRewrite?: { readonly match?: string; readonly rewrite?: string }
}

export interface HttpRetries {
  readonly attempts?: number
  readonly perTryTimeout?: string
  readonly retryOn?: string
  readonly backoff?: string
  readonly retryIgnorePreviousHosts?: boolean
  readonly retryRemoteLocalities?: boolean
}

export interface HttpFault {
  readonly delay?: {
    readonly fixedDelay?: string
    readonly exponentialDelay?: string
    readonly percentage?: Percent
    readonly percent?: number
  }
  readonly abort?: {
    readonly httpStatus?: number
    readonly grpcStatus?: string
    readonly http2Error?: string
    readonly percentage?: Percent
  }
}

export interface CorsPolicy {
  readonly allowOrigins?: readonly StringCondition[]
  readonly allowOrigin?: readonly string[]
  readonly allowMethods?: readonly string[]
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  readonly maxAge?: string
  readonly allowCredentials?: boolean
  readonly unmatchedPreflights?: 'UNSPECIFIED' | 'FORWARD' | 'IGNORE'
}

export interface L4Match {
  readonly port?: number
  readonly destinationSubnets?: readonly string[]
  readonly gateways?: readonly string[]
  readonly sourceLabels?: Labels
  readonly sourceNamespace?: string
  readonly sourceSubnet?: string
}

export interface TlsRule {
  readonly match: readonly (L4Match & { readonly sniHosts: readonly string[] })[]
  readonly route?: readonly RouteDestination[]
}

export interface TcpRule {
  readonly match?: readonly L4Match[]
  readonly route?: readonly RouteDestination[]
}

export interface RouteDestination {
  readonly destination: Destination
  readonly weight?: number
}

export interface DestinationRuleSpec {
  readonly host: string
  readonly trafficPolicy?: TrafficPolicy
  readonly subsets?: readonly Subset[]
  readonly exportTo?: readonly string[]
  readonly workloadSelector?: { readonly matchLabels?: Labels }
}

export interface Subset {
  readonly name: string
  readonly labels?: Labels
  readonly trafficPolicy?: TrafficPolicy
}

/** What a policy says at one level; a level that says nothing of a block leaves the one above. */
export interface PolicyBlocks {
  readonly loadBalancer?: LoadBalancerSettings
  readonly connectionPool?: ConnectionPool
  readonly outlierDetection?: OutlierDetectionSettings
  readonly tls?: ClientTls
}

export interface TrafficPolicy extends PolicyBlocks {
  readonly portLevelSettings?: readonly (PolicyBlocks & { readonly port?: { readonly number?: number } })[]
  readonly tunnel?: object
  readonly proxyProtocol?: { readonly version?: 'V1' | 'V2' }
  readonly retryBudget?: object
}

export interface LoadBalancerSettings {
  readonly simple?: 'UNSPECIFIED' | 'LEAST_CONN' | 'RANDOM' | 'PASSTHROUGH' | 'ROUND_ROBIN' | 'LEAST_REQUEST'
  readonly consistentHash?: {
    readonly httpHeaderName?: string
    readonly httpCookie?: {
      readonly name: string
      readonly path?: string
      readonly ttl?: string
      readonly attributes?: readonly object[]
    }
    readonly httpQueryParameterName?: string
    readonly useSourceIp?: boolean
    readonly maglev?: { readonly tableSize?: number }
    readonly ringHash?: { readonly minimumRingSize?: number }
    readonly minimumRingSize?: number
  }
  readonly localityLbSetting?: object
  readonly warmup?: {
    readonly duration: string
    readonly aggression?: number
    readonly minimumPercent?: number
  }
  readonly warmupDurationSecs?: string
}

export interface ConnectionPool {
  readonly tcp?: {
    readonly maxConnections?: number
    readonly connectTimeout?: string
    readonly idleTimeout?: string
    readonly maxConnectionDuration?: string
    readonly tcpKeepalive?: { readonly time?: string; readonly interval?: string; readonly probes?: number }
  }
  readonly http?: {
    readonly h2UpgradePolicy?: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE'
    readonly http1MaxPendingRequests?: number
    readonly http2MaxRequests?: number
    readonly idleTimeout?: string
    readonly maxConcurrentStreams?: number
    readonly maxRequestsPerConnection?: number
    readonly maxRetries?: number
    readonly useClientProtocol?: boolean
  }
}

export interface OutlierDetectionSettings {
  readonly consecutiveErrors?: number
  readonly consecutive5xxErrors?: number
  readonly consecutiveGatewayErrors?: number
  readonly consecutiveLocalOriginFailures?: number
  readonly splitExternalLocalOriginErrors?: boolean
  readonly interval?: string
  readonly baseEjectionTime?: string
  readonly maxEjectionPercent?: number
  readonly minHealthPercent?: number
}

export interface ClientTls {
  readonly mode?: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL'
  readonly clientCertificate?: string
  readonly privateKey?: string
  readonly caCertificates?: string
  readonly caCrl?: string
  readonly credentialName?: string
  readonly subjectAltNames?: readonly string[]
  readonly sni?: string
  readonly insecureSkipVerify?: boolean
}

export interface ServiceEntrySpec {
  readonly hosts: readonly string[]
  readonly addresses?: readonly string[]
  readonly ports?: readonly ServiceEntryPort[]
  readonly location?: 'MESH_EXTERNAL' | 'MESH_INTERNAL'
  readonly resolution?: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS'
  readonly endpoints?: readonly Workload[]
  readonly workloadSelector?: { readonly labels?: Labels }
  readonly exportTo?: readonly string[]
  readonly subjectAltNames?: readonly string[]
}

export interface ServiceEntryPort {
  readonly number: number
  readonly name: string
  readonly protocol?: string
  readonly targetPort?: number
}

/** Spec of a WorkloadEntry, and an endpoint of a ServiceEntry. */
export interface Workload {
  readonly address?: string
  readonly ports?: Readonly<Record<string, number>>
  readonly labels?: Labels
  readonly network?: string
  readonly locality?: string
  readonly weight?: number
  readonly serviceAccount?: string
}
