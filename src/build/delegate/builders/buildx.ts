/** BuildKit through `docker buildx`, with any driver that can export an OCI layout. */
import { formatPlatform, parsePlatform, type Platform } from '../../../oci/index.ts'
import { buildkitContexts } from '../names.ts'
import type { BuilderContext, BuilderRequest, DetectOptions, Detected } from './builder.ts'
import { flags, probe, runBuilder } from './command.ts'

/** The builder buildx has selected (`BUILDX_BUILDER` or `docker buildx use`). */
export async function detectBuildx({ env, signal }: DetectOptions): Promise<Detected> {
  const client = await probe(['docker', 'buildx', 'version'], { env, signal })
  if ('missing' in client) return client
  const found = await probe(['docker', 'buildx', 'inspect'], { env, signal })
  if ('missing' in found) return found
  const { driver, isRunning, platforms } = readInspect(found.output)
  if (driver === 'docker') {
    return {
      missing:
        'has a builder with the docker driver, which exports no OCI layout (docker buildx create --use)',
    }
  }
  if (driver === 'remote' && !isRunning) return { missing: 'has a remote builder that does not answer' }
  const version = /\bv\d\S*/.exec(client.output)?.[0] ?? ''
  return {
    name: 'buildx',
    description: `docker buildx ${version} (${driver})`,
    platforms: platforms.length > 0 ? platforms : undefined,
    build: async (request) => {
      await runBuilder(['docker', ...buildxArguments(request)], { ...request, env })
    },
  }
}

/** The arguments of `docker`. Pure. */
export function buildxArguments(request: BuilderRequest): string[] {
  return [
    'buildx',
    'build',
    '--progress=plain',
    '--provenance=false',
    '--sbom=false',
    ...dockerArguments(request),
    ...flags('--build-arg', [['SOURCE_DATE_EPOCH', String(request.epoch)]]),
    ...flags(
      '--build-context',
      buildkitContexts(request).map(([name, value]) => [name, contextSource(value)] as const),
    ),
    `--output=type=oci,tar=false,rewrite-timestamp=true,dest=${request.destination}`,
    request.context,
  ]
}

/** What `docker buildx build` and `docker build` have in common, but for the context. */
export function dockerArguments({ dockerfile, target, args, platform, noCache }: BuilderRequest): string[] {
  return [
    `--file=${dockerfile}`,
    `--platform=${formatPlatform(platform)}`,
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...flags('--build-arg', Object.entries(args)),
    ...(noCache ? ['--no-cache'] : []),
  ]
}

/** The value of `--build-context NAME=...`. */
export function contextSource(value: BuilderContext): string {
  switch (value.kind) {
    case 'folder':
      return value.path
    case 'image':
      return `docker-image://${value.reference}`
    case 'layout':
      return `oci-layout://${value.path}@${value.digest}`
  }
}

/** Driver, state and platforms in the text of `docker buildx inspect`. */
export function readInspect(text: string): { driver: string; isRunning: boolean; platforms: Platform[] } {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? ''
  const names = [...text.matchAll(/^Platforms:\s*(.*)$/gm)].flatMap((match) => match[1]!.split(','))
  const platforms = names.map((name) => name.trim().replace(/\*$/, '')).filter((name) => name.includes('/'))
  return {
    driver: field('Driver') || 'unknown',
    isRunning: field('Status') === 'running',
    platforms: platforms.map(parsePlatform),
  }
}
