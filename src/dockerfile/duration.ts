/** Durations as Go writes them: `1h30m`, `1.5s`, `250ms` (Go's time.ParseDuration). */

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

const largest = 2n ** 63n - 1n

/** The duration in nanoseconds, or nothing when the text is none or too long for 64 bits. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign, rest] = /^([-+]?)(.*)$/su.exec(text)!
  if (rest === '0') return 0n
  const part = /(\d*)(?:\.(\d*))?([^.\d]+)/guy
  let total = 0n
  while (part.lastIndex < rest!.length) {
    const match = part.exec(rest!)
    if (match === null) return undefined
    const [, whole = '', fraction = '', name = ''] = match
    const unit = Object.hasOwn(units, name) ? units[name] : undefined
    if (unit === undefined || (whole === '' && fraction === '')) return undefined
    if (whole.length > 19) return undefined
    total += BigInt(whole) * unit + fractionOf(fraction, unit)
    if (total > largest) return undefined
  }
  if (rest === '') return undefined
  return sign === '-' ? -total : total
}

/** As many digits as fit into 63 bits count, and the product is made in floating point, both as in Go. */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n
  let scale = 1
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit)
    if (value > largest / 10n || next > largest + 1n) break
    value = next
    scale *= 10
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)))
}
