/** Diagnostics of a gateway's files as SARIF 2.1.0. */
import type { Diagnostic } from '../../gateway/index.ts'
import { sarifLocation, sarifRun } from './sarif.ts'

const levels = { error: 'error', warning: 'warning', info: 'note' } as const

export function diagnosticSarif(diagnostics: readonly Diagnostic[]) {
  const rules = [...new Set(diagnostics.map(({ rule }) => rule))].toSorted()
  return sarifRun({
    rules: rules.map((id) => ({ id, name: id })),
    failures: [],
    results: diagnostics.map(({ rule, severity, message, hint, at, object }) => ({
      ruleId: rule,
      ruleIndex: rules.indexOf(rule),
      level: levels[severity],
      message: {
        text: [object === undefined ? message : `${object}: ${message}`, hint]
          .filter(Boolean)
          .join('. Hint: '),
      },
      locations: [sarifLocation(at)],
    })),
  })
}
