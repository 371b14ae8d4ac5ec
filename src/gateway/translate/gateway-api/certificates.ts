/** Certificates and authorities that objects refer to: there, permitted and well-formed, or why not. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { KubeObject } from '../../objects/object.ts'
import { problem, type Problem } from './conditions.ts'
import type { Context } from './context.ts'
import type { Referrer } from './grants.ts'
import type { Reference } from './specs.ts'

/** Name of a secret of the snapshot with a certificate and its key. */
export function resolveCertificate(
  context: Context,
  from: Referrer,
  reference: Reference,
  reason: string,
): string | Problem {
  const { group = '', kind = 'Secret', name, namespace = from.namespace } = reference
  if (group !== '' || kind !== 'Secret') {
    return problem(reason, `a certificate is in a Secret, not in a ${kind} of group "${group}"`)
  }
  if (!context.grants(from, { group, kind, namespace, name })) {
    return notPermitted(from, kind, namespace, name)
  }
  const label = `Secret/${namespace}/${name}`
  if (context.output.hasPair(label)) return label
  const object = context.objects.get('Secret', namespace, name)
  if (object === undefined) return problem(reason, `Secret ${namespace}/${name} is not there`)
  const certificateChain = textOf(object, 'tls.crt')
  const privateKey = textOf(object, 'tls.key')
  const wrong = pairProblem(certificateChain, privateKey)
  if (wrong !== undefined) return problem(reason, `Secret ${namespace}/${name}: ${wrong}`)
  return context.output.secret({
    name: label,
    ...(certificateChain === undefined ? {} : { certificateChain }),
    ...(privateKey === undefined ? {} : { privateKey }),
  })
}

/** What problems with authorities are called, which differs between listeners and policies. */
export interface AuthorityReasons {
  readonly kind: string
  readonly reference: string
}

export interface Authorities {
  /** name of a secret of the snapshot with the authorities that could be had; nothing: none could */
  readonly secret?: string
  readonly problems: readonly Problem[]
}

/** Authorities of ConfigMaps or Secrets, each in its key `ca.crt`. */
export function resolveAuthorities(
  context: Context,
  from: Referrer,
  references: readonly Reference[],
  reasons: AuthorityReasons,
): Authorities {
  const found: { name: string; pem: string }[] = []
  const problems: Problem[] = []
  for (const reference of references) {
    const authority = resolveAuthority(context, from, reference, reasons)
    if ('ok' in authority) problems.push(authority)
    else found.push(authority)
  }
  if (found.length === 0) return { problems }
  const name = found.map((authority) => authority.name).join('+')
  const secret = context.output.secret({ name, ca: found.map(({ pem }) => pem).join('\n') })
  return { secret, problems }
}

function resolveAuthority(
  context: Context,
  from: Referrer,
  reference: Reference,
  reasons: AuthorityReasons,
): { name: string; pem: string } | Problem {
  const { group = '', kind = 'ConfigMap', name, namespace = from.namespace } = reference
  if (group !== '' || (kind !== 'ConfigMap' && kind !== 'Secret')) {
    return problem(
      reasons.kind,
      `an authority is in a ConfigMap or a Secret, not in a ${kind} of group "${group}"`,
    )
  }
  if (!context.grants(from, { group, kind, namespace, name })) {
    return notPermitted(from, kind, namespace, name)
  }
  const object = context.objects.get(kind, namespace, name)
  if (object === undefined) return problem(reasons.reference, `${kind} ${namespace}/${name} is not there`)
  const pem = textOf(object, 'ca.crt')
  if (pem === undefined) {
    return problem(reasons.reference, `${kind} ${namespace}/${name} has no key ca.crt`)
  }
  if (!isCertificate(pem)) {
    return problem(reasons.reference, `${kind} ${namespace}/${name}: ca.crt holds no certificate in PEM`)
  }
  return { name: `${kind}/${namespace}/${name}`, pem }
}

function notPermitted(from: Referrer, kind: string, namespace: string, name: string): Problem {
  return problem(
    'RefNotPermitted',
    `no ReferenceGrant in namespace ${namespace} lets a ${from.kind} of ${from.namespace} refer to ${kind} ${name}`,
  )
}

/** A key of `data` (base64 in a Secret) or `stringData`. */
function textOf(object: KubeObject, key: string): string | undefined {
  const plain = (object.rest['stringData'] as Record<string, string> | undefined)?.[key]
  if (plain !== undefined) return plain
  const data = (object.rest['data'] as Record<string, string> | undefined)?.[key]
  if (data === undefined || object.kind !== 'Secret') return data
  return Buffer.from(data, 'base64').toString('utf8')
}

function pairProblem(certificate: string | undefined, key: string | undefined): string | undefined {
  if (certificate === undefined) return 'it has no key tls.crt'
  if (key === undefined) return 'it has no key tls.key'
  if (!isCertificate(certificate)) return 'tls.crt holds no certificate in PEM'
  try {
    const matches = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
    return matches ? undefined : 'tls.key is not the key of tls.crt'
  } catch {
    return 'tls.key holds no private key in PEM'
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint256 !== ''
  } catch {
    return false
  }
}
