/** What a running gateway tells; reporters show it. `--progress=json` prints it: fields are only added. */
import type { Diagnostic } from '../objects/diagnostic.ts'
import type { DataPlaneEvent } from '../proxy/events.ts'

export type GatewayEvent =
  | DataPlaneEvent
  /** a configuration has effect */
  | {
      readonly kind: 'applied'
      /** of the snapshot, SHA-256 */
      readonly version: string
      readonly objects: number
      readonly listeners: number
      readonly routes: number
      readonly errors: number
      readonly warnings: number
      /** from the first look at the files until it had effect */
      readonly durationMs: number
      readonly isFirst: boolean
    }
  /** something is wrong, or worth knowing, that was not before */
  | { readonly kind: 'diagnostic'; readonly diagnostic: Diagnostic }
  /** what was told is no longer so */
  | { readonly kind: 'resolved'; readonly diagnostic: Diagnostic }
  | {
      readonly kind: 'listener'
      readonly listener: string
      readonly bound: boolean
      readonly problem?: string
    }
  /** changes of files are followed from now on */
  | { readonly kind: 'watching' }
  | { readonly kind: 'admin'; readonly address: string }
  | { readonly kind: 'draining'; readonly limitMs: number }
  | { readonly kind: 'warning'; readonly message: string }
