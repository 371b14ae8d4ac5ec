/**
 * Kubernetes without a product on top: names of objects, shapes of its own kinds, kubeconfigs, and a client for reading,
 * server-side apply and deletion. Objects are plain JSON, of kinds nobody here has to know.
 */
export { ApiFailure, type StatusCause } from './api/api-failure.ts'
export {
  openKubeClient,
  type ApiResource,
  type ApplyOptions,
  type DeleteOptions,
  type JsonPatch,
  type KubeClient,
  type ListOptions,
} from './api/client.ts'
export { conflictingManager } from './api/explain-status.ts'
export type { RequestsOptions } from './api/requests.ts'
export type { ClusterConnection, Identity, Impersonation } from './config/connection.ts'
export { loadConnection, type ConnectionChoice } from './config/load-connection.ts'
export {
  asMap,
  formatObject,
  groupKind,
  groupOf,
  idOf,
  keyOf,
  valueAt,
  type FieldSet,
  type Kind,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectId,
  type ObjectMeta,
  type OwnerReference,
} from './object.ts'
export { checkShape, type ObjectIssue } from './schema/check-object.ts'
export { loadKubeSchema, type KindSchema, type KubeSchema } from './schema/kube-schema.ts'
export { findRemovedVersion, type RemovedVersion } from './schema/removed-versions.ts'
export {
  anyShape,
  formatItemKey,
  itemKey,
  type KeyedShape,
  type Shape,
  type StructShape,
} from './schema/shape.ts'
