/** Slipway itself in the row of builders, with what only it is asked besides. */
import { rm } from 'node:fs/promises'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { runSlipway } from '../slipway-run.ts'
import type { Sample } from '../sample.ts'
import type { Peer, PeerOptions } from './peer.ts'

export interface Slipway extends Peer {
  /** the same run with more flags */
  readonly bakeWith: (...flags: string[]) => Promise<Sample>
}

export async function startSlipway({ workload, registry }: PeerOptions): Promise<Slipway> {
  const cache = await temporaryFolder()
  const flags = ['--root', '.', '--hub', `${registry.host}/demo`, '--push', '--skip-artifacts']
  const bakeWith = (...more: string[]) =>
    runSlipway(['bake', '-f', 'slipway.yaml', ...flags, ...more], { cwd: workload.root, cache: cache.path })
  return {
    name: 'slipway',
    prepare: async () => undefined,
    bake: () => bakeWith(),
    bakeWith,
    forget: () => rm(cache.path, { recursive: true, force: true }),
    [Symbol.asyncDispose]: cache.remove,
  }
}
