import type { Place } from '../../base/index.ts'

/** Something people should know about their configuration. Nothing is dropped without one. */
export interface Diagnostic {
  /** `error`: the object, or the part that is named, has no effect (or its last good version has). */
  readonly severity: 'error' | 'warning' | 'info'
  /** stable, for machines and SARIF: `unknown-field`, `backend-not-found` */
  readonly rule: string
  /** one lower-case sentence: what, why */
  readonly message: string
  readonly at: Place
  /** what to do */
  readonly hint?: string
  /** `HTTPRoute default/web` */
  readonly object?: string
}
