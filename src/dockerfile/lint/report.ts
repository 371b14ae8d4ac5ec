/** Collects findings: asks whether a rule is on and adds what the table knows of it. */
import type { Failure, Place } from '../../base/index.ts'
import type { Finding, LintReport } from './finding.ts'
import { rulePage, type RuleName } from './rules.ts'
import { commentSwitches, isOn, type Switches } from './switches.ts'

export interface Report {
  add(rule: RuleName, place: Place, message: string, hint?: string): void
  /** a report that heeds a check comment above an instruction; the findings are shared */
  under(comments: readonly string[]): Report
  fail(failure: Failure): void
  finish(): LintReport
}

export function newReport(switches: Switches): Report {
  const findings = new Map<string, Finding>()
  let first: Failure | undefined
  const report = (own?: Switches): Report => ({
    add(rule, place, message, hint) {
      if (!isOn(rule, switches, own)) return
      const key = `${place.line} ${rule} ${message}`
      if (findings.has(key)) return
      const url = rulePage(rule)
      findings.set(key, {
        rule,
        message,
        place,
        severity: switches.isError ? 'error' : 'warning',
        ...(url !== undefined && { url }),
        ...(hint !== undefined && { hint }),
      })
    },
    under(comments) {
      const said = commentSwitches(comments)
      return said === undefined ? this : report(said)
    },
    fail(failure) {
      first ??= failure
    },
    finish: () => ({ findings: [...findings.values()].toSorted(compareFindings), failure: first }),
  })
  return report()
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    a.place.line - b.place.line ||
    a.place.column - b.place.column ||
    (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0)
  )
}
