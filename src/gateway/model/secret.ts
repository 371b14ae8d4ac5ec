/** Secrets: certificates and keys by name (xDS `extensions.transport_sockets.tls.v3.Secret`). Keys are never printed. */
export interface Secret {
  /** unique and stable: `Secret/default/web-tls` */
  readonly name: string
  /** PEM, leaf first */
  readonly certificateChain?: string
  /** PEM; `/config_dump` shows `[redacted]` */
  readonly privateKey?: string
  /** PEM bundle to trust */
  readonly ca?: string
  /** PEM */
  readonly crl?: string
}
