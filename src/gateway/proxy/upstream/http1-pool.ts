/** Connections to one HTTP/1 endpoint: the one used last is used first, so that those too many grow old and close. */
import type { DialTarget } from './dial.ts'
import { Http1Connection } from './http1-connection.ts'
import type { Pool, PoolOptions } from './pool.ts'
import type { UpstreamReceiver, UpstreamRequest, UpstreamStream } from './upstream.ts'
import type { Usage } from './usage.ts'
import { WaitingRequest } from './waiting-request.ts'

const sweepMs = 1000

export class Http1Pool implements Pool {
  readonly #target: DialTarget
  readonly #options: PoolOptions
  readonly #usage: Usage
  readonly #idle: Http1Connection[] = []
  readonly #all = new Set<Http1Connection>()
  readonly #waiting = new Set<WaitingRequest>()
  #sweeper: NodeJS.Timeout | undefined
  #isRetired = false

  constructor(target: DialTarget, options: PoolOptions, usage: Usage) {
    this.#target = target
    this.#options = options
    this.#usage = usage
  }

  send(request: UpstreamRequest, receiver: UpstreamReceiver): UpstreamStream {
    const idle = this.#takeIdle()
    if (idle !== undefined) return idle.send(request, receiver)
    // One connection is allowed in any case: a limit is never a reason for an endpoint to get nothing.
    if (this.#usage.mayConnect || this.#all.size === 0) return this.#open().send(request, receiver)
    const waiting = new WaitingRequest(request, receiver, () => this.#leave(waiting))
    if (!this.#usage.mayWait) {
      const message = `the limit of ${this.#usage.limits.maxPendingRequests} waiting requests is reached`
      receiver.onFailure({ kind: 'overflow', message, isReused: false })
      return waiting
    }
    this.#usage.pending++
    this.#waiting.add(waiting)
    return waiting
  }

  retire(): void {
    this.#isRetired = true
    for (const connection of this.#idle.splice(0)) connection.close()
    this.#stopSweeping()
  }

  destroy(): void {
    this.retire()
    for (const connection of this.#all) connection.close()
  }

  #open(): Http1Connection {
    this.#usage.connections++
    const connection = new Http1Connection(this.#target, this.#options, this)
    this.#all.add(connection)
    return connection
  }

  onIdle(connection: Http1Connection): void {
    const next = this.#waiting.values().next().value
    if (next !== undefined) {
      this.#leave(next)
      next.start(connection)
      return
    }
    if (this.#isRetired) {
      connection.close()
      return
    }
    connection.idleUntil = Date.now() + connection.idleTimeoutMs
    this.#idle.push(connection)
    this.#sweeper ??= setInterval(() => this.#sweep(), sweepMs).unref()
  }

  onClose(connection: Http1Connection): void {
    this.#usage.connections--
    this.#all.delete(connection)
    const index = this.#idle.lastIndexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    const next = this.#waiting.values().next().value
    if (next === undefined) return
    this.#leave(next)
    next.start(this.#open())
  }

  #leave(waiting: WaitingRequest): void {
    if (this.#waiting.delete(waiting)) this.#usage.pending--
  }

  #takeIdle(): Http1Connection | undefined {
    const now = Date.now()
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.idleUntil > now) return idle
      idle.close()
    }
    return undefined
  }

  #sweep(): void {
    const now = Date.now()
    for (const connection of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) {
      this.#idle.splice(this.#idle.indexOf(connection), 1)
      connection.close()
    }
    if (this.#idle.length === 0) this.#stopSweeping()
  }

  #stopSweeping(): void {
    clearInterval(this.#sweeper)
    this.#sweeper = undefined
  }
}
