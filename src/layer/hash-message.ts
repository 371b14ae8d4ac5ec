/** What the hashing pool and its worker threads say to each other. One recipe at a time per worker. */
import { Failure, type FailureCode } from '../base/index.ts'
import type { LayerDigest } from './hash-recipe.ts'
import type { Recipe } from './recipe.ts'

export type HashRequest = { readonly kind: 'hash'; readonly recipe: Recipe } | { readonly kind: 'abort' }

export type HashReply =
  | { readonly kind: 'ready' }
  /** work done since the last reply */
  | { readonly kind: 'progress'; readonly bytesRead: number; readonly bytesHashed: number }
  | { readonly kind: 'done'; readonly digest: LayerDigest }
  | { readonly kind: 'failed'; readonly error: PackedError }

/** An error as it can cross the border: structured clone keeps neither the class of a `Failure` nor its code. */
export interface PackedError {
  readonly message: string
  readonly code?: FailureCode
  readonly hint?: string | undefined
  readonly stack?: string | undefined
}

export function packError(error: unknown): PackedError {
  if (error instanceof Failure) return { message: error.message, code: error.code, hint: error.hint }
  return error instanceof Error ? { message: error.message, stack: error.stack } : { message: String(error) }
}

export function unpackError(packed: PackedError): Error {
  if (packed.code) return new Failure(packed.code, packed.message, { hint: packed.hint })
  const error = new Error(packed.message)
  if (packed.stack !== undefined) error.stack = packed.stack
  return error
}
