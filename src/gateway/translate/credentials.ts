/** Certificates and authorities that Istio objects and Ingresses name: Secrets and files. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Secret } from '../model/index.ts'
import type { KubeObject } from '../objects/object.ts'
import type { TranslateInput } from './translation.ts'

export type CredentialSource =
  | { readonly credential: string; readonly namespace: string }
  | { readonly certificate: string; readonly key: string }

export type AuthoritySource =
  | { readonly credential: string; readonly namespace: string }
  | { readonly file: string }

/** The name of a secret of the model, or why there is none. */
export type Found = { readonly secret: string } | { readonly problem: string }

export interface Credentials {
  /** a certificate and its key: `tls.crt` and `tls.key`, or `cert` and `key` */
  readonly keyPair: (source: CredentialSource) => Found
  /** an authority: `ca.crt` or `cacert` of Secret `NAME-cacert`, else of `NAME`. `crl` is a file */
  readonly authority: (source: AuthoritySource, crl?: string) => Found
  /** all that were found so far */
  readonly secrets: () => readonly Secret[]
}

export function newCredentials({ objects, options }: TranslateInput): Credentials {
  const found = new Map<string, Secret>()
  const keep = (secret: Secret): Found => {
    found.set(secret.name, secret)
    return { secret: secret.name }
  }
  const read = (path: string) => options.readFile(path)

  const keyPair = (source: CredentialSource): Found => {
    if ('credential' in source) {
      const secret = secretOf(source.credential, source.namespace)
      if ('problem' in secret) return secret
      const { object, name } = secret
      const certificate = dataOf(object, 'tls.crt', 'cert')
      const key = dataOf(object, 'tls.key', 'key')
      if (!certificate || !key) return { problem: `Secret ${name} has no tls.crt and tls.key` }
      const problem = pairProblem(certificate, key)
      if (problem !== undefined) return { problem: `Secret ${name}: ${problem}` }
      return keep({ name: `Secret/${name}`, certificateChain: certificate, privateKey: key })
    }
    const certificate = read(source.certificate)
    if (certificate === undefined) return { problem: `${source.certificate} cannot be read` }
    const key = read(source.key)
    if (key === undefined) return { problem: `${source.key} cannot be read` }
    const problem = pairProblem(certificate, key)
    if (problem !== undefined) return { problem: `${source.certificate}: ${problem}` }
    const name = `File/${source.certificate}|${source.key}`
    return keep({ name, certificateChain: certificate, privateKey: key })
  }

  const authority = (source: AuthoritySource, crl?: string): Found => {
    const revoked = crl === undefined ? undefined : read(crl)
    if (crl !== undefined && revoked === undefined) return { problem: `${crl} cannot be read` }
    const list = (own: string | undefined) => revoked ?? own
    const suffix = crl === undefined ? '' : `|${crl}`
    if ('file' in source) {
      const ca = read(source.file)
      if (ca === undefined) return { problem: `${source.file} cannot be read` }
      const problem = authorityProblem(ca)
      if (problem !== undefined) return { problem: `${source.file}: ${problem}` }
      return keep({ name: `File/${source.file}${suffix}`, ca, ...optionalCrl(list(undefined)) })
    }
    const separate = secretOf(`${source.credential}-cacert`, source.namespace)
    const secret = 'problem' in separate ? secretOf(source.credential, source.namespace) : separate
    if ('problem' in secret) return secret
    const { object, name } = secret
    const ca = dataOf(object, 'ca.crt', 'cacert')
    if (!ca) return { problem: `Secret ${name} has no ca.crt` }
    const problem = authorityProblem(ca)
    if (problem !== undefined) return { problem: `Secret ${name}: ${problem}` }
    return keep({
      name: `Secret/${name}#ca${suffix}`,
      ca,
      ...optionalCrl(list(dataOf(object, 'ca.crl', 'crl'))),
    })
  }

  const secretOf = (
    credential: string,
    namespace: string,
  ): { readonly object: KubeObject; readonly name: string } | { readonly problem: string } => {
    const text = credential.replace(/^kubernetes:\/\//, '')
    const [first = '', second] = text.split('/')
    const [place, name] = second === undefined ? [namespace, first] : [first, second]
    if (place !== namespace)
      return { problem: `Secret ${text} is in another namespace than the object that names it` }
    const object = objects.get('Secret', place, name)
    return object
      ? { object, name: `${place}/${name}` }
      : { problem: `Secret ${place}/${name} does not exist` }
  }

  return { keyPair, authority, secrets: () => [...found.values()] }
}

const optionalCrl = (crl: string | undefined) => (crl === undefined ? {} : { crl })

/** A value of a Secret: `stringData` as it is, `data` in base64. */
function dataOf({ rest }: KubeObject, ...names: readonly string[]): string | undefined {
  const plain = rest['stringData'] as Readonly<Record<string, string>> | undefined
  const encoded = rest['data'] as Readonly<Record<string, string>> | undefined
  for (const name of names) {
    const value = encoded?.[name]
    if (plain?.[name] !== undefined) return plain[name]
    if (value !== undefined) return Buffer.from(value, 'base64').toString('utf8')
  }
  return undefined
}

function pairProblem(certificate: string, key: string): string | undefined {
  let leaf: X509Certificate
  try {
    leaf = new X509Certificate(certificate)
  } catch {
    return 'the certificate is not PEM'
  }
  try {
    return leaf.checkPrivateKey(createPrivateKey(key)) ? undefined : 'the key is not that of the certificate'
  } catch {
    return 'the key is not PEM'
  }
}

function authorityProblem(bundle: string): string | undefined {
  try {
    void new X509Certificate(bundle)
    return undefined
  } catch {
    return 'the authority is not a certificate in PEM'
  }
}
