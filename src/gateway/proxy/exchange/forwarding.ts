/** A request on its way to a cluster: tries of it, one at a time, until an answer goes on to the client. */
import type { CompiledForward, CompiledRoute, CompiledTarget } from '../action/compiled-route.ts'
import type { LiveCluster } from '../cluster/cluster.ts'
import type { LiveEndpoint } from '../cluster/endpoint.ts'
import type { BodyReader } from '../downstream/downstream.ts'
import type {
  ResponseHead,
  UpstreamFailure,
  UpstreamReceiver,
  UpstreamRequest,
  UpstreamStream,
} from '../upstream/upstream.ts'
import type { Exchange } from './exchange.ts'
import { startMirrors, type MirroredBody } from './mirrors.ts'
import { outgoingRequest } from './outgoing.ts'
import { ReplayBuffer } from './replay-buffer.ts'
import { backoff, retriesAnswer, retriesFailure, retriesTimeout } from './retry-policy.ts'
import { openSession, type Session } from './session.ts'

export interface ForwardingPlan {
  readonly route: CompiledRoute
  readonly action: CompiledForward
  readonly target: CompiledTarget
  readonly cluster: LiveCluster
}

/** Methods that may be sent twice (RFC 9110 section 9.2.2). */
const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])

export class Forwarding implements UpstreamReceiver, BodyReader {
  readonly #exchange: Exchange
  readonly #plan: ForwardingPlan
  readonly #session: Session
  readonly #tried = new Set<LiveEndpoint>()
  readonly #replay: ReplayBuffer
  #request: UpstreamRequest | undefined
  #mirrors: MirroredBody | undefined
  #endpoint: LiveEndpoint | undefined
  #stream: UpstreamStream | undefined
  #tryTimer: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #backoffTimer: NodeJS.Timeout | undefined
  /** the head of an answer is on its way to the client: nothing can be taken back */
  #isAnswered = false
  #isDone = false
  #isReading = false
  #retries = 0
  #staleRetries = 0

  constructor(exchange: Exchange, plan: ForwardingPlan) {
    this.#exchange = exchange
    this.#plan = plan
    this.#session = openSession(exchange, plan)
    const mayReplay = plan.action.action.retry !== undefined
    this.#replay = new ReplayBuffer(mayReplay ? exchange.environment.limits.replayBytes : 0)
  }

