import type { Diagnostic } from '../objects/diagnostic.ts'

const ranks = { error: 0, warning: 1, info: 2 }

/** Errors first, then by place. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    ranks[a.severity] - ranks[b.severity] ||
    (a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : 0) ||
    a.at.line - b.at.line ||
    a.at.column - b.at.column
  )
}

/** Another text for another diagnostic; where it stands in its file does not matter. */
export function diagnosticKey({ severity, rule, message, at, object }: Diagnostic): string {
  return JSON.stringify([severity, rule, message, at.file, object])
}
