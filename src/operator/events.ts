/** What an installation tells while it is done; shown by reporters of the command line, and a public contract. */
import type { ObjectId } from '../kube/index.ts'
import type { StepAction } from './plan/plan.ts'

export type OperatorEvent =
  | { readonly kind: 'warning'; readonly message: string }
  /** a request is repeated */
  | { readonly kind: 'retrying'; readonly doing: string; readonly reason: string; readonly delayMs: number }
  | { readonly kind: 'applied'; readonly object: ObjectId; readonly action: StepAction }
  /** its state has changed and is not good yet */
  | { readonly kind: 'waiting'; readonly object: ObjectId; readonly message: string }
  | { readonly kind: 'ready'; readonly object: ObjectId }
  | { readonly kind: 'pruned'; readonly object: ObjectId }
  | { readonly kind: 'kept'; readonly object: ObjectId; readonly because: string }
  | { readonly kind: 'released'; readonly object: ObjectId; readonly to: string }

export type Emit = (event: OperatorEvent) => void
