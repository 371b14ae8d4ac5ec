/**
 * The way to one registry: which of its possible addresses answers, with which certificates, past which proxy, and
 * which addresses it may send us on to.
 */
import { systemCode } from '../base/index.ts'
import {
  openHttpClient,
  type HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  type HttpResponse,
  type Reach,
} from '../http/index.ts'
import { registryOrigins } from './host.ts'
import { plainSettings, type HostSettingsSource } from './host-settings.ts'

export interface ChannelOptions {
  readonly sockets: number
  readonly timeouts?:
    | Pick<HttpClientOptions, 'connectTimeoutMs' | 'answerTimeoutMs' | 'idleTimeoutMs'>
    | undefined
  readonly reachOf?: HttpClientOptions['reachOf']
  /** default: TLS as Node.js does it, no proxy */
  readonly settings?: HostSettingsSource | undefined
}

/** A request to the registry, with its path from the root or a full address that the registry gave. */
export type ChannelRequest = Omit<HttpRequest, 'url'> & {
  readonly path: string
  /** the value of Authorization, for the registry only */
  readonly authorization: string | undefined
}

export interface Channel {
  readonly send: (request: ChannelRequest) => Promise<HttpResponse>
  /** for token servers: the same certificates, proxies and limits */
  readonly client: HttpClient
  /** whether the address is the registry's own, and not one that it has sent us to */
  readonly isOwn: (url: URL) => boolean
  /** whether the registry is spoken to without TLS */
  readonly isPlain: () => boolean
}

interface Route {
  readonly client: HttpClient
  readonly origins: readonly [URL, ...URL[]]
}

export function openChannel(host: string, options: ChannelOptions): Channel {
  const { sockets, settings, timeouts, reachOf } = options
  let isClosed = false
  let opening: Promise<Route> | undefined
  /** the address that has answered */
  let origin: URL | undefined
  /** how near the registry is, from its first answer on */
  let reach: Reach | undefined

  async function openRoute(): Promise<Route> {
    const { isInsecure, tls, proxyEnv, trustedHosts } = (await settings?.(host)) ?? plainSettings
    const origins = registryOrigins(host, { isInsecure, hasCertificates: tls !== undefined })
    const home = origins[0].hostname
    const client = openHttpClient({
      ...timeouts,
      sockets,
      proxyEnv,
      tls: { ...tls, unverified: isInsecure ? home : undefined },
      guardsReach: true,
      reachOf,
      trustedHosts,
    })
    if (isClosed) client.close()
    return { client, origins }
  }
  const route = () => (opening ??= openRoute())

  async function sendTo(client: HttpClient, at: URL, request: ChannelRequest): Promise<HttpResponse> {
    const { path, authorization, headers, ...rest } = request
    const url = new URL(path, at)
    const isOwn = url.origin === at.origin
    const response = await client.send({
      ...rest,
      url,
      // A location on another host gets no credentials of this one.
      headers: { ...headers, ...(isOwn && authorization !== undefined && { authorization }) },
      ...(!isOwn && { notNearerThan: reach }),
    })
    if (response.url.origin === at.origin) reach = response.reach
    return response
  }

  /** Tries the addresses until one speaks the protocol it should. */
  async function sendFirst({ client, origins }: Route, request: ChannelRequest): Promise<HttpResponse> {
    const [first, second] = origins
    const attempt = async (at: URL) => sendTo(client, at, request).catch((error: unknown) => error as Error)
    const settle = (at: URL, answer: HttpResponse | Error) => {
      if (answer instanceof Error) throw answer
      origin = at
      return answer
    }
    const answer = await attempt(first)
    if (!second || !speaksOther(first, answer)) return settle(first, answer)
    if (!(answer instanceof Error)) answer.discard()
    const other = await attempt(second)
    // Who argues about certificates does speak TLS; any other error says that the first was right.
    if (!(other instanceof Error) || isOfTls(other)) return settle(second, other)
    return settle(first, answer instanceof Error ? answer : await attempt(first))
  }

  return {
    async send(request) {
      const opened = await route()
      return origin ? sendTo(opened.client, origin, request) : sendFirst(opened, request)
    },
    client: {
      send: async (request) => (await route()).client.send({ ...request, notNearerThan: reach }),
      close() {
        isClosed = true
        opening?.then(
          ({ client }) => client.close(),
          // Whoever sent the request has met the error.
          () => undefined,
        )
      },
    },
    isOwn: (url) => url.origin === origin?.origin,
    isPlain: () => origin?.protocol === 'http:',
  }
}

/** Whether it looks as if TLS was spoken to a server without, or the other way round. */
function speaksOther(origin: URL, answer: HttpResponse | Error): boolean {
  if (!(answer instanceof Error)) {
    // Servers with TLS answer plain HTTP in plain HTTP: Go's with a bare 400, nginx with a page.
    const { 'content-type': type = '', date } = answer.headers
    const isBare = type === '' && date === undefined
    return origin.protocol === 'http:' && answer.status === 400 && (isBare || type.startsWith('text/html'))
  }
  const code = systemCode(answer) ?? ''
  if (origin.protocol === 'http:') return code.startsWith('HPE_')
  if (isOfTls(answer)) return false
  // Without a port in the name the two are on different ports.
  const isElsewhere = origin.port === '' && code === 'ECONNREFUSED'
  return code === 'EPROTO' || code === 'ECONNRESET' || code.startsWith('ERR_SSL') || isElsewhere
}

/** Errors that only a server with TLS leads to: of certificates, and what it told us in an alert. */
function isOfTls(error: unknown): boolean {
  return /CERT|SIGNATURE|ALTNAME|ALERT/.test(systemCode(error) ?? '')
}
