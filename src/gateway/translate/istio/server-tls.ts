/** `tls` of a Gateway's server that ends TLS. */
import { getCiphers } from 'node:tls'
import type { ClientValidation, DownstreamTls, TlsVersion } from '../../model/index.ts'
import type { Context, Part } from './context.ts'
import { below } from './context.ts'
import type { CredentialSource, Found } from '../credentials.ts'
import type { ServerTls, TlsProtocol } from './spec.ts'

/** Nothing when a certificate or authority cannot be had, which is told: such a server is not served at all. */
export function translateServerTls(
  tls: ServerTls,
  alpn: readonly string[],
  context: Context,
  part: Part,
): DownstreamTls | undefined {
  const sources = certificateSources(tls, part)
  if (sources.length === 0) {
    tell(
      context,
      part,
      `TLS mode ${tls.mode ?? 'SIMPLE'} needs credentialName, or serverCertificate and privateKey`,
    )
    return undefined
  }
  const certificates = sources.map(({ source, path }) => {
    const found = context.credentials.keyPair(source)
    if ('problem' in found) tell(context, below(part, ...path), found.problem)
    return found
  })
  const names = certificates.flatMap((found) => ('secret' in found ? [found.secret] : []))
  const validation = clientValidation(tls, context, part)
  if (names.length < certificates.length || (validation && 'problem' in validation)) return undefined
  const min = version(tls.minProtocolVersion, context, below(part, 'minProtocolVersion'))
  const max = version(tls.maxProtocolVersion, context, below(part, 'maxProtocolVersion'))
  const cipherSuites = ciphers(tls.cipherSuites ?? [], context, below(part, 'cipherSuites'))
  return {
    certificates: names,
    alpn,
    ...(validation && { clientValidation: validation }),
    ...(min && { minVersion: min }),
    ...(max && { maxVersion: max }),
    ...(cipherSuites.length > 0 && { cipherSuites }),
  }
}

interface PlacedSource {
  readonly source: CredentialSource
  readonly path: readonly (string | number)[]
}

function certificateSources(tls: ServerTls, { object }: Part): PlacedSource[] {
  const { namespace } = object.metadata
  if (tls.credentialNames?.length) {
    return tls.credentialNames.map((credential, index) => ({
      source: { credential, namespace },
      path: ['credentialNames', index],
    }))
  }
  if (tls.credentialName) {
    return [{ source: { credential: tls.credentialName, namespace }, path: ['credentialName'] }]
  }
  const files = tls.tlsCertificates?.length ? tls.tlsCertificates : [tls]
  return files.flatMap(({ serverCertificate, privateKey }, index) =>
    serverCertificate && privateKey
      ? [
          {
            source: { certificate: serverCertificate, key: privateKey },
            path: files === tls.tlsCertificates ? ['tlsCertificates', index] : ['serverCertificate'],
          },
        ]
      : [],
  )
}

function clientValidation(
  tls: ServerTls,
  context: Context,
  part: Part,
): ClientValidation | { readonly problem: string } | undefined {
  if (tls.mode !== 'MUTUAL' && tls.mode !== 'OPTIONAL_MUTUAL') {
    for (const name of ['subjectAltNames', 'verifyCertificateSpki', 'verifyCertificateHash'] as const) {
      if (!tls[name]?.length) continue
      context.report.ignored(
        part.object,
        below(part, name).path,
        'only MUTUAL asks clients for a certificate',
      )
    }
    return undefined
  }
  const ca = authorityOf(tls, context, part)
  if ('problem' in ca) {
    tell(context, part, ca.problem)
    return ca
  }
  return {
    ca: ca.secret,
    mode: tls.mode === 'MUTUAL' ? 'require' : 'optional',
    ...(tls.subjectAltNames?.length && { subjectAltNames: tls.subjectAltNames }),
    ...(tls.verifyCertificateSpki?.length && { spkiSha256: tls.verifyCertificateSpki }),
    ...(tls.verifyCertificateHash?.length && {
      certificateSha256: tls.verifyCertificateHash.map((hash) => hash.replaceAll(':', '').toLowerCase()),
    }),
  }
}

function authorityOf(tls: ServerTls, { credentials }: Context, { object }: Part): Found {
  const { namespace } = object.metadata
  const name = tls.caCertCredentialName ?? tls.credentialNames?.[0] ?? tls.credentialName
  if (name) return credentials.authority({ credential: name, namespace }, tls.caCrl)
  const file = tls.caCertificates ?? tls.tlsCertificates?.find((pair) => pair.caCertificates)?.caCertificates
  if (file) return credentials.authority({ file }, tls.caCrl)
  return { problem: `TLS mode ${tls.mode} needs caCertificates, or a credentialName with ca.crt` }
}

const versions: Readonly<Record<string, TlsVersion>> = { TLSV1_2: 'TLSv1.2', TLSV1_3: 'TLSv1.3' }

function version(
  protocol: TlsProtocol | undefined,
  { report }: Context,
  { object, path }: Part,
): TlsVersion | undefined {
  if (!protocol || protocol === 'TLS_AUTO') return undefined
  const known = versions[protocol]
  if (known) return known
  report.warn(object, path, {
    rule: 'tls-version-too-old',
    message: `${protocol} is not offered; TLSV1_2 is the oldest`,
  })
  return 'TLSv1.2'
}

/** Envoy's `[A|B]` are ciphers of equal rank: they are taken in their order. */
function ciphers(suites: readonly string[], { report }: Context, { object, path }: Part): string[] {
  const known = new Set(getCiphers().map((name) => name.toUpperCase()))
  return suites.flatMap((suite, index) =>
    suite
      .replaceAll(/[[\]]/g, '')
      .split('|')
      .filter((name) => {
        if (known.has(name.toUpperCase())) return true
        report.ignored(object, [...path, index], `${name} is not known to OpenSSL here`)
        return false
      }),
  )
}

function tell({ report }: Context, { object, path }: Part, why: string): void {
  report.error(object, path, { rule: 'server-certificate', message: `${why}, so this server is not served` })
}
