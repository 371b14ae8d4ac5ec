/**
 * Progress on stderr. A reporter is told every event of a run; which one is picked by `--progress`.
 * `tty`: live lines; `plain`: one line per fact; `json`: the events as NDJSON; `quiet`: only warnings.
 */
import { Failure } from '../../base/index.ts'
import { jsonReporter } from './json.ts'
import { plainReporter } from './plain.ts'
import { ttyReporter } from './tty.ts'
import type { Reporter } from './reporter.ts'

export const progressModes = ['auto', 'tty', 'plain', 'json', 'quiet'] as const
export type ProgressMode = (typeof progressModes)[number]

/** `auto` is `tty` on a terminal outside CI, else `plain`. @throws Failure USAGE */
export function openReporter(mode: string, env: Readonly<Record<string, string | undefined>>): Reporter {
  const stream = process.stderr
  const chosen = mode === 'auto' ? (stream.isTTY && !env['CI'] ? 'tty' : 'plain') : mode
  if (chosen === 'tty') return ttyReporter(stream)
  if (chosen === 'plain') return plainReporter(stream)
  if (chosen === 'json') return jsonReporter(stream)
  if (chosen === 'quiet') return plainReporter(stream, { only: new Set(['warning']) })
  throw new Failure('USAGE', `"${mode}" is not a progress mode`, {
    hint: `it is one of ${progressModes.join(', ')}`,
  })
}
