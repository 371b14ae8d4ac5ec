/**
 * Installing software into Kubernetes: packages as pure functions, overlays on every field of what they render, and what
 * brings the objects into a cluster and keeps account of them. Nothing of it needs a controller. Prints nothing.
 */
export { applyPlan, type ApplyOptions } from './apply/apply-plan.ts'
export type { OperatorEvent } from './events.ts'
export type { Installation } from './installation/installation.ts'
export { loadInstallations } from './installation/load-installations.ts'
export { builtInPackages, facades } from './packages/built-in.ts'
export { renderInstallation, type Rendered, type RenderOptions } from './render/render.ts'
export type { FieldChange } from './plan/field-changes.ts'
export { makePlan, type PlanRequest } from './plan/make-plan.ts'
export { changesAnything, type Plan, type Removal, type Step, type StepAction } from './plan/plan.ts'
export { prepareRollback, type Rollback, type RollbackRequest } from './history/rollback.ts'
export { eject, prepareEjection, type Ejection, type EjectRequest } from './release/eject.ts'
export { removeInstallation, type RemoveRequest } from './remove/remove.ts'
export { rightsFor, rolesFor, type Rights, type Rule } from './rights/rules.ts'
export {
  listInstalled,
  statusOf,
  type Installed,
  type InstallationStatus,
  type ObjectStatus,
} from './status/installation-status.ts'
export type { Package, PackageShelf } from './package/package.ts'
export {
  findPackage,
  loadPackageFolder,
  pushPackageFolder,
  type PackageSourceOptions,
} from './package/package-source.ts'
export { lintPackage, type LintFinding } from './lint/lint-package.ts'
