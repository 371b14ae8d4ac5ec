/**
 * Content that was believed to be in a repository and is not: a registry's garbage collection took it while the run went
 * on, or a mount or a lookup promised what was not there. The refusal of a manifest tells.
 */
import { RegistryFailure } from '../../registry/index.ts'

const missing = new Set(['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'])

/** Whether a manifest was refused because something it names is not there. */
export function isContentMissing(error: unknown): boolean {
  return error instanceof RegistryFailure && error.errors.some(({ code }) => missing.has(code))
}
