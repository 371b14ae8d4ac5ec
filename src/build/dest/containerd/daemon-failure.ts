/** What containerd answers with, as failures people can act on. */
import { status } from '@grpc/grpc-js'
import { Failure } from '../../../base/index.ts'
import { isServiceError } from './client.ts'

/**
 * Errors that are no answer of the daemon come back unchanged.
 * `action` completes "cannot ...", such as `name a:1 in containerd at /run/containerd/containerd.sock`.
 */
export function daemonFailure(action: string, error: unknown): unknown {
  if (!isServiceError(error)) return error
  const { code, details } = error
  if (/no space left|disk quota exceeded/i.test(details)) {
    return new Failure('NO_SPACE', `cannot ${action}: its disk is full`, {
      cause: error,
      hint: 'remove images it does not need, such as with "ctr images rm", and run the same command again',
    })
  }
  if (/unexpected commit digest|failed size validation/i.test(details)) {
    return new Failure(
      'CONTENT_MISMATCH',
      `cannot ${action}: the bytes that arrived are not those of the digest`,
      {
        cause: error,
        hint: 'a source file changed without a change of its time; run again with --no-cache',
      },
    )
  }
  if (code === status.UNAVAILABLE) {
    return new Failure('STORE_UNREACHABLE', `cannot ${action}: it went away`, {
      cause: error,
      hint: 'no name was moved to an image that is not whole; run the same command again',
    })
  }
  return new Failure('STORE_REFUSED', `cannot ${action}: ${details}`, { cause: error })
}
