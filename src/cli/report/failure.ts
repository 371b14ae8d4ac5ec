/** Errors as people read them: what, where with a code frame, why, what to do. */
import { styleText } from 'node:util'
import { codeFrame, Failure, formatPlace } from '../../base/index.ts'

/** The lines for an error: a `Failure` with its place and hint, everything else as a bug with its stack. */
export function formatError(error: unknown, stream: NodeJS.WriteStream): string[] {
  const bold = (text: string) => styleText(['bold', 'red'], text, { stream })
  const dim = (text: string) => styleText('dim', text, { stream })
  if (!(error instanceof Failure)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return [
      `${bold('bug:')} ${text}`,
      '  hint: this is a defect of slipway, not of your input; please report it with the lines above',
    ]
  }
  const lines = [`${bold('error:')} ${printable(error.message)}`]
  if (error.at)
    lines.push(`  ${formatPlace(error.at)}`, ...codeFrame(error.at).map((line) => dim(printable(line))))
  if (error.output)
    lines.push(
      ...error.output
        .trimEnd()
        .split('\n')
        .map((line) => `  | ${printable(line)}`),
    )
  if (error.hint) lines.push(`  hint: ${printable(error.hint)}`)
  for (const other of error.others) lines.push(...formatError(other, stream))
  return lines
}

/** Control characters of file names, registries and commands must not reach the terminal. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff]/gu,
    (character) => `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  )
}
