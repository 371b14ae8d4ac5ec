import { readFile } from 'node:fs/promises'
import { newAuthority, type Authority } from '../../support/certificates.ts'

/** PEM of a chain and its key, as a Secret has them. */
export interface Pair extends Record<string, string> {
  readonly 'tls.crt': string
  readonly 'tls.key': string
}

export interface SuiteCertificates {
  /** for the hosts of HTTPS listeners */
  readonly server: Pair
  /** of backends: abc.example.com, other.example.com and a SPIFFE URI */
  readonly backend: Pair
  /** for TLSRoutes */
  readonly passthrough: Pair
  /** signed by `authority` */
  readonly client: Pair
  /** signed by `otherAuthority` */
  readonly otherClient: Pair
  readonly authority: string
  readonly otherAuthority: string
}

export const spiffeId = 'spiffe://abc.example.com/test-identity'

/** New certificates in a folder, each good for a day. */
export async function suiteCertificates(folder: string): Promise<SuiteCertificates> {
  const authority = await newAuthority(folder, 'authority')
  const other = await newAuthority(folder, 'other-authority')
  const dns = (...names: string[]) => names.map((name) => `DNS:${name}`)
  const [server, backend, passthrough, client, otherClient] = await Promise.all([
    pair(authority, 'server', [
      ...dns('example.org', '*.org', '*.wildcard.org', '*.example.com', 'example.com', '*.com', '*.test.com'),
      'IP:127.0.0.1',
    ]),
    pair(authority, 'backend', [...dns('abc.example.com', 'other.example.com'), `URI:${spiffeId}`]),
    pair(authority, 'passthrough', dns('abc.example.com', '*.example.com', '*.org', '*.wildcard.org')),
    pair(authority, 'client', dns('client.example.com')),
    pair(other, 'other-client', dns('client.example.com')),
  ])
  return {
    server,
    backend,
    passthrough,
    client,
    otherClient,
    authority: await readFile(authority.certificate, 'utf8'),
    otherAuthority: await readFile(other.certificate, 'utf8'),
  }
}

async function pair(authority: Authority, name: string, names: readonly string[]): Promise<Pair> {
  const files = await authority.sign(name, { names })
  return {
    'tls.crt': await readFile(files.certificate, 'utf8'),
    'tls.key': await readFile(files.key, 'utf8'),
  }
}
