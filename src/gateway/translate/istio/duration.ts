const units: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  ns: 1e-6,
}

/** Milliseconds of a duration as Istio's API writes it: `1.5s`, `500ms`, `1h30m`. Nothing when it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d*)?(?:h|ms|m|s|us|ns))+$/.test(text)) return undefined
  let sum = 0
  for (const [, amount = '', unit = ''] of text.matchAll(/(\d+(?:\.\d*)?)(h|ms|m|s|us|ns)/g)) {
    sum += Number(amount) * (units[unit] ?? 0)
  }
  return sum
}
