/** An image of a Docker daemon as a source: what `docker save` gives, kept in a temporary file while it is read. */
import { formatReference, parseReference } from '../../oci/index.ts'
import { dockerEndpoint, type DockerEndpointOptions } from '../dest/engine/docker-endpoint.ts'
import { openEngine } from '../dest/engine/engine-client.ts'
import type { DestinationOptions } from '../dest/destination.ts'
import { archiveSource, temporaryFile } from './archive-source.ts'
import { notFound, type ImageSource } from './image-source.ts'

/**
 * `name`: a reference or an id. Daemons without containerd's store keep no manifests, so that theirs is made anew.
 * @throws Failure STORE_UNREACHABLE | STORE_REFUSED | IMAGE_NOT_FOUND
 */
export async function daemonSource(
  name: string,
  where: DockerEndpointOptions,
  { tally, signal }: Pick<DestinationOptions, 'tally' | 'signal'>,
): Promise<ImageSource> {
  const engine = openEngine(await dockerEndpoint(where), {
    name: 'docker',
    startHint: 'start the Docker daemon, or say with DOCKER_HOST or `docker context use` where one is',
    tally,
    signal,
  })
  const isId = /^(?:sha256:)?[0-9a-f]{12,64}$/.test(name)
  try {
    const saved = await engine.save(isId ? name : formatReference(parseReference(name)))
    if (!saved) throw notFound(`docker has no image "${name}"`, 'docker images lists what it has')
    const file = await temporaryFile(saved, { signal })
    const source = await archiveSource(file.path, { shown: `docker saved of ${name}`, signal })
    const close = async (): Promise<void> => {
      await source.close()
      await file.remove()
    }
    const madeHere = source.madeHere && 'docker keeps no manifests, so one was made'
    return { ...source, name: `docker image ${name}`, ...(madeHere && { madeHere }), close }
  } finally {
    engine.close()
  }
}
