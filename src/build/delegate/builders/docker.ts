/**
 * BuildKit inside dockerd, through `docker build`. Its image comes out by `docker save`.
 * Clients before 23 bring BuildKit themselves but know no named contexts; later ones need their buildx plugin.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Failure } from '../../../base/index.ts'
import { parsePlatform } from '../../../oci/index.ts'
import { familiarName } from '../names.ts'
import type { BuilderRequest, DetectOptions, Detected } from './builder.ts'
import { contextSource, dockerArguments } from './buildx.ts'
import { flags, probe, runBuilder } from './command.ts'
import { layoutFromArchive } from './docker-archive.ts'

const versionFormat = '{{.Client.Version}} {{.Server.Version}} {{.Server.Os}}/{{.Server.Arch}}'

export async function detectDocker({ env, signal }: DetectOptions): Promise<Detected> {
  const found = await probe(['docker', 'version', '--format', versionFormat], { env, signal })
  if ('missing' in found) return found
  const versions = readVersions(found.output)
  if (versions === undefined) return { missing: 'gives no version of client and daemon' }
  const { client, server, platform } = versions
  const hasPlugin = Number.parseInt(client, 10) >= 23
  if (hasPlugin && 'missing' in (await probe(['docker', 'buildx', 'version'], { env, signal })))
    return { missing: `${client} has no buildx plugin, without which it cannot use BuildKit` }
  return {
    name: 'docker',
    description: `docker ${client} (daemon ${server})`,
    platforms: [parsePlatform(platform)],
    async build(request) {
      if (!hasPlugin && request.contexts.size > 0) throw cannotName(client, [...request.contexts.keys()])
      const tag = `slipway-delegated:${randomUUID()}`
      const options = { ...request, env: { ...env, DOCKER_BUILDKIT: '1', BUILDX_BUILDER: undefined } }
      await runBuilder(['docker', ...dockerBuildArguments(request, { tag, hasPlugin })], options)
      try {
        const archive = join(request.scratch, 'image.tar')
        await runBuilder(['docker', 'save', '--output', archive, tag], options)
        await layoutFromArchive(archive, request)
      } finally {
        // Only our name goes: an image somebody else has a name for stays. A leftover does no harm.
        await runBuilder(['docker', 'image', 'rm', tag], { env }).catch(() => undefined)
      }
    },
  }
}

/** The arguments of `docker`. Pure. */
export function dockerBuildArguments(
  request: BuilderRequest,
  { tag, hasPlugin }: { readonly tag: string; readonly hasPlugin: boolean },
): string[] {
  return [
    'build',
    '--progress=plain',
    ...(hasPlugin ? ['--builder=default', '--load', '--provenance=false', '--sbom=false'] : []),
    `--tag=${tag}`,
    ...dockerArguments(request),
    ...flags('--build-arg', [['SOURCE_DATE_EPOCH', String(request.epoch)]]),
    // A daemon may have an image of a registry already: then it is not asked to fetch it under another name.
    ...flags(
      '--build-context',
      Array.from(request.contexts, ([name, value]) => [familiarName(name), contextSource(value)] as const),
    ),
    request.context,
  ]
}

/** The answer to `versionFormat`; a client without a daemon answers in another shape. */
export function readVersions(
  output: string,
): { client: string; server: string; platform: string } | undefined {
  const match = /^(\d\S*) (\d\S*) (\S+\/\S+)$/m.exec(output)
  return match ? { client: match[1]!, server: match[2]!, platform: match[3]! } : undefined
}

function cannotName(client: string, names: readonly string[]): Failure {
  return new Failure(
    'BUILDER_FAILED',
    `docker ${client} knows no named contexts and cannot be given ${names.join(', ')}`,
    { hint: 'use another builder: --delegate=buildctl, --delegate=buildx or --delegate=buildah' },
  )
}
