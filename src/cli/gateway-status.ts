/** `slipway gateway status`: ready or why not, listeners, conditions, backends that are ill, problems of the files. */
import { styleText } from 'node:util'
import { Failure } from '../base/index.ts'
import { conditionsOf, type StatusReport } from '../gateway/index.ts'
import { askGateway } from './gateway-admin.ts'
import { diagnosticLines } from './report/gateway-diagnostics.ts'
import { printable } from './report/failure.ts'
import { formatTable } from './report/table.ts'
import { plural } from './report/units.ts'

export interface StatusFlags {
  readonly admin: string
  readonly output: string
}

/** Sets exit status 1 when the gateway is not ready. @throws Failure USAGE | GATEWAY_UNREACHABLE */
export async function statusAction({ admin, output }: StatusFlags): Promise<void> {
  if (output !== 'text' && output !== 'json')
    throw new Failure('USAGE', `"${output}" is not an output of status`, { hint: 'it is text or json' })
  const report = await askGateway<StatusReport>(admin, '/status')
  process.stdout.write(
    output === 'json'
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : `${statusLines(report, process.stdout).join('\n')}\n`,
  )
  if (!report.ready) process.exitCode = 1
}

export function statusLines(report: StatusReport, stream: NodeJS.WriteStream): string[] {
  const good = (text: string) => styleText('green', text, { stream })
  const bad = (text: string) => styleText(['bold', 'red'], text, { stream })
  const { ready, reasons, listeners, objects, reloads, appliedAt, version, diagnostics } = report
  const head = `${ready ? good('ready') : bad('not ready')}: ${plural(objects, 'object')}, ${plural(listeners.length, 'listener')}, configuration ${version.slice(0, 8)} since ${appliedAt.replace(/\.\d+Z$/, 'Z')}, ${plural(reloads, 'reload')}`
  const conditions = conditionsOf(report.statuses)
  const sick = report.clusters.flatMap(({ cluster, endpoints }) =>
    endpoints.filter(({ healthy }) => !healthy).map(({ address, why }) => [cluster, address, why ?? '']),
  )
  return [
    head,
    ...reasons.map((reason) => `  ${bad(printable(reason))}`),
    ...section(
      ['LISTENER', 'STATE'],
      listeners.map(({ name, bound, problem }) => [
        name,
        bound ? good('bound') : bad(problem ?? 'not bound'),
      ]),
      stream,
    ),
    ...section(
      ['OBJECT', 'PART', 'CONDITION', 'STATUS', 'REASON', 'MESSAGE'],
      conditions.map(({ object, part, type, status, reason, message, isGood }) => [
        object,
        part,
        type,
        isGood ? good(status) : bad(status),
        reason,
        isGood ? '' : printable(message),
      ]),
      stream,
    ),
    ...section(['CLUSTER', 'ENDPOINT', 'NOT HEALTHY'], sick, stream),
    ...(diagnostics.length === 0 ? [] : ['']),
    ...diagnostics.flatMap((diagnostic) =>
      diagnosticLines(
        {
          ...diagnostic,
          at: {
            file: diagnostic.file,
            line: diagnostic.line,
            column: diagnostic.column,
            endColumn: diagnostic.endColumn,
            ...(diagnostic.lineText !== undefined && { lineText: diagnostic.lineText }),
          },
        },
        stream,
      ),
    ),
  ]
}

function section(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  stream: NodeJS.WriteStream,
): string[] {
  if (rows.length === 0) return []
  return [
    '',
    ...formatTable(
      titles.map((title) => ({ title })),
      rows,
      stream,
    ),
  ]
}
