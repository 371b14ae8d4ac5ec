import type { UpstreamTls } from '../../model/index.ts'
import type { Part } from './context.ts'
import { below } from './context.ts'
import type { AuthoritySource, Credentials } from '../credentials.ts'
import type { Report } from '../report.ts'
import type { ClientTls } from './spec.ts'

export interface ClientTlsScope {
  readonly credentials: Credentials
  readonly report: Report
  /** names of the ServiceEntry, when the policy has none */
  readonly subjectAltNames: readonly string[]
}

/**
 * `trafficPolicy.tls` as TLS to a backend; nothing for DISABLE. The name of the certificate is checked where Istio
 * leaves it out when `sni` is given without `subjectAltNames`.
 */
export function translateClientTls(
  tls: ClientTls,
  scope: ClientTlsScope,
  part: Part,
): UpstreamTls | undefined {
  const mode = tls.mode ?? 'DISABLE'
  if (mode === 'DISABLE') return undefined
  const names = tls.subjectAltNames?.length ? tls.subjectAltNames : scope.subjectAltNames
  const common = {
    ...(tls.sni && { serverName: tls.sni }),
    ...(names.length > 0 && { subjectAltNames: names.map((value) => ({ kind: 'any' as const, value })) }),
  }
  const fail = (why: string, ...steps: string[]): UpstreamTls => {
    const { object, path } = below(part, ...steps)
    scope.report.error(object, path, { rule: 'upstream-tls', message: `${why}, so requests get 503` })
    return { ...common, trust: 'system', broken: why }
  }
  if (mode === 'ISTIO_MUTUAL') return fail('ISTIO_MUTUAL needs the certificates of a mesh', 'mode')
  const trust = trustOf(tls, scope, part)
  if (typeof trust === 'object' && 'problem' in trust) return fail(trust.problem)
  if (mode === 'SIMPLE') return { ...common, trust }
  const own = clientCertificate(tls, scope, part)
  return 'problem' in own ? fail(own.problem) : { ...common, trust, clientCertificate: own.secret }
}

function trustOf(
  tls: ClientTls,
  { credentials }: ClientTlsScope,
  part: Part,
): UpstreamTls['trust'] | { problem: string } {
  if (tls.insecureSkipVerify) return 'insecure'
  const source: AuthoritySource | undefined = tls.credentialName
    ? { credential: tls.credentialName, namespace: part.object.metadata.namespace }
    : tls.caCertificates && tls.caCertificates !== 'system'
      ? { file: tls.caCertificates }
      : undefined
  return source ? credentials.authority(source, tls.caCrl) : 'system'
}

function clientCertificate(tls: ClientTls, { credentials }: ClientTlsScope, { object }: Part) {
  if (tls.credentialName) {
    return credentials.keyPair({ credential: tls.credentialName, namespace: object.metadata.namespace })
  }
  if (!tls.clientCertificate || !tls.privateKey)
    return { problem: 'MUTUAL needs clientCertificate and privateKey' }
  return credentials.keyPair({ certificate: tls.clientCertificate, key: tls.privateKey })
}
