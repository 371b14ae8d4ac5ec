/** The terminators of all chains, kept over reloads that change neither their settings nor their secrets. */
import type { DownstreamTls, Secret } from '../../model/index.ts'
import type { Limits } from '../limits.ts'
import { newTerminator, type Terminator } from './terminator.ts'

export interface TerminatorRound {
  /** @throws Error when a certificate, key or CA cannot be used */
  readonly of: (tls: DownstreamTls) => Terminator
  /** what this round did not ask for is forgotten */
  readonly commit: () => void
}

export class Terminators {
  readonly #limits: Limits
  /** by everything they depend on */
  #kept: ReadonlyMap<string, Terminator> = new Map()

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** For one snapshot. */
  round(secrets: ReadonlyMap<string, Secret>): TerminatorRound {
    const used = new Map<string, Terminator>()
    return {
      of: (tls) => {
        const own = [...tls.certificates, tls.clientValidation?.ca ?? ''].map((name) => secrets.get(name))
        const key = JSON.stringify([tls, own])
        const terminator = used.get(key) ?? this.#kept.get(key) ?? newTerminator(tls, secrets, this.#limits)
        used.set(key, terminator)
        return terminator
      },
      commit: () => {
        this.#kept = used
      },
    }
  }
}
