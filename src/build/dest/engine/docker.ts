/** `docker load`, without what the daemon has. */
import type { Destination, DestinationOptions } from '../destination.ts'
import { dockerEndpoint, type DockerEndpointOptions } from './docker-endpoint.ts'
import { openEngine } from './engine-client.ts'
import { engineDestination } from './engine-destination.ts'

/** The Docker daemon that the `docker` command uses. @throws Failure STORE_UNREACHABLE | STORE_REFUSED | USAGE */
export async function dockerDestination(
  where: DockerEndpointOptions,
  options: DestinationOptions,
): Promise<Destination> {
  const { tally, signal } = options
  const engine = openEngine(await dockerEndpoint(where), {
    name: 'docker',
    startHint: 'start the Docker daemon, or say with DOCKER_HOST or `docker context use` where one is',
    tally,
    signal,
  })
  try {
    return await engineDestination('docker', engine, options)
  } catch (error) {
    engine.close()
    throw error
  }
}
