/** What is wrong with a listener on its own: protocol, kinds of routes, certificates, client validation. */
import type { ClientValidation } from '../../model/index.ts'
import { resolveAuthorities, resolveCertificate } from './certificates.ts'
import { problem } from './conditions.ts'
import type { Context } from './context.ts'
import { referrerOf, type ListenerState } from './listener-state.ts'
import { gatewayGroup, type FrontendTlsValidation, type Reference } from './specs.ts'

/** Kinds of routes that each protocol can serve. */
function kindsOfProtocol({ spec, terminates }: ListenerState): readonly string[] {
  switch (spec.protocol) {
    case 'HTTP':
    case 'HTTPS':
      return ['HTTPRoute', 'GRPCRoute']
    case 'TLS':
      return terminates ? ['TLSRoute', 'TCPRoute'] : ['TLSRoute']
    case 'TCP':
      return ['TCPRoute']
    case 'UDP':
      return ['UDPRoute']
    default:
      return []
  }
}

/** Fills in `kinds`, `accepted`, `resolved`, `certificates` and `clientValidation`. */
export function checkListener(context: Context, listener: ListenerState): void {
  checkKinds(listener)
  if (listener.kinds.length === 0 && kindsOfProtocol(listener).length === 0) {
    const { protocol } = listener.spec
    listener.accepted = problem(
      'UnsupportedProtocol',
      `protocol ${protocol} is none of HTTP, HTTPS, TLS, TCP and UDP`,
    )
    return
  }
  checkMode(listener)
  if (listener.terminates) checkCertificates(context, listener)
  if (listener.spec.protocol === 'HTTPS') checkClientValidation(context, listener)
}

function checkKinds(listener: ListenerState): void {
  const possible = kindsOfProtocol(listener)
  const wanted = listener.spec.allowedRoutes?.kinds ?? []
  if (wanted.length === 0) {
    listener.kinds = possible
    return
  }
  const isPossible = ({ group, kind }: { group?: string; kind: string }) =>
    (group ?? gatewayGroup) === gatewayGroup && possible.includes(kind)
  listener.kinds = [...new Set(wanted.filter(isPossible).map(({ kind }) => kind))]
  const wrong = wanted.filter((kind) => !isPossible(kind))
  if (wrong.length > 0) {
    const shown = wrong.map(({ kind }) => kind).join(', ')
    listener.resolved = problem(
      'InvalidRouteKinds',
      `a ${listener.spec.protocol} listener takes ${possible.join(' and ') || 'no routes'}, not ${shown}`,
    )
  }
}

function checkMode(listener: ListenerState): void {
  const { protocol, tls } = listener.spec
  const mode = tls?.mode ?? 'Terminate'
  const modes = protocol === 'HTTPS' ? ['Terminate'] : ['Terminate', 'Passthrough']
  if ((protocol === 'HTTPS' || protocol === 'TLS') && !modes.includes(mode)) {
    listener.accepted = problem(
      'UnsupportedValue',
      `tls.mode of ${protocol} is ${modes.join(' or ')}, not ${mode}`,
    )
  }
}

function checkCertificates(context: Context, listener: ListenerState): void {
  const references = listener.spec.tls?.certificateRefs ?? []
  if (references.length === 0) {
    listener.resolved = problem('InvalidCertificateRef', 'tls.certificateRefs names no certificate')
    return
  }
  const certificates: string[] = []
  for (const reference of references) {
    const from = referrerOf(listener.parent)
    const found = resolveCertificate(context, from, reference as Reference, 'InvalidCertificateRef')
    if (typeof found === 'string') certificates.push(found)
    else listener.resolved = found
  }
  listener.certificates = certificates
}

/** Gateway `spec.tls.frontend`: of the listener's port, else the default. */
function checkClientValidation(context: Context, listener: ListenerState): void {
  const frontend = listener.gateway.object.spec.tls?.frontend
  const port = frontend?.perPort?.find((candidate) => candidate.port === listener.spec.port)
  const validation: FrontendTlsValidation | undefined = (port ? port.tls : frontend?.default)?.validation
  if (validation === undefined) return
  const insecure = validation.mode === 'AllowInsecureFallback'
  const from = referrerOf(listener.gateway.object)
  const { secret, problems } = resolveAuthorities(
    context,
    from,
    validation.caCertificateRefs as Reference[],
    {
      kind: 'InvalidCACertificateKind',
      reference: 'InvalidCACertificateRef',
    },
  )
  const first = problems[0]
  if (first !== undefined) listener.resolved = first
  if (secret === undefined) {
    listener.accepted = problem('NoValidCACertificate', first?.message ?? 'caCertificateRefs is empty')
    return
  }
  const mode: ClientValidation['mode'] = insecure ? 'allow-invalid' : 'require'
  listener.clientValidation = { ca: secret, mode }
}
