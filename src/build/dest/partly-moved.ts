/** Names move one by one in most places: whoever has to clean up must know which did. */
import { Failure } from '../../base/index.ts'
import { formatReference, type Reference } from '../../oci/index.ts'

/** The failure with what has moved before it in its hint. */
export function partlyMoved(error: unknown, moved: readonly Reference[], count: number): unknown {
  if (!(error instanceof Failure)) return error
  const names = moved.map((reference) => formatReference(reference)).toSorted()
  const shown = names.length > 5 ? `${names.slice(0, 5).join(', ')}, …` : names.join(', ')
  const state = `${names.length} of ${count} names have moved (${shown}); the same command moves the rest`
  return new Failure(error.code, error.message, {
    at: error.at,
    cause: error,
    hint: error.hint === undefined ? state : `${error.hint}; ${state}`,
  })
}
