import { isIP } from 'node:net'
import { problem } from './conditions.ts'
import { conflictOf } from './conflicts.ts'
import type { Context } from './context.ts'
import { listenersOf, type GatewayState, type ListenerState } from './listener-state.ts'

/**
 * Gives each Gateway its addresses: those it asks for; else the common one; else, when an older Gateway has one of its
 * ports there, the next of the pool. Without any, it shares the common one as far as listeners can be told apart, and
 * the rest is `PortUnavailable`.
 */
export function assignAddresses(context: Context, gateways: readonly GatewayState[]): void {
  const taken = new Map<string, ListenerState[]>()
  const asked = gateways.filter(({ object }) => wantedAddresses(object).length > 0)
  const unasked = gateways.filter((gateway) => !asked.includes(gateway))
  for (const gateway of [...asked, ...unasked]) {
    if (!checkAddresses(gateway)) continue
    const free = () => freeAddress(context, gateway, taken)
    const values = wantedAddresses(gateway.object).map((value) => (value === '' ? free() : value))
    gateway.addresses = [...new Set(values.length > 0 ? values : [free()])]
    for (const address of gateway.addresses) take(gateway, address, taken)
  }
}

function wantedAddresses(object: GatewayState['object']): string[] {
  return (object.spec.addresses ?? []).map(({ value }) => value ?? '')
}

function checkAddresses(gateway: GatewayState): boolean {
  for (const { type = 'IPAddress', value = '' } of gateway.object.spec.addresses ?? []) {
    if (type !== 'IPAddress') {
      gateway.accepted = problem(
        'UnsupportedAddress',
        `an address is of type IPAddress, not ${type} (${value})`,
      )
      return false
    }
    if (value !== '' && isIP(value) === 0) {
      gateway.programmed = problem('AddressNotUsable', `${value} is no IP address`)
      return false
    }
  }
  return true
}

/** The first address at which no other Gateway has one of these ports, else the common one. */
function freeAddress(
  { options }: Context,
  gateway: GatewayState,
  taken: ReadonlyMap<string, ListenerState[]>,
): string {
  const own = listenersOf(gateway)
  const isFree = (address: string) =>
    !(taken.get(address) ?? []).some((other) =>
      own.some(({ spec, transport }) => spec.port === other.spec.port && transport === other.transport),
    )
  return [options.address, ...options.addressPool].find(isFree) ?? options.address
}

function take(gateway: GatewayState, address: string, taken: Map<string, ListenerState[]>): void {
  const others = taken.get(address) ?? []
  for (const listener of listenersOf(gateway)) {
    const other = others.find((candidate) => conflictOf(listener, candidate))
    if (other && listener.accepted.ok) {
      listener.accepted = problem(
        'PortUnavailable',
        `port ${listener.spec.port} of ${address} is taken by ${other.label}, which is older; give the Gateway an address of its own in spec.addresses`,
      )
    }
  }
  taken.set(address, [...others, ...listenersOf(gateway).filter(({ accepted }) => accepted.ok)])
}
