/** `lastTransitionTime` of conditions: when the status of a condition became what it is (metav1.Condition). */

type Json = Readonly<Record<string, unknown>>

/** The status with times: those of `before` where a condition has the status it had, else `now` (RFC 3339). */
export function withTransitionTimes(after: Json, before: Json | undefined, now: string): Json {
  return stamp(after, before, now) as Json
}

function stamp(after: unknown, before: unknown, now: string): unknown {
  if (Array.isArray(after)) {
    const known = new Map(
      (Array.isArray(before) ? before : []).map((item: unknown) => [identityOf(item), item]),
    )
    return after.map((item: unknown) => stamp(item, known.get(identityOf(item)), now))
  }
  if (!isRecord(after)) return after
  const old = isRecord(before) ? before : {}
  const entries = Object.entries(after).map(([key, value]) => [key, stamp(value, old[key], now)])
  if (!isCondition(after)) return Object.fromEntries(entries)
  const isSame = isCondition(old) && old['status'] === after['status']
  return {
    ...Object.fromEntries(entries),
    lastTransitionTime: isSame ? (old['lastTransitionTime'] ?? now) : now,
  }
}

/** Which item of a list it is: a condition by its type, a listener by its name, a parent by its reference. */
function identityOf(item: unknown): string {
  if (!isRecord(item)) return JSON.stringify(item)
  const { type, name, parentRef, ancestorRef } = item
  return JSON.stringify([type, name, parentRef, ancestorRef])
}

function isCondition(value: Json): boolean {
  return (
    typeof value['type'] === 'string' && typeof value['status'] === 'string' && 'observedGeneration' in value
  )
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
