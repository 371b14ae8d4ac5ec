/** What the gateway tells backends of the client (X-Forwarded-*, X-Request-Id, X-Forwarded-Client-Cert). */
import { randomUUID } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { HttpConnectionManager } from '../../model/index.ts'
import type { IncomingHead } from './incoming.ts'

export interface Told {
  readonly requestId: string
  readonly scheme: string
}

/** Appends the headers; the names they replace are not in `head.headers`. */
export function tellOfClient(head: IncomingHead, peer: string, isTls: boolean): Told {
  const proto =
    head.forwardedProto === 'http' || head.forwardedProto === 'https' ? head.forwardedProto : undefined
  const scheme = proto ?? (isTls ? 'https' : 'http')
  const requestId = head.requestId ?? randomUUID()
  const chain = head.forwardedFor === undefined ? peer : `${head.forwardedFor}, ${peer}`
  head.headers.push('x-forwarded-for', chain, 'x-forwarded-proto', scheme, 'x-request-id', requestId)
  return { requestId, scheme }
}

/** The client as the trusted proxies tell it: as many places from the right as there are such proxies. */
export function clientAddress(forwardedFor: string | undefined, peer: string, trustedHops: number): string {
  if (forwardedFor === undefined || trustedHops === 0) return peer
  const addresses = forwardedFor.split(',').map((address) => address.trim())
  return addresses[Math.max(0, addresses.length - trustedHops)] ?? peer
}

/** Adds what is to be told of the client's certificate. */
export function tellOfCertificate(
  head: IncomingHead,
  mode: NonNullable<HttpConnectionManager['forwardClientCert']>,
  socket: TLSSocket | undefined,
): void {
  const name = 'x-forwarded-client-cert'
  if (mode === 'always-forward-only') {
    if (head.clientCertificate !== undefined) head.headers.push(name, head.clientCertificate)
    return
  }
  if (mode === 'sanitize' || socket === undefined) return
  const own = describeCertificate(socket)
  const before = mode === 'append-forward' ? head.clientCertificate : undefined
  const values = [before, own].filter((value) => value !== undefined)
  if (values.length > 0) head.headers.push(name, values.join(','))
}

function describeCertificate(socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined || !socket.authorized) return undefined
  const names = (certificate.subjectAltName ?? '').split(', ')
  const of = (kind: string) =>
    names.filter((name) => name.startsWith(`${kind}:`)).map((name) => name.slice(kind.length + 1))
  const hash = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  const subject = certificate.subject
    .split('\n')
    .toReversed()
    .join(',')
    .replaceAll('"', String.raw`\"`)
  return [
    `Hash=${hash}`,
    `Subject="${subject}"`,
    ...of('URI').map((uri) => `URI=${uri}`),
    ...of('DNS').map((dns) => `DNS=${dns}`),
  ].join(';')
}
