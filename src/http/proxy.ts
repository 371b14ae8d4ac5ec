/** Which requests go through a proxy: HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go programs and curl read them. */
import { BlockList, isIP } from 'node:net'

export type ProxyEnvironment = Readonly<Record<string, string | undefined>>

/** The address of the proxy for a request, or nothing. Loopback is never proxied. Small names win over large ones. */
export function proxyFor(url: URL, env: ProxyEnvironment): string | undefined {
  const name = `${url.protocol.slice(0, -1)}_proxy`
  const proxy = env[name] || env[name.toUpperCase()]
  if (!proxy || isExcepted(url, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined
  return proxy
}

function isExcepted(url: URL, exceptions: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (host === 'localhost' || host.endsWith('.localhost') || host === '::1' || host.startsWith('127.')) {
    return true
  }
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return exceptions
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => isCovered(host, port, entry.toLowerCase()))
}

/** An entry is `*`, a name and all below it, `.name` for only those below it, an address, or `10.0.0.0/8`; each with a port or without. */
function isCovered(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isInSubnet(host, entry)
  const [, name = entry, wantedPort] = /^(.*[^:]):(\d+)$/.exec(entry) ?? []
  if (wantedPort !== undefined && isIP(entry) === 0 && wantedPort !== port) return false
  const wanted = (isIP(entry) === 0 ? name : entry).replace(/^\[|\]$/g, '').replace(/^\*(?=\.)/, '')
  return wanted.startsWith('.') ? host.endsWith(wanted) : host === wanted || host.endsWith(`.${wanted}`)
}

function isInSubnet(host: string, subnet: string): boolean {
  const [address = '', bits] = subnet.split('/')
  const family = isIP(address)
  if (family === 0 || isIP(host) !== family) return false
  const length = Number(bits)
  if (!Number.isInteger(length) || length < 0 || length > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}
