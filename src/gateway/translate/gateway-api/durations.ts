/** Milliseconds of a duration of the Gateway API (GEP-2257): `1h30m`, `500ms`; nothing for anything else. */
export function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined || !/^(?:\d{1,5}(?:h|m|s|ms)){1,4}$/.test(duration)) return undefined
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }
  return [...duration.matchAll(/(\d+)(h|ms|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0),
    0,
  )
}