  start(): void {
    const { cluster, action } = this.#plan
    const timeoutMs = action.action.timeoutMs ?? 0
    if (timeoutMs > 0) this.#timer = setTimeout(() => this.#late('the request took too long'), timeoutMs)
    if (cluster.config.discovery === 'dynamic-dns') {
      void cluster.resolveHost(this.#exchange.view.host).then(() => this.#isDone || this.#begin())
    } else this.#begin()
  }

  #begin(): void {
    const { downstream } = this.#exchange
    this.#try()
    if (this.#isDone || (downstream.body === 0 && downstream.upgrade === undefined)) return
    this.#isReading = true
    downstream.read(this)
  }

  /** One try: an endpoint, its request, its limits. */
  #try(): void {
    const { cluster, action } = this.#plan
    const { usage } = cluster
    if (cluster.broken !== undefined) return this.#fail(503, 'UF', cluster.broken)
    if (!usage.mayRequest) return this.#fail(503, 'UO', 'the backend has as many requests as it may')
    const avoid = action.action.retry?.avoidPrevious || this.#staleRetries > 0 ? this.#tried : undefined
    const { hash } = this.#session
    const wish = { hash, avoid, host: this.#exchange.view.host }
    const endpoint = this.#session.endpointOf(cluster) ?? cluster.choose(wish)
    if (endpoint === undefined) return this.#fail(503, 'UH', 'no endpoint of the backend is ready')
    const request = this.#requestTo(endpoint)
    this.#tried.add(endpoint)
    this.#endpoint = endpoint
    this.#exchange.endpoint = endpoint.key
    this.#exchange.attempts++
    endpoint.active++
    endpoint.requests++
    usage.requests++
    const tryMs = action.action.retry?.perTryTimeoutMs ?? 0
    if (tryMs > 0) this.#tryTimer = setTimeout(() => this.#tryLate(), tryMs)
    const stream = cluster.send(endpoint, request, this, this.#exchange.downstream.isHttp2)
    if (this.#endpoint === endpoint) this.#stream = stream
  }

  /** The request is the same in every try, but for the host that an endpoint brings. */
  #requestTo(endpoint: LiveEndpoint): UpstreamRequest {
    const { target } = this.#plan
    if (this.#request === undefined) {
      this.#request = outgoingRequest(this.#exchange, this.#plan)
      this.#mirrors = startMirrors(this.#exchange, this.#plan.target, this.#request)
    }
    const host = target.rewrite?.autoHost ? endpoint.config.hostname : undefined
    return host === undefined ? this.#request : { ...this.#request, authority: host }
  }

  // What the client sends

  onChunk(chunk: Buffer): boolean {
    this.#exchange.bytesReceived += chunk.length
    this.#mirrors?.write(chunk)
    this.#replay.add(chunk)
    return this.#stream?.write(chunk) ?? true
  }

  onBodyEnd(trailers: readonly string[] | undefined): void {
    this.#mirrors?.end()
    this.#replay.end(trailers)
    this.#stream?.end(trailers)
  }

  onDrain(): void {
    if (this.#isReading) this.#exchange.downstream.resume()
  }

  onDownstreamDrain(): void {
    this.#stream?.resume()
  }

  // What the backend sends

  onInformation(status: number, headers: string[]): void {
    if (status !== 100) this.#exchange.downstream.inform(status, headers)
  }

  onHead(head: ResponseHead): void {
    const { retry } = this.#plan.action.action
    if (retry && retriesAnswer(retry, head.status, head.headers) && this.#mayRetry(retry.attempts)) {
      const stream = this.#stream
      const endpoint = this.#release()
      if (endpoint) this.#plan.cluster.ended(endpoint, head.status)
      stream?.cancel()
      this.#again()
      return
    }
    this.#isAnswered = true
    if (this.#endpoint) this.#plan.cluster.ended(this.#endpoint, head.status)
    const { target } = this.#plan
    this.#exchange.respond(head, (headers) => {
      target.responseHeaders?.apply(headers)
      this.#session.mark(headers, this.#endpoint)
    })
  }

  onData(chunk: Buffer): boolean {
    return this.#exchange.write(chunk)
  }

  onLull(): void {
    this.#exchange.downstream.flush()
  }

  onEnd(trailers: readonly string[] | undefined): void {
    this.#release()
    this.#finish()
    this.#exchange.end(trailers)
  }

  onFailure(failure: UpstreamFailure): void {
    const endpoint = this.#release()
    if (endpoint && failure.kind !== 'overflow') this.#plan.cluster.ended(endpoint, 0)
    if (this.#isAnswered) {
      this.#exchange.flags = failure.kind === 'garbage' ? 'UPE' : 'UC'
      this.#finish()
      this.#exchange.downstream.abort()
      return
    }
    const { retry } = this.#plan.action.action
    if (retry && retriesFailure(retry, failure)) {
      if (this.#mayRetry(retry.attempts)) this.#again()
      else this.#failFrom(failure)
    } else if (this.#isStale(failure)) {
      this.#staleRetries++
      this.#try()
      this.#resend()
    } else this.#failFrom(failure)
  }

  /** The client is gone, or has its answer. */
  stop(): void {
    this.#mirrors?.cancel()
    if (this.#isDone) return
    const stream = this.#stream
    this.#release()
    this.#finish()
    stream?.cancel()
  }

  /**
   * A kept connection that broke before any byte of the answer was most likely closed by the backend as the request set
   * out: worth one more try when the request changes nothing by coming twice, and nothing of its body is gone. Where the
   * route retries resets, it is one of those tries. One that the backend says it did not take may go again whatever it is.
   */
  #isStale({ kind, isReused }: UpstreamFailure): boolean {
    const { method, body } = this.#exchange.downstream
    const isHarmless = kind === 'refused' || (kind === 'reset' && isReused && idempotent.has(method))
    return isHarmless && this.#staleRetries < 1 && (body === 0 || this.#replay.isWhole)
  }

  #mayRetry(attempts: number): boolean {
    const { downstream } = this.#exchange
    if (this.#retries >= attempts) this.#exchange.flags = 'URX'
    return (
      this.#retries < attempts &&
      this.#plan.cluster.usage.mayRetry &&
      downstream.upgrade === undefined &&
      (downstream.body === 0 || this.#replay.isWhole)
    )
  }

  #again(): void {
    const { retry } = this.#plan.action.action
    const { random } = this.#exchange.environment
    const { usage } = this.#plan.cluster
    this.#stream = undefined
    usage.retries++
    const waitMs = retry ? backoff(retry, this.#retries, random) : 0
    this.#retries++
    this.#backoffTimer = setTimeout(() => {
      usage.retries--
      this.#backoffTimer = undefined
      this.#try()
      this.#resend()
    }, waitMs)
  }

  /** What came of the body before this try. */
  #resend(): void {
    const stream = this.#stream
    if (stream === undefined) return
    for (const chunk of this.#replay.chunks) stream.write(chunk)
    if (this.#replay.isEnded) stream.end(this.#replay.trailers)
    else this.onDrain()
  }

  #tryLate(): void {
    const { retry } = this.#plan.action.action
    const stream = this.#stream
    const endpoint = this.#release()
    stream?.cancel()
    if (endpoint && !this.#isAnswered) this.#plan.cluster.ended(endpoint, 504)
    if (!this.#isAnswered && retry && retriesTimeout(retry) && this.#mayRetry(retry.attempts)) this.#again()
    else this.#late('the backend took too long')
  }

  #late(why: string): void {
    const stream = this.#stream
    const endpoint = this.#release()
    stream?.cancel()
    if (endpoint && !this.#isAnswered) this.#plan.cluster.ended(endpoint, 504)
    if (this.#isAnswered) {
      this.#exchange.flags = 'UT'
      this.#finish()
      this.#exchange.downstream.abort()
    } else this.#fail(504, 'UT', why)
  }

  #failFrom({ kind, message }: UpstreamFailure): void {
    const flags = { connect: 'UF', reset: 'UC', garbage: 'UPE', overflow: 'UO', refused: 'UR' }[kind]
    this.#fail(kind === 'garbage' ? 502 : 503, flags, message)
  }

  #fail(status: number, flags: string, why: string): void {
    this.#finish()
    this.#exchange.flags = this.#exchange.flags === 'URX' ? `${flags},URX` : flags
    this.#exchange.reply({ status, why })
  }

  /** The try is over: what it counted is given back. */
  #release(): LiveEndpoint | undefined {
    const endpoint = this.#endpoint
    clearTimeout(this.#tryTimer)
    this.#endpoint = undefined
    this.#stream = undefined
    if (endpoint === undefined) return undefined
    endpoint.active--
    this.#plan.cluster.usage.requests--
    return endpoint
  }

  #finish(): void {
    this.#isDone = true
    clearTimeout(this.#timer)
    if (this.#backoffTimer === undefined) return
    clearTimeout(this.#backoffTimer)
    this.#plan.cluster.usage.retries--
    this.#backoffTimer = undefined
  }
}
