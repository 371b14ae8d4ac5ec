/**
 * A gateway from plain files: Gateway API, Istio and Ingress objects in, listeners and status out. No Kubernetes.
 * Nothing here prints: what happens is told by events.
 */
export type { Snapshot } from './model/index.ts'
export type { Diagnostic } from './objects/diagnostic.ts'
export type { AccessLogEntry, DataPlane } from './proxy/data-plane.ts'
export type { GatewayEvent } from './run/events.ts'
export type { StatusReport } from './admin/status-report.ts'
export type { ReportedObject } from './admin/object-report.ts'
export type { TranslateOptions } from './translate/translation.ts'
export { createDataPlane, type DataPlaneOptions } from './proxy/create-data-plane.ts'
export { kinds, groupKindOf, type Kind } from './objects/kind.ts'
export { conditionsOf, type ShownCondition } from './admin/condition-list.ts'
export { agesPath, openAgesFile, type AgesFile } from './run/ages-file.ts'
export { newAccessLog, type AccessLog, type AccessLogFormat } from './run/access-log.ts'
export { startGateway, type Gateway, type GatewayOptions, type GatewayState } from './run/gateway.ts'
export { validateConfig, type Validation } from './run/validate.ts'
export { newRequestCounts, type RequestCounts } from './admin/request-counts.ts'
export { startAdminServer, type AdminServer } from './admin/admin-server.ts'
