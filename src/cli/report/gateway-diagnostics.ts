/** What is to be said of a gateway's files, as text and as JSON. */
import { styleText } from 'node:util'
import { codeFrame, formatPlace } from '../../base/index.ts'
import type { Diagnostic } from '../../gateway/index.ts'
import { printable } from './failure.ts'

const styles = { error: ['bold', 'red'], warning: ['yellow'], info: ['cyan'] } as const

/** The message with its object, the place, the line of the file, what to do. */
export function diagnosticLines(diagnostic: Diagnostic, stream: NodeJS.WriteStream): string[] {
  const { severity, rule, message, at, hint, object } = diagnostic
  const kind = styleText([...styles[severity]], `${severity}:`, { stream })
  return [
    `${kind} ${printable(object === undefined ? message : `${object}: ${message}`)} (${rule})`,
    `  ${formatPlace(at)}`,
    ...(severity === 'info'
      ? []
      : codeFrame(at).map((line) => styleText('dim', printable(line), { stream }))),
    ...(hint === undefined ? [] : [`  hint: ${printable(hint)}`]),
  ]
}

/** A public contract: fields are only added. */
export function diagnosticReport({ severity, rule, message, at, hint, object }: Diagnostic) {
  return {
    severity,
    rule,
    message,
    file: at.file,
    line: at.line,
    column: at.column,
    endColumn: at.endColumn ?? at.column + 1,
    ...(object !== undefined && { object }),
    ...(hint !== undefined && { hint }),
  }
}
