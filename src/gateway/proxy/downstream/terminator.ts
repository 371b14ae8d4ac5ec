/** Ends the TLS of clients for one chain: certificates by SNI, client certificates, ALPN (xDS `DownstreamTlsContext`). */
import { createHash, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls'
import type { ClientValidation, DownstreamTls, Secret } from '../../model/index.ts'
import type { Limits } from '../limits.ts'

export interface Terminator {
  /** Takes a connection whose ClientHello is still to be read; calls back once when the handshake has come out. */
  readonly serve: (socket: Socket, done: (outcome: TLSSocket | { readonly why: string }) => void) => void
}

/** @throws Error when a certificate, key or CA cannot be used */
export function newTerminator(
  tls: DownstreamTls,
  secrets: ReadonlyMap<string, Secret>,
  limits: Limits,
): Terminator {
  const certificates = tls.certificates.map((name) => certificateOf(tls, secrets, name))
  if (certificates.length === 0) throw new Error('it has no certificate')
  const { clientValidation } = tls
  const waiting = new Map<string, (outcome: TLSSocket | { readonly why: string }) => void>()
  const server = createServer({
    SNICallback: (name, answer) => answer(null, chooseCertificate(certificates, name)?.context),
    ...authorities(clientValidation, secrets),
    ...materialOf(secrets, tls.certificates[0] ?? ''),
    requestCert: clientValidation !== undefined,
    rejectUnauthorized: clientValidation?.mode === 'require',
    handshakeTimeout: limits.handshakeTimeoutMs,
    ...versionsOf(tls),
    ...(tls.alpn.length > 0 && { ALPNProtocols: [...tls.alpn] }),
  })
  settle(server, waiting, clientValidation)
  return {
    serve(socket, done) {
      const key = keyOf(socket)
      const finish = (outcome: TLSSocket | { readonly why: string }) => {
        if (waiting.delete(key)) done(outcome)
      }
      waiting.set(key, finish)
      socket.once('close', () => finish({ why: 'the client left during the handshake' }))
      server.emit('connection', socket)
    },
  }
}

/** Sockets that Node.js shows after the handshake are others than those it was given; their far ends are the same. */
function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}

function settle(
  server: Server,
  waiting: ReadonlyMap<string, (outcome: TLSSocket | { readonly why: string }) => void>,
  validation: ClientValidation | undefined,
): void {
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {})
    const why = validation && refusalOf(socket, validation)
    if (why !== undefined) socket.destroy()
    waiting.get(keyOf(socket))?.(why === undefined ? socket : { why })
  })
  server.on('tlsClientError', (error, socket) => {
    waiting.get(keyOf(socket))?.({ why: `the handshake failed: ${error.message}` })
    socket.destroy()
  })
}

interface OwnCertificate {
  readonly certificate: X509Certificate
  readonly context: SecureContext
}

function materialOf(secrets: ReadonlyMap<string, Secret>, name: string): { cert: string; key: string } {
  const secret = secrets.get(name)
  if (secret?.certificateChain === undefined || secret.privateKey === undefined) {
    throw new Error(`${name} has no certificate and key`)
  }
  return { cert: secret.certificateChain, key: secret.privateKey }
}

function certificateOf(
  tls: DownstreamTls,
  secrets: ReadonlyMap<string, Secret>,
  name: string,
): OwnCertificate {
  const material = materialOf(secrets, name)
  const context = createSecureContext({
    ...material,
    ...versionsOf(tls),
    ...authorities(tls.clientValidation, secrets),
  })
  return { certificate: new X509Certificate(material.cert), context }
}

function versionsOf({ minVersion, maxVersion, cipherSuites }: DownstreamTls) {
  return {
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
    ...(cipherSuites && cipherSuites.length > 0 && { ciphers: cipherSuites.join(':') }),
  }
}

function authorities(validation: ClientValidation | undefined, secrets: ReadonlyMap<string, Secret>) {
  if (validation?.ca === undefined) return {}
  const secret = secrets.get(validation.ca)
  if (secret?.ca === undefined) throw new Error(`${validation.ca} has no CA`)
  return { ca: secret.ca, ...(secret.crl !== undefined && { crl: secret.crl }) }
}

function chooseCertificate(
  certificates: readonly OwnCertificate[],
  name: string,
): OwnCertificate | undefined {
  return certificates.find(({ certificate }) => certificate.checkHost(name) !== undefined) ?? certificates[0]
}

/** Why a client is turned away after a handshake that OpenSSL let pass. */
function refusalOf(socket: TLSSocket, validation: ClientValidation): string | undefined {
  const certificate = socket.getPeerX509Certificate()
  if (validation.mode === 'allow-invalid') return undefined
  if (certificate === undefined)
    return validation.mode === 'require' ? 'the client has no certificate' : undefined
  if (!socket.authorized) return `the client's certificate is not valid: ${String(socket.authorizationError)}`
  if (!hasName(certificate, validation.subjectAltNames))
    return "the client's certificate has none of the names that are asked for"
  return hasPin(certificate, validation)
    ? undefined
    : "the client's certificate is none of those that are pinned"
}

function hasName({ subjectAltName = '' }: X509Certificate, wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined || wanted.length === 0) return true
  const names = subjectAltName.split(', ').map((entry) => entry.slice(entry.indexOf(':') + 1))
  return wanted.some((want) =>
    names.some((name) => name === want || (want.startsWith('*.') && name.endsWith(want.slice(1)))),
  )
}

function hasPin(
  certificate: X509Certificate,
  { spkiSha256 = [], certificateSha256 = [] }: ClientValidation,
): boolean {
  if (spkiSha256.length + certificateSha256.length === 0) return true
  const spki = createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64')
  const own = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  return (
    spkiSha256.includes(spki) ||
    certificateSha256.some((pin) => pin.replaceAll(':', '').toLowerCase() === own)
  )
}
