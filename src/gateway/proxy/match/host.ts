/** The authority of a request (RFC 9110 section 7.2): `example.com`, `example.com:8080`, `[::1]:8080`. */

export interface Host {
  /** lower case, without port and without the dot of the root */
  readonly name: string
  readonly port: number | undefined
}

/** A name, an IPv4 address or an address in brackets; no user-info, no space, no path. */
const form = /^(\[[0-9a-f:.]+\]|[a-z0-9_.~!$&'()*+,;=%-]+)(?::([0-9]{1,5})?)?$/

/** Most requests of a connection, and of all connections, name the same few hosts. */
const parsed = new Map<string, Host | undefined>()
const remembered = 1000

/** Nothing when it is no authority. */
export function parseHost(authority: string): Host | undefined {
  const known = parsed.get(authority)
  if (known !== undefined) return known
  const match = form.exec(authority.toLowerCase())
  const port = match?.[2] === undefined ? undefined : Number(match[2])
  if (match === null || authority.length > 300 || (port !== undefined && port > 65_535)) return undefined
  const name = match[1] as string
  const host = { name: name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name, port }
  if (parsed.size === remembered) parsed.clear()
  parsed.set(authority, host)
  return host
}
