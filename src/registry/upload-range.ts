/** How far an upload session got: its Range header (distribution-spec "Pushing a blob in chunks"). */

/**
 * The position after the last byte that the registry has, never beyond what was sent: `0-99` or `bytes=0-99` is 100, and
 * `0-0` is an empty session rather than a single byte. Nothing when the header says nothing.
 */
export function positionAfter(range: string | undefined, sent: number): number | undefined {
  const end = /^(?:bytes[= ])?0-(-1|\d{1,15})$/.exec(range?.trim() ?? '')?.[1]
  if (end === undefined) return undefined
  // Some registries name the end exclusively when they are asked, and all mean the same by nothing at all.
  return Number(end) < 1 ? 0 : Math.min(Number(end) + 1, sent)
}
