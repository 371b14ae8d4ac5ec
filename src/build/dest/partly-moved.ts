/** Names move one by one in most places: whoever has to clean up must know which did. */
import { Failure } from '../../base/index.ts'
import { formatReference, type Reference } from '../../oci/index.ts'

/** The failure with what has moved before it in its hint. */
export function partlyMoved(error: unknown, moved: readonly Reference[], count: number): unknown {
  const names = moved.map((reference) => formatReference(reference)).toSorted()
  const shown = names.length > 5 ? `${names.slice(0, 5).join(', ')}, …` : names.join(', ')
  return withState(
    error,
    `${names.length} of ${count} names have moved (${shown}); the same command moves the rest`,
  )
}

/** The failure with the state of things after it in its hint; everything else unchanged. */
export function withState(error: unknown, state: string): unknown {
  if (!(error instanceof Failure)) return error
  const { code, message, at, hint, output } = error
  return new Failure(code, message, {
    at,
    output,
    cause: error,
    hint: hint === undefined ? state : `${hint}; ${state}`,
  })
}
