/** SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), as code hosts read it. */
import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Failure, Place } from '../../base/index.ts'
import { ruleNames, ruleOf, rulePage, type Finding } from '../../dockerfile/index.ts'
import type { CheckedFile } from '../check.ts'
import { version } from '../version.ts'

/** The log of one run of lint. Columns count UTF-16 code units, as ours do. */
export function sarifReport(files: readonly CheckedFile[]) {
  const failures = files.flatMap(({ file, failure }) => (failure ? [{ file, failure }] : []))
  return sarifRun({
    rules: ruleNames.map(describeRule),
    failures: failures.map(({ file, failure }) => notification(file, failure)),
    results: files.flatMap(({ findings }) => findings.map(result)),
  })
}

export interface SarifRun {
  readonly rules: readonly unknown[]
  /** what could not be looked at */
  readonly failures: readonly unknown[]
  readonly results: readonly unknown[]
}

export function sarifRun({ rules, failures, results }: SarifRun) {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'slipway', version, rules } },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: failures.length === 0, toolExecutionNotifications: failures }],
        results,
      },
    ],
  }
}

function describeRule(id: Finding['rule']) {
  const { description, isExperimental } = ruleOf(id)
  const page = rulePage(id)
  return {
    id,
    shortDescription: { text: description },
    ...(page !== undefined && { helpUri: page }),
    defaultConfiguration: { level: 'warning', enabled: isExperimental !== true },
  }
}

function result({ rule, severity, message, place, hint }: Finding) {
  return {
    ruleId: rule,
    ruleIndex: ruleNames.indexOf(rule),
    level: severity,
    message: { text: hint === undefined ? message : `${message}. Hint: ${hint}` },
    locations: [sarifLocation(place)],
  }
}

function notification(file: string, { message, at }: Failure) {
  return {
    level: 'error',
    message: { text: message },
    locations: [sarifLocation(at ?? { file, line: 1, column: 1 })],
  }
}

export function sarifLocation({ file, line, column, endColumn }: Place) {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      region: { startLine: line, startColumn: column, endColumn: endColumn ?? column + 1 },
    },
  }
}

function uriOf(file: string): string {
  return isAbsolute(file) ? pathToFileURL(file).href : file.split('/').map(encodeURIComponent).join('/')
}
