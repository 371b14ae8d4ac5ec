import { isIP } from 'node:net'

/** An address, with the name told to the backend when it is one. */
export function location(address: string): { address: string; hostname?: string } {
  const isName = isIP(address) === 0 && !address.startsWith('unix:')
  return { address, ...(isName ? { hostname: address } : {}) }
}
