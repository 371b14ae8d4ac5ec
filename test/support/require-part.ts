/**
 * Tests that need a real program say so: without it they are skipped with the reason, and where everything must be
 * there (`SLIPWAY_REQUIRE_ALL=1`, as in CI) they fail.
 */

/** `false` when the part is there, else the reason for `skip`; throws when a skip is not allowed. */
export function requirePart(name: string, available: boolean): string | false {
  if (available) return false
  return skipFor(`${name} is not installed; npm run test:setup installs it`)
}

/** The reason for `skip`; throws when a skip is not allowed. */
export function skipFor(reason: string): string {
  if (process.env['SLIPWAY_REQUIRE_ALL'] === '1') throw new Error(reason)
  return reason
}
