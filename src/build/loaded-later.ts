/**
 * Functions of files that most runs do without: the file is loaded at the first call. A run that changes nothing is
 * mostly the loading of code.
 */

import type { DelegatorOptions } from './delegate/delegator.ts'
import type { BakeResult } from './bake.ts'
import type { RoundsOptions, WatchedPlan } from './watch/rounds.ts'
import type { DelegateStage } from './delegate/stage-request.ts'

/** The function of a file, as one that loads it first. */
function later<Args extends readonly unknown[], Result>(
  load: () => Promise<(...args: Args) => Result | Promise<Result>>,
): (...args: Args) => Promise<Result> {
  return async (...args) => (await load())(...args)
}

export const archiveDestination = later(
  async () => (await import('./dest/archive/archive-destination.ts')).archiveDestination,
)
export const archiveSource = later(async () => (await import('./source/archive-source.ts')).archiveSource)
export const containerdDestination = later(
  async () => (await import('./dest/containerd/containerd.ts')).containerdDestination,
)
export const daemonSource = later(async () => (await import('./source/daemon-source.ts')).daemonSource)
export const dockerDestination = later(
  async () => (await import('./dest/engine/docker.ts')).dockerDestination,
)
export const fileSink = later(async () => (await import('./dest/archive/archive-sink.ts')).fileSink)
export const findPlan = later(async () => (await import('./plan/load.ts')).findPlan)
export const folderDestination = later(
  async () => (await import('./dest/local/folder-destination.ts')).folderDestination,
)
export const formatLock = later(async () => (await import('./lock/base-lock.ts')).formatLock)
export const nodeHosts = later(async () => (await import('./dest/kind/node-hosts.ts')).nodeHosts)
export const writeNodeHosts = later(async () => (await import('./dest/kind/node-hosts.ts')).writeNodeHosts)
export const kindDestination = later(async () => (await import('./dest/kind/kind.ts')).kindDestination)
export const layoutSource = later(async () => (await import('./source/layout-source.ts')).layoutSource)
export const listPlan = later(async () => (await import('./plan/listing.ts')).listPlan)
export const lockBases = later(async () => (await import('./lock/lock-bases.ts')).lockBases)
export const newAttestor = later(async () => (await import('./attest/attestor.ts')).newAttestor)
/** Hands stages to builders. */
export function newDelegator(options: DelegatorOptions): DelegateStage {
  let loading: Promise<DelegateStage> | undefined
  return async (request) => {
    loading ??= import('./delegate/delegator.ts').then((file) => file.newDelegator(options))
    return (await loading)(request)
  }
}
export const newSigner = later(async () => (await import('./attest/signing/cosign.ts')).newSigner)
export const plannedBases = later(async () => (await import('./lock/planned-bases.ts')).plannedBases)
export const podmanDestination = later(
  async () => (await import('./dest/engine/podman.ts')).podmanDestination,
)
export const readImage = later(async () => (await import('./source/read-image.ts')).readImage)
export const readLock = later(async () => (await import('./lock/base-lock.ts')).readLock)
export const registrySource = later(async () => (await import('./source/registry-source.ts')).registrySource)
export const runGroup = later(async () => (await import('./process-group.ts')).runGroup)
/** Builds again and again. */
export async function runRounds<Plan extends WatchedPlan, Result extends BakeResult>(
  options: RoundsOptions<Plan, Result>,
): Promise<never> {
  return (await import('./watch/rounds.ts')).runRounds(options)
}
export const streamSink = later(async () => (await import('./dest/archive/archive-sink.ts')).streamSink)
export const tarDestination = later(
  async () => (await import('./dest/local/tar-destination.ts')).tarDestination,
)
export const transfer = later(async () => (await import('./transfer/transfer.ts')).transfer)
