import type { Context, Part } from './context.ts'
import { parseDuration } from './duration.ts'

/** Milliseconds of a field; one that is no duration is told and has no effect. */
export function placedDuration(
  text: string | undefined,
  { report }: Pick<Context, 'report'>,
  { object, path }: Part,
): number | undefined {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms === undefined) {
    report.error(object, path, {
      rule: 'invalid-duration',
      message: `"${text}" is not a duration`,
      hint: 'write it like 500ms, 1.5s or 1h30m',
    })
  }
  return ms
}
