/** Listeners: where bytes come in and which chain takes them (xDS `config.listener.v3`). */

export interface Listener {
  /** unique and stable: `ADDRESS:PORT/tcp` or `ADDRESS:PORT/udp` */
  readonly name: string
  /** IP address to bind; `0.0.0.0` or `::` for all */
  readonly address: string
  readonly port: number
  readonly transport: 'tcp' | 'udp'
  /**
   * Candidates. A connection that opens with a ClientHello is offered to chains with `match.tls`, others to those
   * without. Among TLS chains the most specific server name wins: exact, longest `*.suffix`, then none.
   * A connection that no chain takes is closed. A listener whose only chain is a `tcp` one without `match.tls` takes
   * every connection at once and never looks at its bytes, as in some protocols the server speaks first.
   */
  readonly filterChains: readonly FilterChain[]
  /** PROXY protocol v1 and v2 is read from every connection; default false */
  readonly proxyProtocol?: boolean
}

export interface FilterChain {
  /** for people: `Gateway default/web listener https` */
  readonly name: string
  readonly match: FilterChainMatch
  /** TLS is terminated here; without it the bytes go on as they come (passthrough when `match.tls`) */
  readonly tls?: DownstreamTls
  readonly filter: HttpConnectionManager | TcpProxy | UdpProxy
}

export interface FilterChainMatch {
  readonly tls: boolean
  /** lower case; `*.example.com` is one or more labels; empty takes every name and none */
  readonly serverNames: readonly string[]
  /** client networks in CIDR form; default every client (Istio `tcp.match.destinationSubnets` is not this) */
  readonly sourceCidrs?: readonly string[]
}

export interface DownstreamTls {
  /** names of secrets with a certificate and a key; by SNI the first that names the host, else the first */
  readonly certificates: readonly string[]
  /** default: clients are asked for no certificate */
  readonly clientValidation?: ClientValidation
  readonly minVersion?: TlsVersion
  readonly maxVersion?: TlsVersion
  /** OpenSSL names; default Node's */
  readonly cipherSuites?: readonly string[]
  /** in order of preference; `h2` needs an HTTP chain. Empty: no ALPN */
  readonly alpn: readonly string[]
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3'

export interface ClientValidation {
  /** name of a secret with `ca` (and maybe `crl`); nothing with mode `optional`/`request` means no CA is asked */
  readonly ca?: string
  /**
   * `require`: a valid certificate or no handshake. `optional`: none, or a valid one. `allow-invalid`: asked for,
   * never refused (Gateway API AllowInsecureFallback).
   */
  readonly mode: 'require' | 'optional' | 'allow-invalid'
  /** one of these must be among the certificate's names (exact, `*.suffix` for DNS) */
  readonly subjectAltNames?: readonly string[]
  /** SHA-256 of the SPKI, base64, or of the certificate, hex; one must fit */
  readonly spkiSha256?: readonly string[]
  readonly certificateSha256?: readonly string[]
}

/** xDS `HttpConnectionManager`: HTTP/1.1, and HTTP/2 by ALPN or prior knowledge. WebSocket and CONNECT-free. */
export interface HttpConnectionManager {
  readonly kind: 'http'
  /** name of a `RouteConfiguration` */
  readonly routeConfiguration: string
  /** `server` response header; default: the backend's own is passed on */
  readonly serverName?: string
  /** proxies in front that are trusted to write X-Forwarded-For; default 0: it is overwritten */
  readonly trustedHops?: number
  /** how a forwarded client certificate is told (X-Forwarded-Client-Cert); default `sanitize` */
  readonly forwardClientCert?: 'sanitize' | 'sanitize-set' | 'append-forward' | 'always-forward-only'
}

/** xDS `TcpProxy`; also what TLS passthrough ends in. */
export interface TcpProxy {
  readonly kind: 'tcp'
  /** shares of connections; `cluster` missing refuses its share */
  readonly targets: readonly WeightedTarget[]
  /** idle milliseconds until both sides are closed; default 1 hour; 0 never */
  readonly idleTimeoutMs?: number
}

/** xDS `UdpProxyConfig`: one session for each client address. */
export interface UdpProxy {
  readonly kind: 'udp'
  readonly targets: readonly WeightedTarget[]
  /** idle milliseconds of a session; default 60 s */
  readonly idleTimeoutMs?: number
}

export interface WeightedTarget {
  /** name of a cluster; nothing: the share is refused (TCP) or dropped (UDP) */
  readonly cluster?: string
  readonly weight: number
}
