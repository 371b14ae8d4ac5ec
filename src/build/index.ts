/**
 * Images from Dockerfiles and ready-made binaries: plans, evaluation, layers, destinations.
 * Emits events and returns results; never prints.
 */
export { newAddSources, type AddSources } from './add/add-sources.ts'
export { AttestError, withAttestEntry } from './attest/attest-entry.ts'
export type { AttestOptions, ProvenanceMode, ProvenanceOptions, SbomFormat } from './attest/attest-options.ts'
export type { Attest } from './attest/attestor.ts'
export type { SignOptions } from './attest/signing/cosign.ts'
export { bake, type BakedRow, type BakeOptions, type BakeResult } from './bake.ts'
export type { BaseImage } from './base/base-image.ts'
export { resolveContext } from './base/layout-context.ts'
export { registryBase, type BaseOptions } from './base/registry-base.ts'
export { delegateChoices, type DelegateChoice } from './delegate/choice.ts'
export { runsHere } from './delegate/emulation.ts'
export type { ArchiveSink } from './dest/archive/archive-sink.ts'
export type { Destination, DestinationOptions } from './dest/destination.ts'
export {
  archiveDestination,
  archiveSource,
  containerdDestination,
  daemonSource,
  dockerDestination,
  fileSink,
  findPlan,
  folderDestination,
  formatLock,
  kindDestination,
  layoutSource,
  listPlan,
  lockBases,
  newAttestor,
  newDelegator,
  newSigner,
  nodeHosts,
  plannedBases,
  podmanDestination,
  readImage,
  readLock,
  registrySource,
  runGroup,
  runRounds,
  streamSink,
  tarDestination,
  transfer,
  writeNodeHosts,
} from './loaded-later.ts'
export { hostsToml, localRegistryConfigMap } from './dest/kind/registry-files.ts'
export { layoutDestination } from './dest/layout.ts'
export { newPin, type Pin, type PinStore } from './dest/shelf/pin.ts'
export { servedReference } from './dest/shelf/served-names.ts'
export { shelfDestinations, type ShelfOptions } from './dest/shelf/shelf-destinations.ts'
export { registryDestination } from './dest/registry.ts'
export type { ArchiveFormat } from './source/archive-source.ts'
export type { ImageSource } from './source/image-source.ts'
export { folderFiles } from './source/layout-source.ts'
export type { ReadDocument, ReadImage, ReadManifest } from './source/read-image.ts'
export { copiedReferrers } from './transfer/copied-referrers.ts'
export { copiedImage } from './transfer/copied-image.ts'
export type { Shipment } from './transfer/transfer.ts'
export { parseEpoch } from './epoch.ts'
export type { BuildChange, ExplainedLayer, FieldChange, LayerReason } from './explain/change.ts'
export type { BuildEvent, BuildId, Emit } from './events.ts'
export type { BuiltImage, BuiltPlatform } from './image.ts'
export { newLayerStreams, type LayerStreams } from './layer-streams.ts'
export { newLayerBuilder, type BuiltLayer, type LayerBuilder } from './layers.ts'
export type { BaseLock, LockedBase, LockedBases } from './lock/base-lock.ts'
export { lockChanges, type LockBasesOptions, type LockChange } from './lock/lock-bases.ts'
export type { PlannedBase } from './lock/planned-bases.ts'
export { newBaseResolver, requireLocked } from './lock/resolve-base.ts'
export type { PlanListing } from './plan/listing.ts'
export type { Delivery } from './pack/delivery.ts'
export { newPacker, type Packer } from './pack/packer.ts'
export type { LoadOptions } from './plan/load.ts'
export { openPlan } from './plan/remembered-plan.ts'
export type { Plan, ResolvedImage, ResolvedPlan, ResolvedPlatform, Selection } from './plan/model.ts'
export type { GitPlace, NoClobber, ReleaseRules } from './plan/release-rules.ts'
export { printPlan } from './plan/print.ts'
export { resolvePlan } from './plan/resolve.ts'
export { withGitLabels } from './release/git-labels.ts'
export type { Round, RoundHow } from './watch/rounds.ts'
export { checkProtectedHubs, isContinuousIntegration } from './release/protected-hubs.ts'
