/** `STOPSIGNAL` values: a Linux signal by name, with or without SIG, or by number. */
import { constants } from 'node:os'
import { Failure, nearest, type Place } from '../../base/index.ts'

const names = new Set([...Object.keys(constants.signals), 'SIGCLD', 'SIGRTMIN', 'SIGRTMAX'])

/** @throws Failure DOCKERFILE_INVALID with the nearest name */
export function checkSignal(text: string, at: Place): void {
  if (/^\d+$/.test(text) && Number(text) > 0 && Number(text) <= 64) return
  const name = text.toUpperCase().replace(/^(?!SIG)/, 'SIG')
  if (names.has(name) || /^SIGRT(?:MIN\+\d{1,2}|MAX-\d{1,2})$/.test(name)) return
  const suggestion = nearest(name, names)
  throw new Failure('DOCKERFILE_INVALID', `"${text}" is not a signal`, {
    at,
    hint:
      suggestion === undefined ? 'write a name such as SIGTERM or a number' : `did you mean ${suggestion}?`,
  })
}
