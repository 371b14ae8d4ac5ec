/** TLS to backends: trust, names, the certificate we show (xDS `UpstreamTlsContext`). */
import {
  checkServerIdentity,
  createSecureContext,
  type ConnectionOptions,
  type PeerCertificate,
} from 'node:tls'
import type { Secret, UpstreamTls } from '../../model/index.ts'

export interface CompiledTls {
  /** nothing: plain text, or `broken` */
  readonly options: ConnectionOptions | undefined
  /** why no connection can be made */
  readonly broken: string | undefined
}

export function upstreamTls(tls: UpstreamTls | undefined, secrets: ReadonlyMap<string, Secret>): CompiledTls {
  if (tls === undefined) return { options: undefined, broken: undefined }
  const broken = (why: string): CompiledTls => ({ options: undefined, broken: why })
  if (tls.broken !== undefined) return broken(tls.broken)
  const trusted = typeof tls.trust === 'object' ? secrets.get(tls.trust.secret) : undefined
  if (typeof tls.trust === 'object' && trusted?.ca === undefined)
    return broken(`${tls.trust.secret} has no CA`)
  const own = tls.clientCertificate === undefined ? undefined : secrets.get(tls.clientCertificate)
  if (tls.clientCertificate !== undefined && own?.certificateChain === undefined) {
    return broken(`${tls.clientCertificate} has no certificate`)
  }
  try {
    const secureContext = createSecureContext({
      ...(trusted?.ca !== undefined && { ca: trusted.ca }),
      ...(trusted?.crl !== undefined && { crl: trusted.crl }),
      ...(own && { cert: own.certificateChain, key: own.privateKey }),
    })
    const options: ConnectionOptions = {
      secureContext,
      rejectUnauthorized: tls.trust !== 'insecure',
      ...(tls.serverName !== undefined && { servername: tls.serverName }),
      checkServerIdentity: (host, certificate) => checkNames(tls, host, certificate),
    }
    return { options, broken: undefined }
  } catch (error) {
    return broken(
      `its TLS material cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** One of the names must be in the certificate; without names it is the server name. */
function checkNames(tls: UpstreamTls, host: string, certificate: PeerCertificate): Error | undefined {
  const wanted = tls.subjectAltNames ?? []
  if (wanted.length === 0) return checkServerIdentity(tls.serverName ?? host, certificate)
  const uris = [...(certificate.subjectaltname ?? '').matchAll(/(?:^|, )URI:([^,]*)/g)].map(([, uri]) => uri)
  const fits = wanted.some(({ kind, value }) => {
    const isDns = () => checkServerIdentity(value, certificate) === undefined
    if (kind === 'uri') return uris.includes(value)
    return kind === 'dns' ? isDns() : isDns() || uris.includes(value)
  })
  if (fits) return undefined
  return new Error(
    `the backend's certificate has none of the names ${wanted.map(({ value }) => value).join(', ')}`,
  )
}
