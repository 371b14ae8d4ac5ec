/** buildah: no daemon, its own storage. What the environment configures (isolation, storage) holds. */
import { randomUUID } from 'node:crypto'
import { access } from 'node:fs/promises'
import { relative } from 'node:path'
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
      // It makes a name of a layout's path, which must then be in lower case: so it gets a relative one.
      const options = { ...request, env, cwd: request.scratch }
      const ignoreFile = `${request.dockerfile}.dockerignore`
      const hasIgnoreFile = await access(ignoreFile).then(
        () => true,
        () => false,
      )
      const files = { tag, ...(hasIgnoreFile && { ignoreFile }) }
      try {
        await runBuilder(['buildah', ...buildahArguments(request, files)], options)
        await runBuilder(['buildah', 'push', tag, `oci:${request.destination}`], options)
      } finally {
        // Only our names go: an image somebody else has a name for stays. A leftover does no harm.
        for (const name of [tag, ...layoutNames(request)])
          await runBuilder(['buildah', 'rmi', name], { env }).catch(() => undefined)
      }
    },
  }
}

interface BuildahFiles {
  readonly tag: string
  readonly ignoreFile?: string
}

/**
 * The arguments of `buildah`. Pure. Its layer cache is not used: it takes an image of another platform when the steps
 * are the same.
 */
export function buildahArguments(request: BuilderRequest, { tag, ignoreFile }: BuildahFiles): string[] {
  const { dockerfile, target, args, platform, epoch, context } = request
  return [
    'build',
    '--layers=false',
    '--format=oci',
    '--identity-label=false',
    `--timestamp=${epoch}`,
    `--tag=${tag}`,
    `--file=${dockerfile}`,
    `--platform=${formatPlatform(platform)}`,
    ...(ignoreFile === undefined ? [] : [`--ignorefile=${ignoreFile}`]),
    ...(target === undefined ? [] : [`--target=${target}`]),
    ...flags('--build-arg', Object.entries(args)),
    ...flags('--build-context', namedContexts(request)),
    ...(request.noCache ? ['--no-cache'] : []),
    ...(request.hasLoopbackBase ? ['--tls-verify=false'] : []),
    context,
  ]
}

/** buildah compares names with a FROM as it is written, variables and all; later ones with what it expands to. */
function namedContexts({ contexts, pins, spellings, scratch }: BuilderRequest): Map<string, string> {
  const sources = new Map([
    ...Array.from(pins, ([name, reference]) => [name, `docker-image://${reference}`] as const),
    ...Array.from(contexts, ([name, value]) => [name, contextSource(value, scratch)] as const),
  ])
  for (const [written, name] of spellings) {
    const source = sources.get(name)
    if (source !== undefined) sources.set(written, source)
  }
  return sources
}

/** What buildah calls the images it takes from layouts. */
function layoutNames({ contexts, scratch }: BuilderRequest): string[] {
  const names = Array.from(contexts.values(), (value) =>
    value.kind === 'layout' ? [`localhost/${relative(scratch, value.path)}`] : [],
  )
  return names.flat()
}

function contextSource(value: BuilderContext, directory: string): string {
  switch (value.kind) {
    case 'folder':
      return value.path
    case 'image':
      return `docker-image://${value.reference}`
    case 'layout':
      return `container-image://oci:${relative(directory, value.path)}`
  }
}
