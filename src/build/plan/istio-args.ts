/** Build arguments of Istio's images: from the environment, else from Makefile.core.mk, istio.deps and VERSION. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileFailure, systemCode } from '../../base/index.ts'

/** Arguments by name; one that is found nowhere is left out and warned of. */
export function istioArgs(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  warn: (message: string) => void,
): ReadonlyMap<string, string> {
  const makefile = once(() => readOptional(join(root, 'Makefile.core.mk')))
  const versions = once(() => pinnedVersions(readOptional(join(root, 'istio.deps')), warn))
  const makefileValue = (name: string) =>
    new RegExp(`^${name} \\?= *(.*)$`, 'm').exec(makefile() ?? '')?.[1]?.trim()
  const agentgateway = () => {
    const version = versions().get('AGENTGATEWAY_IMAGE')
    return version === undefined ? undefined : `cr.agentgateway.dev/agentgateway:${version}`
  }
  const args = new Map<string, string>()
  const set = (name: string, value: string | undefined, places: string) => {
    if (value !== undefined && value !== '') args.set(name, value)
    else warn(`build argument ${name} is left out: it is not in ${places}`)
  }
  const fromMakefile = (name: string) => env[name] ?? makefileValue(name)
  set('BASE_VERSION', fromMakefile('BASE_VERSION'), 'the environment (BASE_VERSION) or Makefile.core.mk')
  set(
    'ISTIO_BASE_REGISTRY',
    fromMakefile('ISTIO_BASE_REGISTRY'),
    'the environment (ISTIO_BASE_REGISTRY) or Makefile.core.mk',
  )
  set('proxy_version', versions().get('PROXY_REPO_SHA'), 'istio.deps (PROXY_REPO_SHA)')
  set('ztunnel_version', versions().get('ZTUNNEL_REPO_SHA'), 'istio.deps (ZTUNNEL_REPO_SHA)')
  // docker-builder's own search for "VERSION ?=" finds the line of BASE_VERSION; the version Makefile.core.mk
  // exports is the one in the file VERSION with -dev, so that is what a build without make gets here.
  set(
    'istio_version',
    fromMakefile('VERSION') ?? developmentVersion(readOptional(join(root, 'VERSION'))),
    'the environment (VERSION), Makefile.core.mk or the file VERSION',
  )
  set(
    'AGENTGATEWAY_IMAGE',
    env['AGENTGATEWAY_IMAGE'] || agentgateway(),
    'the environment (AGENTGATEWAY_IMAGE) or istio.deps',
  )
  return args
}

function developmentVersion(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${text.trim()}-dev`
}

function pinnedVersions(
  text: string | undefined,
  warn: (message: string) => void,
): ReadonlyMap<string, string> {
  try {
    const entries = JSON.parse(text ?? '[]') as { name?: unknown; lastStableSHA?: unknown }[]
    return new Map(entries.map((entry) => [String(entry.name), String(entry.lastStableSHA)] as const))
  } catch {
    warn('istio.deps is not read: it is not a JSON list of dependencies')
    return new Map()
  }
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw fileFailure('read', path, error)
  }
}

function once<T>(compute: () => T): () => T {
  let known: { value: T } | undefined
  return () => (known ??= { value: compute() }).value
}
