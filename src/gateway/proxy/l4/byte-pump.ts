import type { Socket } from 'node:net'

export interface PumpOptions {
  readonly from: Socket
  readonly to: Socket
  /** called for every chunk that went over */
  readonly onBytes: (count: number) => void
}

/**
 * Carries bytes one way: waits while the other side is slow, and closes its writing half when the bytes end. What
 * becomes of errors is left to the caller.
 */
export function pumpBytes({ from, to, onBytes }: PumpOptions): void {
  from.on('data', (chunk: Buffer) => {
    onBytes(chunk.length)
    if (to.writable && !to.write(chunk)) from.pause()
  })
  to.on('drain', () => from.resume())
  const end = () => {
    if (to.writable) to.end()
  }
  // A side that ended before it was listened to says so no more.
  if (from.readableEnded) end()
  else from.once('end', end)
  from.resume()
}
