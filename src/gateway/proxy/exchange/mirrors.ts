/** Copies of a request whose answers nobody waits for. A copy that a backend takes too slowly is given up. */
import type { CompiledMirror, CompiledTarget } from '../action/compiled-route.ts'
import type { UpstreamReceiver, UpstreamRequest, UpstreamStream } from '../upstream/upstream.ts'
import type { Exchange } from './exchange.ts'

export interface MirroredBody {
  readonly write: (chunk: Buffer) => void
  readonly end: () => void
  /** the client left before its body was whole */
  readonly cancel: () => void
}

/** bytes that a copy may be behind the request */
const mostBehind = 1024 * 1024

/** milliseconds until the answer to a copy must be there */
const timeoutMs = 15_000

export function startMirrors(
  { environment, downstream }: Exchange,
  target: CompiledTarget,
  request: UpstreamRequest,
): MirroredBody | undefined {
  if (target.mirrors.length === 0 || request.upgrade !== undefined) return undefined
  const chosen = target.mirrors.filter(({ fraction }) => fraction >= 1 || environment.random() < fraction)
  const copies = chosen.flatMap((mirror) => startCopy(mirror, request, downstream.isHttp2) ?? [])
  if (copies.length === 0) return undefined
  return {
    write: (chunk) => copies.forEach((copy) => copy.write(chunk)),
    end: () => copies.forEach((copy) => copy.end()),
    cancel: () => copies.forEach((copy) => copy.cancel()),
  }
}

function startCopy(
  { cluster, shadowHost }: CompiledMirror,
  request: UpstreamRequest,
  isHttp2: boolean,
): Copy | undefined {
  if (cluster === undefined || cluster.broken !== undefined || !cluster.usage.mayRequest) return undefined
  const endpoint = cluster.choose()
  if (endpoint === undefined) return undefined
  const authority = shadowHost ? withShadow(request.authority) : request.authority
  const copy = new Copy(request.body === 0)
  endpoint.active++
  endpoint.requests++
  cluster.usage.requests++
  copy.onDone = (status) => {
    endpoint.active--
    cluster.usage.requests--
    cluster.ended(endpoint, status)
  }
  copy.take(cluster.send(endpoint, { ...request, authority, headers: [...request.headers] }, copy, isHttp2))
  return copy
}

/** `example.com:8080` becomes `example.com-shadow:8080`. */
function withShadow(authority: string): string {
  return authority.replace(/(:\d+)?$/, '-shadow$1')
}

class Copy implements UpstreamReceiver {
  onDone: (status: number) => void = () => {}
  #stream: UpstreamStream | undefined
  #timer: NodeJS.Timeout
  #status = 0
  #isDone = false
  #isBlocked = false
  /** bytes that were given to it since it said to wait */
  #behind = 0
  #isSent: boolean

  constructor(isSent: boolean) {
    this.#isSent = isSent
    this.#timer = setTimeout(() => this.#giveUp(), timeoutMs)
  }

  take(stream: UpstreamStream): void {
    if (!this.#isDone) this.#stream = stream
  }

  write(chunk: Buffer): void {
    if (this.#stream === undefined) return
    if (this.#isBlocked) this.#behind += chunk.length
    if (this.#behind > mostBehind) this.#giveUp()
    else if (!this.#stream.write(chunk)) this.#isBlocked = true
  }

  end(): void {
    if (!this.#isSent) this.#stream?.end()
    this.#isSent = true
  }

  cancel(): void {
    if (!this.#isSent) this.#giveUp()
  }

  onInformation(): void {}

  onLull(): void {}

  onHead({ status }: { status: number }): void {
    this.#status = status
  }

  onData(): boolean {
    return true
  }

  onDrain(): void {
    this.#isBlocked = false
    this.#behind = 0
  }

  onEnd(): void {
    this.#finish()
  }

  onFailure(): void {
    this.#finish()
  }

  #giveUp(): void {
    this.#stream?.cancel()
    this.#finish()
  }

  #finish(): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#stream = undefined
    clearTimeout(this.#timer)
    this.onDone(this.#status)
  }
}
