/** Events as NDJSON, one object a line, as `BuildEvent` says. */
import type { Reporter } from './reporter.ts'

export function jsonReporter(stream: NodeJS.WriteStream): Reporter {
  return {
    emit: (event) => void stream.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`),
    close: () => undefined,
  }
}
