/** What `--check` prints on stdout: text for people, JSON for scripts, SARIF for code hosts. */
import { styleText } from 'node:util'
import { codeFrame, Failure, formatPlace } from '../../base/index.ts'
import type { Finding } from '../../dockerfile/index.ts'
import type { CheckedFile } from '../check.ts'
import { printable } from './failure.ts'
import { sarifReport } from './sarif.ts'
import { plural } from './units.ts'

/** @throws Failure USAGE */
export function checkFormatter(format: string): (files: readonly CheckedFile[]) => string {
  if (format === 'text') return (files) => textReport(files, process.stdout)
  if (format === 'json') return (files) => `${JSON.stringify(jsonReport(files), undefined, 2)}\n`
  if (format === 'sarif') return (files) => `${JSON.stringify(sarifReport(files), undefined, 2)}\n`
  throw new Failure('USAGE', `"${format}" is not a format of --check`, { hint: 'it is text, json or sarif' })
}

export function textReport(files: readonly CheckedFile[], stream: NodeJS.WriteStream): string {
  const lines = files.flatMap(({ findings }) =>
    findings.flatMap((finding) => [...describe(finding, stream), '']),
  )
  const found = files.reduce((sum, { findings }) => sum + findings.length, 0)
  if (found === 0 && files.every(({ failure }) => failure)) return ''
  const where = files.length === 1 ? files[0]!.file : plural(files.length, 'Dockerfile')
  return `${[...lines, `${plural(found, 'finding')} in ${where}`].join('\n')}\n`
}

function describe(
  { rule, message, place, severity, hint, url }: Finding,
  stream: NodeJS.WriteStream,
): string[] {
  const kind = styleText(severity === 'error' ? ['bold', 'red'] : 'yellow', `${severity}:`, { stream })
  return [
    `${kind} ${printable(message)} (${rule})`,
    `  ${formatPlace(place)}`,
    ...codeFrame(place).map((line) => styleText('dim', printable(line), { stream })),
    ...(hint === undefined ? [] : [`  hint: ${printable(hint)}`]),
    ...(url === undefined ? [] : [`  see ${url}`]),
  ]
}

/** A public contract: fields are only added. */
function jsonReport(files: readonly CheckedFile[]) {
  return {
    findings: files.flatMap(({ findings }) =>
      findings.map(({ rule, severity, message, place, hint, url }) => ({
        rule,
        severity,
        message,
        file: place.file,
        line: place.line,
        column: place.column,
        endColumn: place.endColumn ?? place.column + 1,
        ...(hint !== undefined && { hint }),
        ...(url !== undefined && { url }),
      })),
    ),
    errors: files.flatMap(({ file, failure }) =>
      failure === undefined
        ? []
        : [
            {
              code: failure.code,
              message: failure.message,
              file: failure.at?.file ?? file,
              ...(failure.at && { line: failure.at.line, column: failure.at.column }),
            },
          ],
    ),
  }
}
