import type { Limits } from '../limits.ts'
import type { Engines } from './engines.ts'
import { http1Engine, type StartExchange } from './http1.ts'

/** Engines that begin an exchange for every request. */
export function newEngines(limits: Limits, start: StartExchange): Engines {
  return {
    http1: http1Engine(limits, start, () => true),
    http2: { serve: (socket) => socket.destroy(), close: () => {} },
  }
}
