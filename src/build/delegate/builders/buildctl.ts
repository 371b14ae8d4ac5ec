/** BuildKit through `buildctl`: a daemon at `BUILDKIT_HOST` or at its default address. */
import { basename, dirname } from 'node:path'
import { formatPlatform, parsePlatform, type Platform } from '../../../oci/index.ts'
import { buildkitContexts } from '../names.ts'
import type { BuilderContext, BuilderRequest, DetectOptions, Detected } from './builder.ts'
import { flags, probe, runBuilder } from './command.ts'

/** The daemon's workers say what they run; one that does not answer is none. */
export async function detectBuildctl({ env, signal }: DetectOptions): Promise<Detected> {
  const found = await probe(['buildctl', '--timeout=5', 'debug', 'workers', '--format={{json .}}'], {
    env,
    signal,
  })
  if ('missing' in found) return found
  const { version, platforms } = readWorkers(found.output)
  return {
    name: 'buildctl',
    description: version === undefined ? 'buildctl' : `buildctl ${version}`,
    platforms,
    build: async (request) => {
      await runBuilder(['buildctl', ...buildctlArguments(request)], { ...request, env })
    },
  }
}

/** The arguments of `buildctl`. Pure. */
export function buildctlArguments(request: BuilderRequest): string[] {
  const { dockerfile, target, context, args, platform, epoch } = request
  const named = buildkitContexts(request).map(([name, value], index) =>
    namedContext(name, value, `named-${index}`),
  )
  return [
    'build',
    '--progress=plain',
    '--frontend=dockerfile.v0',
    ...flags('--local', [
      ['context', context],
      ['dockerfile', dirname(dockerfile)],
    ]),
    ...flags('--opt', [
      ['filename', basename(dockerfile)],
      ['platform', formatPlatform(platform)],
      ...(target === undefined ? [] : [['target', target] as const]),
      ['build-arg:SOURCE_DATE_EPOCH', String(epoch)],
      ...Object.entries(args).map(([name, value]) => [`build-arg:${name}`, value] as const),
    ]),
    ...named.flat(),
    ...(request.noCache ? ['--no-cache'] : []),
    `--output=type=oci,tar=false,rewrite-timestamp=true,dest=${request.destination}`,
  ]
}

function namedContext(name: string, value: BuilderContext, id: string): string[] {
  const opt = (source: string) => ['--opt', `context:${name}=${source}`]
  switch (value.kind) {
    case 'folder':
      return ['--local', `${id}=${value.path}`, ...opt(`local:${id}`)]
    case 'image':
      return opt(`docker-image://${value.reference}`)
    case 'layout':
      return ['--oci-layout', `${id}=${value.path}`, ...opt(`oci-layout://${id}@${value.digest}`)]
  }
}

interface Worker {
  readonly platforms?: readonly {
    readonly os: string
    readonly architecture: string
    readonly variant?: string
  }[]
  readonly buildkitVersion?: { readonly version?: string }
}

/** Version and platforms in the answer; absent when it is of another shape. */
export function readWorkers(output: string): {
  version: string | undefined
  platforms: readonly Platform[] | undefined
} {
  let workers: readonly Worker[]
  try {
    workers = JSON.parse(output.slice(output.indexOf('['))) as readonly Worker[]
  } catch {
    return { version: undefined, platforms: undefined }
  }
  const platforms = workers.flatMap((worker) => worker.platforms ?? [])
  return {
    version: workers.find((worker) => worker.buildkitVersion?.version)?.buildkitVersion?.version,
    platforms: platforms.map(({ os, architecture, variant }) =>
      parsePlatform([os, architecture, ...(variant ? [variant] : [])].join('/')),
    ),
  }
}
