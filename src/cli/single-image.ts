/** A plan of one image, as `slipway build` means it. */
import { statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { Failure } from '../base/index.ts'
import { resolveContext, type ResolvedImage, type ResolvedPlan } from '../build/index.ts'
import { formatReference, hostPlatform, parsePlatform, parseReference } from '../oci/index.ts'
import type { BuildFlags } from './build-flags.ts'
import { parsePairs } from './flags.ts'

export interface SingleImageOptions {
  readonly directory: string
  readonly env: NodeJS.ProcessEnv
}

/** @throws Failure USAGE | REFERENCE_INVALID | PLATFORM_INVALID */
export function singleImagePlan(
  context: string,
  flags: BuildFlags,
  { directory, env }: SingleImageOptions,
): ResolvedPlan {
  if (context === '-' || /^(?:https?|git|ssh):\/\//.test(context)) {
    throw new Failure('USAGE', `the context "${context}" is not a folder`, {
      hint: 'clone or unpack it and name the folder',
    })
  }
  const folder = resolve(directory, context)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure('CONTEXT_INVALID', `the build context ${context} is not a folder`, {
      hint: 'name the folder that COPY reads from, such as "."',
    })
  }
  const dockerfile = flags.file === undefined ? join(folder, 'Dockerfile') : resolve(directory, flags.file)
  const platforms = (flags.platform ?? []).map((text) => parsePlatform(text))
  const args = parsePairs('--build-arg', flags.buildArg, env)
  const image: ResolvedImage = {
    name: basename(folder),
    variant: undefined,
    tags: (flags.tag ?? []).map((text) => formatReference(parseReference(text))),
    base: false,
    dockerfile,
    dockerfileAt: undefined,
    target: flags.target,
    args,
    ownArgs: Object.keys(args),
    labels: parsePairs('--label', flags.label),
    annotations: parsePairs('--annotation', flags.annotation),
    capabilities: {},
    platforms: (platforms.length > 0 ? platforms : [hostPlatform()]).map((platform) => ({
      platform,
      files: undefined,
      context: folder,
      contexts: namedContexts(flags.buildContext, directory),
      needs: [],
    })),
    delegate: flags.delegate,
    at: undefined,
  }
  return {
    root: directory,
    file: 'command line',
    platforms: image.platforms.map(({ platform }) => platform),
    commands: [],
    images: [image],
    planReferences: new Map(),
    resolveImage: () => image,
    warnings: [],
  }
}

function namedContexts(texts: readonly string[] | undefined, directory: string): Record<string, string> {
  const contexts = parsePairs('--build-context', texts)
  return Object.fromEntries(
    Object.entries(contexts).map(([name, value]) => [name, resolveContext(directory, value)]),
  )
}
