/** One request of a client from its head to the end of its answer: which route, what is done, what is told of it. */
import type { Fault } from '../../model/index.ts'
import type {
  CompiledForward,
  CompiledRedirect,
  CompiledRoute,
  CompiledTarget,
} from '../action/compiled-route.ts'
import type { Downstream, DownstreamObserver } from '../downstream/downstream.ts'
import { clientAddress, tellOfCertificate, tellOfClient } from '../headers/forwarded.ts'
import { readHead, type IncomingHead } from '../headers/incoming.ts'
import { parseHost, type Host } from '../match/host.ts'
import { parseTarget } from '../match/path.ts'
import { isGrpc } from '../match/predicates.ts'
import type { RequestView } from '../match/request-view.ts'
import type { HttpChain, ServingEnvironment } from '../serving.ts'
import type { ResponseHead } from '../upstream/upstream.ts'
import { Forwarding } from './forwarding.ts'
import { writeReply, type LocalReply } from './local-reply.ts'

export class Exchange implements DownstreamObserver {
  readonly downstream: Downstream
  readonly chain: HttpChain
  readonly environment: ServingEnvironment
  readonly head: IncomingHead
  readonly client: string
  view!: RequestView
  /** as the client wrote it, without its port */
  #host: Host = { name: '', port: undefined }
  scheme: string
  requestId: string
  isGrpc: boolean
  /** for the access log */
  flags = '-'
  attempts = 0
  bytesReceived = 0
  #bytesSent = 0
  #status = 0
  cluster: string | undefined
  endpoint: string | undefined
  #route: CompiledRoute | undefined
  /** answered here, with all the headers of CORS it gets */
  #isPreflight = false
  #forwarding: Forwarding | undefined
  #timer: NodeJS.Timeout | undefined
  readonly #start = Date.now()
  readonly #startTick = performance.now()

  constructor(downstream: Downstream, chain: HttpChain, environment: ServingEnvironment) {
    this.downstream = downstream
    this.chain = chain
    this.environment = environment
    const { connection } = downstream
    const { trustedHops = 0, forwardClientCert = 'sanitize' } = chain.manager
    this.head = readHead(downstream.headers, trustedHops > 0)
    this.isGrpc = isGrpc(this.head.contentType)
    this.client = clientAddress(this.head.forwardedFor, connection.peer, trustedHops)
    tellOfCertificate(this.head, forwardClientCert, connection.tls)
    const { requestId, scheme } = tellOfClient(this.head, connection.peer, connection.tls !== undefined)
    this.requestId = requestId
    this.scheme = scheme
  }

  run(): void {
    const { downstream, chain } = this
    if (this.#isMalformed()) return
    const host = chain.routes.hostOf(this.view.host)
    if (host?.requireTls && this.view.scheme === 'http') {
      this.#redirectToTls()
      return
    }
    const route = host?.routeOf(this.view)
    if (route === undefined) {
      this.flags = 'NR'
      this.reply({ status: 404, why: `no route matches ${downstream.method} ${this.view.path} on this host` })
      return
    }
    this.#route = route
    const { fault } = route.route
    if (fault === undefined || !this.#injects(fault)) this.#act(route)
  }

  /** Malformed requests are refused before routes see them. */
  #isMalformed(): boolean {
    const { downstream, head } = this
    const host = downstream.authority === undefined ? undefined : parseHost(downstream.authority)
    const target =
      downstream.target === '*' && downstream.method === 'OPTIONS'
        ? { path: '*', query: undefined }
        : parseTarget(downstream.target)
    const problem =
      head.problem ??
      (head.hosts > 1 && !downstream.isHttp2 ? 'the request has several Host headers' : undefined) ??
      (host === undefined ? 'the request names no host, or one that is none' : undefined) ??
      (target === undefined ? 'the path of the request is none' : undefined)
    if (problem !== undefined || host === undefined || target === undefined) {
      this.flags = 'DPE'
      this.reply({ status: 400, why: problem })
      return true
    }
    const { headers, method } = downstream
    const scheme = schemeOf(downstream)
    this.#host = host
    this.view = { method, scheme, host: host.name, path: target.path, query: target.query, headers }
    return false
  }

  #redirectToTls(): void {
    const { path, query } = this.view
    const location = `https://${this.#host.name}${path}${query === undefined ? '' : `?${query}`}`
    this.reply({ status: 301, headers: ['location', location] })
  }

  /** True when the fault answered, or will go on by itself. */
  #injects({ delay, abort }: Fault): boolean {
    const { random } = this.environment
    const isAborted = abort !== undefined && random() < abort.fraction
    const goOn = () => {
      if (isAborted) {
        this.flags = 'FI'
        this.reply({ status: abort.status, grpcStatus: abort.grpcStatus, why: 'fault filter abort' })
      } else if (this.#route) this.#act(this.#route)
    }
    const isDelayed = delay !== undefined && random() < delay.fraction
    if (isDelayed) {
      this.flags = 'DI'
      this.#timer = setTimeout(goOn, delay.ms)
    } else if (isAborted) goOn()
    return isDelayed || isAborted
  }

