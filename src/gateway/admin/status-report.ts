/** `/status`: everything that is to be known of a running gateway, as JSON. Fields are only added. */
import { formatPlace } from '../../base/index.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import type { DataPlane } from '../proxy/data-plane.ts'
import type { GatewayState } from '../run/gateway.ts'
import { readinessOf } from './readiness.ts'

export type StatusReport = ReturnType<typeof reportStatus>

export function reportStatus(state: GatewayState, plane: Pick<DataPlane, 'clusters'>) {
  const { snapshot, reports, statuses, diagnostics, objects, appliedAt, reloads } = state
  const { isReady, reasons } = readinessOf(state)
  return {
    ready: isReady,
    reasons,
    version: snapshot.version,
    appliedAt: new Date(appliedAt).toISOString(),
    reloads,
    objects: objects.length,
    listeners: reports.map(({ listener, bound, problem }) => ({
      name: listener,
      bound,
      ...(problem !== undefined && { problem }),
    })),
    statuses: statuses.map(({ kind, group, namespace, name, generation, status }) => ({
      kind,
      group,
      namespace,
      name,
      generation,
      status,
    })),
    clusters: plane.clusters(),
    diagnostics: diagnostics.map(reportDiagnostic),
  }
}

export function reportDiagnostic({ severity, rule, message, at, hint, object }: Diagnostic) {
  return {
    severity,
    rule,
    message,
    file: at.file,
    line: at.line,
    column: at.column,
    endColumn: at.endColumn ?? at.column + 1,
    place: formatPlace(at),
    ...(at.lineText !== undefined && { lineText: at.lineText }),
    ...(hint !== undefined && { hint }),
    ...(object !== undefined && { object }),
  }
}
