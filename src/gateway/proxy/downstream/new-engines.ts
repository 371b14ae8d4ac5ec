import type { Limits } from '../limits.ts'
import type { Downstream } from './downstream.ts'
import type { Engines } from './engines.ts'
import { http1Engine, type StartExchange } from './http1.ts'
import { http2Engine } from './http2.ts'

/** Engines that begin an exchange for every request; `mayUpgrade` says whether its route takes the protocol it asks for. */
export function newEngines(
  limits: Limits,
  start: StartExchange,
  mayUpgrade: (downstream: Downstream) => boolean,
): Engines {
  return {
    http1: http1Engine(limits, start, mayUpgrade),
    http2: http2Engine(limits, start),
  }
}
