/** The build contexts of a run: made when the artifacts they hold are ready, and shared by builds that need the same. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode, type Place } from '../base/index.ts'
import { parseDockerfile, parseIgnore, type Dockerfile, type IgnoreRules } from '../dockerfile/index.ts'
import { formatPlatform, type Platform } from '../oci/index.ts'
import { folderTree } from './context/folder.ts'
import { virtualTree } from './context/virtual.ts'
import type { ContextFile, ResolvedImage, ResolvedPlatform } from './plan/model.ts'
import type { Tree } from './tree.ts'

export interface ContextOptions {
  /** project root, for showing paths */
  readonly root: string
  /** seconds since the epoch for every entry of a layer */
  readonly mtime: number
  readonly warn: (message: string, at?: Place) => void
}

/** What of an image says which Dockerfile it has. */
export type DockerfileOf = Pick<ResolvedImage, 'name' | 'dockerfile' | 'dockerfileAt' | 'dockerfileInline'>

export interface Contexts {
  /** The build context of one build. @throws Failure CONTEXT_INVALID | ARTIFACT_NOT_FOUND */
  context(build: ResolvedPlatform, image: DockerfileOf): Tree
  /** The parsed Dockerfile; read once per run. @throws Failure DOCKERFILE_NOT_FOUND | DOCKERFILE_SYNTAX */
  dockerfile(image: DockerfileOf): Dockerfile
  /** A named context that is a folder. */
  folder(path: string, name: string): Tree
}

export function newContexts(options: ContextOptions): Contexts {
  const trees = new Map<string, Tree>()
  const dockerfiles = new Map<string, Dockerfile>()
  const share = (key: string, make: () => Tree): Tree => {
    const known = trees.get(key)
    if (known) return known
    const tree = make()
    trees.set(key, tree)
    return tree
  }
  const shown = (path: string): string =>
    path.startsWith(`${options.root}/`) ? path.slice(options.root.length + 1) : path
  return {
    context({ context, files, needs, platform }, image) {
      const ready = needs.map((command) => command.id).join()
      if (context === undefined) {
        const list = files ?? []
        const key = `files ${ready} ${list.map((file) => `${file.name}=${file.source}`).join()}`
        return share(key, () => virtualContext(list, platform, { ...options, shown }))
      }
      const ignore = ignoreFile(context, image)
      return share(`folder ${ready} ${context} ${ignore ?? ''}`, () => {
        checkFolder(context, shown(context))
        return folderTree(context, {
          ...options,
          description: `the build context ${shown(context) === options.root ? '.' : shown(context)}`,
          ignore: ignore === undefined ? undefined : readIgnore(ignore, shown(ignore)),
        })
      })
    },
    dockerfile(image) {
      const { dockerfile: path, dockerfileAt, dockerfileInline } = image
      const key = dockerfileInline ?? path
      const known = dockerfiles.get(key)
      if (known) return known
      const dockerfile =
        dockerfileInline === undefined
          ? parseDockerfile(readDockerfile(path, shown(path), dockerfileAt), shown(path))
          : parseDockerfile(dockerfileInline, inlineName(image))
      for (const { rule, message, place } of dockerfile.warnings) {
        if (!isStyle(rule)) options.warn(message, place)
      }
      dockerfiles.set(key, dockerfile)
      return dockerfile
    },
    folder(path, name) {
      return share(`named ${path}`, () => {
        checkFolder(path, shown(path))
        const ignore = join(path, '.dockerignore')
        const rules = isFile(ignore) ? readIgnore(ignore, shown(ignore)) : undefined
        return folderTree(path, {
          ...options,
          description: `the build context "${name}" (${shown(path)})`,
          ignore: rules,
        })
      })
    },
  }
}

/** Matters of style are what `--check` is for. */
function isStyle(rule: Dockerfile['warnings'][number]['rule']): boolean {
  return rule === 'NoEmptyContinuation' || rule === 'ReservedStageName'
}

function readDockerfile(path: string, shown: string, at: Place | undefined): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why =
      systemCode(cause) === 'ENOENT'
        ? 'it does not exist'
        : (fileFailure('read', shown, cause) as Error).message
    throw new Failure('DOCKERFILE_NOT_FOUND', `the Dockerfile ${shown} cannot be read: ${why}`, { at, cause })
  }
}

interface VirtualContextOptions extends ContextOptions {
  readonly shown: (path: string) => string
}

function virtualContext(
  files: readonly ContextFile[],
  platform: Platform,
  options: VirtualContextOptions,
): Tree {
  const missing = files.filter((file) => statSync(file.source, { throwIfNoEntry: false }) === undefined)
  if (missing.length > 0) throw missingArtifacts(missing, platform, options.shown)
  return virtualTree(
    files.map(({ name, alias, source }) => ({ name, source, ...(alias !== undefined && { alias }) })),
    { ...options, description: `the files of the plan for ${formatPlatform(platform)}` },
  )
}

function missingArtifacts(
  files: readonly ContextFile[],
  platform: Platform,
  shown: (path: string) => string,
): Failure {
  const failures = files.map(({ source, from, architectureSpecific }) => {
    const kind = architectureSpecific ? `artifact for ${formatPlatform(platform)}` : 'file'
    return new Failure(
      'ARTIFACT_NOT_FOUND',
      `${kind} "${from.text}" is not there: looked for ${shown(source)}`,
      {
        at: from.at,
        hint: 'build it first, or let the plan build it with "artifacts" or "targets" (and without --skip-artifacts)',
      },
    )
  })
  const [first, ...others] = failures
  return new Failure(first!.code, first!.message, { at: first!.at, hint: first!.hint, others })
}

function checkFolder(path: string, shown: string): void {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory()) return
  const why = stats === undefined ? 'it does not exist' : 'it is not a folder'
  throw new Failure('CONTEXT_INVALID', `the build context ${shown} cannot be used: ${why}`)
}

/** What messages call a Dockerfile that stands in the plan. */
export function inlineName({ name }: Pick<ResolvedImage, 'name'>): string {
  return `dockerfile-inline of ${name}`
}

/** `<Dockerfile>.dockerignore` beside the Dockerfile, if that is a file, beats `.dockerignore` of the context. */
export function ignoreFile(
  context: string,
  { dockerfile, dockerfileInline }: Pick<DockerfileOf, 'dockerfile' | 'dockerfileInline'>,
): string | undefined {
  const beside = dockerfileInline === undefined ? [`${dockerfile}.dockerignore`] : []
  return [...beside, join(context, '.dockerignore')].find((path) => isFile(path))
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function readIgnore(path: string, shown: string): IgnoreRules {
  try {
    return parseIgnore(readFileSync(path, 'utf8'), shown)
  } catch (error) {
    throw systemCode(error) === undefined ? error : fileFailure('read', path, error)
  }
}
