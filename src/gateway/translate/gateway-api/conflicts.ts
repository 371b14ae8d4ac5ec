/** Which listeners cannot be told apart (GatewaySpec.Listeners, "Distinct Listeners"). */
import { problem, type Problem } from './conditions.ts'
import type { ListenerState } from './listener-state.ts'

const tlsProtocols = ['HTTPS', 'TLS']

/**
 * Why two listeners at one address cannot both be had. HTTP beside HTTPS or TLS on one port is no conflict: the first
 * bytes of a connection tell them apart.
 */
export function conflictOf(a: ListenerState, b: ListenerState): Problem | undefined {
  if (a.spec.port !== b.spec.port || a.transport !== b.transport) return undefined
  const [first, second] = [a.spec.protocol, b.spec.protocol]
  const at = `port ${a.spec.port}`
  if (first === 'UDP' || first === 'TCP' || second === 'TCP') {
    const other = first === second ? `another ${first} listener` : `a ${second} listener`
    return problem('ProtocolConflict', `${at}: ${first} is not to be told from ${other}, ${b.label}`)
  }
  const isTls = tlsProtocols.includes(first)
  if (isTls !== tlsProtocols.includes(second) || a.hostname !== b.hostname) return undefined
  const name = a.hostname === '*' ? 'without a hostname' : `with the hostname ${a.hostname}`
  return problem(
    first === second ? 'HostnameConflict' : 'ProtocolConflict',
    `${at}: two listeners ${name}, also ${b.label}`,
  )
}

/**
 * Inside a Gateway nobody wins; over ListenerSets who comes first does. `own`: listeners of the Gateway; `added`: those
 * of ListenerSets in the order of their precedence.
 */
export function findConflicts(own: readonly ListenerState[], added: readonly ListenerState[]): void {
  const known = own.filter(isKnown)
  for (const listener of known) {
    for (const other of known) {
      const conflict = other === listener ? undefined : conflictOf(listener, other)
      if (conflict) listener.conflict ??= conflict
    }
  }
  const winners = [...known]
  for (const listener of added.filter(isKnown)) {
    const conflict = winners.map((winner) => conflictOf(listener, winner)).find((found) => found)
    if (conflict) listener.conflict = conflict
    else winners.push(listener)
  }
}

/** A protocol nobody knows takes no port. */
function isKnown(listener: ListenerState): boolean {
  return listener.accepted.ok || listener.accepted.reason !== 'UnsupportedProtocol'
}
