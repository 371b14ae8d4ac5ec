/** buildah: no daemon, its own storage. What the environment configures (isolation, storage) holds. */
import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { formatPlatform } from '../../../oci/index.ts'
import type { BuilderContext, BuilderRequest, DetectOptions, Detected } from './builder.ts'
import { flags, probe, runBuilder } from './command.ts'

/** Usable when `buildah info` can open its storage. */
export async function detectBuildah({ env, signal }: DetectOptions): Promise<Detected> {
  const client = await probe(['buildah', '--version'], { env, signal })
  if ('missing' in client) return client
  const info = await probe(['buildah', 'info'], { env, signal })
  if ('missing' in info) return info
  return {
    name: 'buildah',
    description: `buildah ${/\d+\.\d\S*/.exec(client.output)?.[0] ?? ''}`.trim(),
    platforms: undefined,
    async build(request) {
      const tag = `localhost/slipway-delegated:${randomUUID()}`
      const options = { ...request, env }
      const ignoreFile = `${request.dockerfile}.dockerignore`
      const hasIgnoreFile = await access(ignoreFile).then(
        () => true,
        () => false,
      )
      const iidFile = join(request.scratch, 'iid')
      await runBuilder(
        ['buildah', ...buildahArguments(request, { tag, iidFile, ...(hasIgnoreFile && { ignoreFile }) })],
        options,
      )
      try {
        await runBuilder(['buildah', 'push', tag, `oci:${request.destination}`], options)
      } finally {
        // Only our name goes: an image somebody else has a name for stays. A leftover does no harm.
        await runBuilder(['buildah', 'rmi', tag], { env }).catch(() => undefined)
      }
    },
  }
}

interface BuildahFiles {
  readonly tag: string
  readonly iidFile: string
  readonly ignoreFile?: string
}

/**
 * The arguments of `buildah`. Pure. Its layer cache is not used: it takes an image of another platform when the steps
 * are the same.
 */
export function buildahArguments(
  request: BuilderRequest,
  { tag, iidFile, ignoreFile }: BuildahFiles,
): string[] {
  const { dockerfile, target, args, platform, epoch, contexts, pins, context } = request
  return [
    'build',
    '--layers=false',
    '--format=oci',
    `--timestamp=${epoch}`,
    `--tag=${tag}`,
    `--iidfile=${iidFile}`,
    `--file=${dockerfile}`,
    `--platform=${formatPlatform(platform)}`,
    ...(ignoreFile === undefined ? [] : [`--ignorefile=${ignoreFile}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...flags('--build-arg', Object.entries(args)),
    ...flags('--build-context', [
      ...Array.from(pins, ([name, reference]) => [name, `docker-image://${reference}`] as const),
      ...Array.from(contexts, ([name, value]) => [name, contextSource(value)] as const),
    ]),
    ...(request.hasLoopbackBase ? ['--tls-verify=false'] : []),
    context,
  ]
}

function contextSource(value: BuilderContext): string {
  switch (value.kind) {
    case 'folder':
      return value.path
    case 'image':
      return `docker-image://${value.reference}`
    case 'layout':
      return `container-image://oci:${value.path}`
  }
}
