/**
 * Moves a body into a request, asking for one chunk while the one before is on its way. Stops as soon as the request
 * has ended: by an answer that came early, by an error, by an abort - also while the source is still thinking.
 */
import type { ClientRequest } from 'node:http'
import { Failure } from '../base/index.ts'
import type { Deadline } from './deadline.ts'
import type { ExchangeLimits, ExchangeState, Hop, HttpBody } from './exchange.ts'

export interface PumpContext {
  readonly request: Hop
  readonly deadline: Deadline
  readonly limits: ExchangeLimits
  readonly state: ExchangeState
}

/** Never rejects: an error of the source destroys the request with it. */
export async function pump(outgoing: ClientRequest, body: HttpBody, context: PumpContext): Promise<void> {
  const { request, deadline, limits, state } = context
  const ended = watchEnd(outgoing)
  let iterator: AsyncIterator<Uint8Array> | undefined
  try {
    // A wait for a free socket is no pause of the peer, and no reason to hold the source open.
    if (!outgoing.socket && !(await ended.unless(socketOf(outgoing)))) return
    iterator = body.open({ signal: request.signal })[Symbol.asyncIterator]()
    let sent = 0
    let last: Flush | undefined
    // Openers may use two buffers in turn: a chunk has left us before the second one after it is asked for.
    const flush = async () => {
      if (!last) return true
      if (!last.isDone()) deadline.set(limits.idleTimeoutMs, 'no byte taken')
      const size = await ended.unless(last.promise)
      if (size === undefined) return false
      deadline.clear()
      request.onBytes?.(size)
      last = undefined
      return true
    }
    for (;;) {
      const next = await ended.unless(iterator.next())
      if (next === undefined || !(await flush())) return
      if (next.done) break
      const chunk = next.value
      if (sent + chunk.length > body.size) throw wrongSize(`more than ${body.size}`, body.size)
      if (chunk.length === 0) continue
      sent += chunk.length
      state.chunksSent++
      last = write(outgoing, chunk)
    }
    if (sent < body.size) throw wrongSize(String(sent), body.size)
    iterator = undefined
    outgoing.end()
  } catch (error) {
    state.sourceError = error
    outgoing.destroy(error instanceof Error ? error : new Error(String(error)))
  } finally {
    // Not awaited: a source that hangs in next() would answer return() only after it.
    iterator?.return?.().catch(() => {})
  }
}

async function socketOf(outgoing: ClientRequest): Promise<true> {
  return new Promise((resolve) => outgoing.once('socket', () => resolve(true)))
}

interface Flush {
  readonly isDone: () => boolean
  /** resolves with the chunk's size once its memory is no longer needed */
  readonly promise: Promise<number>
}

function write(outgoing: ClientRequest, chunk: Uint8Array): Flush {
  let isDone = false
  const promise = new Promise<number>((resolve) => {
    // An error ends the request as well, which is where it is seen.
    outgoing.write(chunk, (error) => {
      if (error) return
      isDone = true
      resolve(chunk.length)
    })
  })
  return { isDone: () => isDone, promise }
}

function wrongSize(found: string, size: number): Failure {
  return new Failure('CONTENT_MISMATCH', `the body to send has ${found} bytes where ${size} were announced`)
}

/** Waits that give up when the request has ended; one listener in all, however many waits there are. */
function watchEnd(outgoing: ClientRequest): { unless: <T>(wait: Promise<T>) => Promise<T | undefined> } {
  let hasEnded = false
  let giveUp: (() => void) | undefined
  const end = () => {
    hasEnded = true
    giveUp?.()
  }
  outgoing.once('response', end)
  outgoing.once('error', end)
  outgoing.once('close', end)
  return {
    async unless<T>(wait: Promise<T>): Promise<T | undefined> {
      wait.catch(() => {})
      if (hasEnded) return undefined
      try {
        return await new Promise<T | undefined>((resolve, reject) => {
          giveUp = () => resolve(undefined)
          wait.then(resolve, reject)
        })
      } finally {
        giveUp = undefined
      }
    },
  }
}
