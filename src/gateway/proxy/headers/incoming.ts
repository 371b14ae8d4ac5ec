/**
 * Reads the headers of a request once: what goes on to a backend, what is ours to write anew, what is not allowed.
 * Headers by which proxies tell of clients are believed only when as many proxies stand in front of us as write them.
 */
import type { HeaderList } from './header-list.ts'
import { isHopByHop, namedByConnection, without } from './hop-by-hop.ts'
import { lowerName } from './header-names.ts'

export interface IncomingHead {
  /** end-to-end headers but Host, Content-Length and those that `forwardedHeaders` writes */
  headers: string[]
  /** why the request is refused with 400 */
  problem: string | undefined
  hosts: number
  wantsTrailers: boolean
  contentType: string | undefined
  userAgent: string | undefined
  /** values that a trusted proxy gave */
  forwardedFor: string | undefined
  forwardedProto: string | undefined
  requestId: string | undefined
  clientCertificate: string | undefined
}

const handlers = new Map<string, (head: IncomingHead, value: string, name: string) => void>([
  ['host', (head) => void head.hosts++],
  ['content-length', () => {}],
  // Answered by the gateway, when the request goes on.
  ['expect', () => {}],
  ['te', (head, value) => void (head.wantsTrailers ||= /(?:^|,)\s*trailers\s*(?:,|;|$)/i.test(value))],
  ['content-type', (head, value, name) => passAs(head, 'contentType', name, value)],
  ['user-agent', (head, value, name) => passAs(head, 'userAgent', name, value)],
])

const trusted = new Map<string, (head: IncomingHead, value: string) => void>([
  ['x-forwarded-for', (head, value) => void (head.forwardedFor = join(head.forwardedFor, value))],
  ['x-forwarded-proto', (head, value) => void (head.forwardedProto ??= value)],
  ['x-request-id', (head, value) => void (head.requestId ??= value)],
])

const ofProxies = new Set(['forwarded', 'x-real-ip', 'x-request-id', 'x-client-ip', 'true-client-ip'])

export function readHead(headers: HeaderList, isTrusted: boolean): IncomingHead {
  const head: IncomingHead = {
    headers: [],
    problem: undefined,
    hosts: 0,
    wantsTrailers: false,
    contentType: undefined,
    userAgent: undefined,
    forwardedFor: undefined,
    forwardedProto: undefined,
    requestId: undefined,
    clientCertificate: undefined,
  }
  let named: ReadonlySet<string> | undefined
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    const value = headers[i + 1] as string
    const lower = lowerName(name)
    const handler = handlers.get(lower)
    if (handler !== undefined) handler(head, value, name)
    else if (lower === '') head.problem = 'the name of a header is none'
    else if (lower === 'connection') {
      const more = namedByConnection(value)
      if (more) named = named ? named.union(more) : more
    } else if (!isHopByHop(lower)) takeEndToEnd(head, lower, { name, value, isTrusted })
  }
  if (named !== undefined) head.headers = without(head.headers, named)
  return head
}

interface Field {
  readonly name: string
  readonly value: string
  readonly isTrusted: boolean
}

function takeEndToEnd(head: IncomingHead, lower: string, { name, value, isTrusted }: Field): void {
  if (lower.charCodeAt(0) !== 120 && !ofProxies.has(lower)) {
    head.headers.push(name, value)
    return
  }
  if (lower === 'x-forwarded-client-cert') {
    head.clientCertificate = join(head.clientCertificate, value)
    return
  }
  const told = trusted.get(lower)
  const isOfProxies =
    ofProxies.has(lower) ||
    lower.startsWith('x-forwarded-') ||
    lower.startsWith('x-envoy-') ||
    told !== undefined
  if (!isOfProxies || (isTrusted && told === undefined)) head.headers.push(name, value)
  else if (isTrusted) told?.(head, value)
}

function passAs(head: IncomingHead, field: 'contentType' | 'userAgent', name: string, value: string): void {
  head[field] ??= value
  head.headers.push(name, value)
}

function join(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`
}
