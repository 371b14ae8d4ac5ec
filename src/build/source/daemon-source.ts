/** An image of a Docker daemon as a source: what `docker save` gives, kept in a temporary file while it is read. */
import {
  formatReference,
  hostPlatform,
  parseReference,
  samePlatform,
  type Platform,
} from '../../oci/index.ts'
import { dockerEndpoint, type DockerEndpointOptions } from '../dest/engine/docker-endpoint.ts'
import { openEngine, type EngineImage } from '../dest/engine/engine-client.ts'
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
    const image = isId ? name : formatReference(parseReference(name))
    const found = await engine.inspect(image)
    const platform = found && onlyPlatform(found)
    const saved = found && (await engine.save(image, platform))
    if (!saved) throw notFound(`docker has no image "${name}"`, 'docker images lists what it has')
    const file = await temporaryFile(saved, { signal })
    const source = await archiveSource(file.path, { shown: `docker saved of ${name}`, signal })
    const close = async (): Promise<void> => {
      await source.close()
      await file.remove()
    }
    const madeHere = source.madeHere && 'docker keeps no manifest of it, so one was made'
    const platforms = platform && { platforms: [platform] }
    return { ...source, ...platforms, name: `docker image ${name}`, ...(madeHere && { madeHere }), close }
  } finally {
    engine.close()
  }
}

/** Daemons do not save an index of which they have only parts; then it is the platform of this machine, else the first. */
function onlyPlatform({ Manifests }: EngineImage): Platform | undefined {
  const images = (Manifests ?? []).filter(({ Kind }) => Kind === 'image')
  if (images.every(({ Available }) => Available)) return undefined
  const platforms = images.flatMap(({ Available, ImageData }) => (Available && ImageData?.Platform) || [])
  return platforms.find((platform) => samePlatform(hostPlatform(), platform)) ?? platforms[0]
}