  #act(route: CompiledRoute): void {
    const preflight = route.cors?.preflight(this.view.method, this.view.headers)
    if (preflight !== undefined) {
      this.#isPreflight = true
      this.reply({ status: 200, headers: preflight })
      return
    }
    const { action } = route
    switch (action.kind) {
      case 'redirect':
        this.#redirect(action)
        break
      case 'response':
        this.reply({
          status: action.status,
          body: action.body,
          why: action.action.why,
          grpcStatus: action.action.grpcStatus,
        })
        break
      case 'forward':
        this.#forward(route, action)
    }
  }

  #redirect({ status, locationOf }: CompiledRedirect): void {
    const { scheme, path, query } = this.view
    const location = locationOf({ scheme, host: this.#host.name, port: this.#host.port, path, query })
    this.reply({ status, headers: ['location', location] })
  }

  #forward(route: CompiledRoute, action: CompiledForward): void {
    const number = action.choose(this.environment.random)
    const target: CompiledTarget | undefined = action.targets[number]
    if (target === undefined) {
      this.reply({ status: action.action.noTargetStatus ?? 500, why: 'the route has no backend' })
      return
    }
    const { to } = target
    if (to.kind === 'redirect') this.#redirect(to)
    else if (to.kind === 'status') this.reply({ status: to.status, why: to.why })
    else if (to.cluster === undefined) {
      this.flags = 'NC'
      this.cluster = to.name
      this.reply({
        status: action.action.noTargetStatus ?? 500,
        why: 'the backend of the route does not exist',
      })
    } else {
      this.cluster = to.name
      this.#forwarding = new Forwarding(this, { route, action, target, cluster: to.cluster })
      this.#forwarding.start()
    }
  }

  /** Answers by the gateway itself. */
  reply(reply: LocalReply): void {
    const { status, headers, body } = writeReply(reply, this.isGrpc)
    const isHead = this.downstream.method === 'HEAD'
    this.respond({ status, headers, length: body.length, hasBody: body.length > 0 && !isHead })
    if (body.length > 0 && !isHead) this.write(body)
    this.end(undefined)
  }

  /** Sends the head of an answer, edited as the route wants it. */
  respond(head: ResponseHead, edit?: (headers: string[]) => void): void {
    const { headers, status } = head
    const cors = this.#isPreflight ? undefined : this.#route?.cors?.simple(this.downstream.headers)
    if (cors !== undefined) replaceCors(headers, cors)
    edit?.(headers)
    this.#route?.responseHeaders?.apply(headers)
    const { serverName } = this.chain.manager
    if (serverName !== undefined) headers.push('server', serverName)
    this.#status = status
    try {
      this.downstream.respond(head)
    } catch (error) {
      // Node.js refuses a head that would not be HTTP; what came in was checked, so it is of our making.
      this.environment.emit({ kind: 'bug', error })
      this.downstream.abort()
    }
  }

  write(chunk: Buffer): boolean {
    this.#bytesSent += chunk.length
    return this.downstream.write(chunk)
  }

  end(trailers: readonly string[] | undefined): void {
    this.downstream.end(trailers)
  }

  onDownstreamDrain(): void {
    this.#forwarding?.onDownstreamDrain()
  }

  onDownstreamClose(isComplete: boolean): void {
    clearTimeout(this.#timer)
    this.#forwarding?.stop()
    this.downstream.connection.ended()
    if (!isComplete && this.flags === '-') this.flags = 'DC'
    if (this.environment.onAccess === undefined) return
    const { downstream, view, cluster, endpoint } = this
    const { userAgent } = this.head
    this.environment.onAccess({
      start: this.#start,
      durationMs: performance.now() - this.#startTick,
      listener: downstream.connection.listener,
      client: this.client,
      protocol: downstream.protocol,
      method: downstream.method,
      host: view?.host ?? downstream.authority ?? '',
      path: downstream.target,
      status: this.#status,
      flags: this.flags,
      bytesReceived: this.bytesReceived,
      bytesSent: this.#bytesSent,
      ...(this.#route && { route: this.#route.route.name }),
      ...(cluster !== undefined && { cluster }),
      ...(endpoint !== undefined && { endpoint }),
      attempts: this.attempts,
      ...(userAgent !== undefined && { userAgent }),
      requestId: this.requestId,
    })
  }
}

/** The backend's own CORS headers would contradict the gateway's; `Vary` is kept beside it. */
function replaceCors(headers: string[], cors: readonly string[]): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if ((headers[i] as string).toLowerCase().startsWith('access-control-')) headers.splice(i, 2)
  }
  headers.push(...cors)
}

/** Whether the route of a request takes the protocol that it asks to change to. */
export function mayUpgrade(downstream: Downstream): boolean {
  const { upgrade, authority = '', method, headers, connection } = downstream
  const host = parseHost(authority)
  const target = parseTarget(downstream.target)
  if (upgrade === undefined || host === undefined || target === undefined) return false
  const view = { method, scheme: schemeOf(downstream), host: host.name, ...target, headers }
  const action = connection.chain()?.routes.hostOf(host.name)?.routeOf(view)?.action
  return action?.kind === 'forward' && action.upgrades.includes(upgrade)
}

function schemeOf({ connection }: Downstream): 'http' | 'https' {
  return connection.tls === undefined ? 'http' : 'https'
}
