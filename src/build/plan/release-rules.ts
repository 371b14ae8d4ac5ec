/** What a plan says of publishing: names that must stay, hubs that only CI may push to, labels from git, documents. */
import type { AttestOptions } from '../attest/attest-options.ts'
import type { PlanText } from './model.ts'

/** `once`: names are looked up at the start of a run; `strict`: also just before they move. */
export type NoClobber = 'once' | 'strict'

export interface ReleaseRules {
  /** names that lead to another image stay; absent: they move */
  readonly noClobber?: NoClobber | undefined
  /** patterns of registry and path, as docs/releases.md describes them */
  readonly protectedHubs?: readonly PlanText[]
  /** documents about images; absent: none */
  readonly attest?: AttestOptions
  /** where what git knows of the project goes; default nowhere */
  readonly git?: readonly GitPlace[]
}

export type GitPlace = 'labels' | 'annotations'
