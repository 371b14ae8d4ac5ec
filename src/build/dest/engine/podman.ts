/** `podman load`, without what its store has. */
import type { Destination, DestinationOptions } from '../destination.ts'
import { openEngine } from './engine-client.ts'
import { engineDestination } from './engine-destination.ts'
import { podmanService } from './podman-endpoint.ts'

/** The store of this user's podman. @throws Failure STORE_UNREACHABLE | STORE_REFUSED | USAGE */
export async function podmanDestination(
  env: NodeJS.ProcessEnv,
  options: DestinationOptions,
): Promise<Destination> {
  const { tally, signal } = options
  const service = await podmanService(env, { signal })
  const engine = openEngine(service.endpoint, {
    name: 'podman',
    startHint: 'start it with `systemctl --user start podman.socket`, or leave CONTAINER_HOST out',
    tally,
    signal,
  })
  const close = (): void => {
    engine.close()
    service.close()
  }
  try {
    return await engineDestination('podman', { ...engine, close }, options)
  } catch (error) {
    close()
    throw error
  }
}
