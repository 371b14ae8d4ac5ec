/** `lastTransitionTime` of conditions: when the status of a condition became what it is (metav1.Condition). */

type Json = Readonly<Record<string, unknown>>

/** The status with times: those of `before` where a condition has the status it had, else `now` (RFC 3339). */
export function withTransitionTimes(after: Json, before: Json | undefined, now: string): Json {
  return stamp(after, before, now) as Json
}

function stamp(after: unknown, before: unknown, now: string): unknown {
  if (Array.isArray(after)) return stampList(after, Array.isArray(before) ? before : [], now)
  if (!isRecord(after)) return after
  const old = isRecord(before) ? before : {}
  const stamped: Record<string, unknown> = {}
  for (const key of Object.keys(after)) stamped[key] = stamp(after[key], old[key], now)
  if (isCondition(after)) {
    const isSame = isCondition(old) && old['status'] === after['status']
    stamped['lastTransitionTime'] = isSame ? (old['lastTransitionTime'] ?? now) : now
  }
  return stamped
}

function stampList(after: readonly unknown[], before: readonly unknown[], now: string): unknown[] {
  let known: Map<string, unknown> | undefined
  return after.map((item, index) => {
    // Most lists are as they were; only others are searched.
    const same = before[index]
    if (isRecord(item) && isRecord(same) && isCondition(item) && item['type'] === same['type'])
      return stamp(item, same, now)
    const identity = identityOf(item)
    if (identityOf(same) === identity) return stamp(item, same, now)
    known ??= new Map(before.map((each) => [identityOf(each), each]))
    return stamp(item, known.get(identity), now)
  })
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
