/** A `docker-registry` on loopback that can be made empty without another address. */
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startDockerRegistry } from '../test/support/docker-registry.ts'

export interface BenchRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string
  /** It keeps nothing in memory, so that it is as new. */
  readonly empty: () => Promise<void>
}

export async function startBenchRegistry(): Promise<BenchRegistry> {
  const { host, root, stop } = await startDockerRegistry()
  return {
    host,
    async empty() {
      for (const name of await readdir(root).catch(() => [])) await rm(join(root, name), { recursive: true })
    },
    [Symbol.asyncDispose]: stop,
  }
}
