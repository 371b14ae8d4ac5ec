/**
 * Images from Dockerfiles and ready-made binaries: plans, evaluation, layers, destinations.
 * Emits events and returns results; never prints.
 */
export { newAddSources, type AddSources } from './add/add-sources.ts'
export { bake, type BakedRow, type BakeOptions, type BakeResult } from './bake.ts'
export type { BaseImage } from './base/base-image.ts'
export { registryBase } from './base/registry-base.ts'
export { delegateChoices, type DelegateChoice } from './delegate/choice.ts'
export { runsHere } from './delegate/emulation.ts'
export { newDelegator } from './delegate/delegator.ts'
export type { Destination, DestinationOptions } from './dest/destination.ts'
export { layoutDestination } from './dest/layout.ts'
export { registryDestination } from './dest/registry.ts'
export { parseEpoch } from './epoch.ts'
export type { BuildEvent, BuildId, Emit } from './events.ts'
export type { BuiltImage, BuiltPlatform } from './image.ts'
export { newLayerBuilder, type BuiltLayer, type LayerBuilder } from './layers.ts'
export { loadPlan } from './plan/load.ts'
export type { Plan, ResolvedImage, ResolvedPlan, ResolvedPlatform, Selection } from './plan/model.ts'
export type { GitPlace, NoClobber, ReleaseRules } from './plan/release-rules.ts'
export { printPlan } from './plan/print.ts'
export { resolvePlan } from './plan/resolve.ts'
export { checkProtectedHubs, isContinuousIntegration } from './release/protected-hubs.ts'
