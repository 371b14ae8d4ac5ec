/** The build contexts of a run: made when the artifacts they hold are ready, and shared by builds that need the same. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode, type Place } from '../base/index.ts'
import { parseDockerfile, parseIgnore, type Dockerfile } from '../dockerfile/index.ts'
import { formatPlatform, type Platform } from '../oci/index.ts'
import { folderTree, type HostTree } from './context/folder.ts'
import { exists, type Witness } from './context/observation.ts'
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
  /** The same contexts for one build, every look at the host witnessed. */
  watched(witness: Witness): Contexts
}

export function newContexts(options: ContextOptions): Contexts {
  const trees = new Map<string, HostTree>()
  const dockerfiles = new Map<string, Dockerfile>()
  const texts = new Map<string, string | undefined>()
  const share = (key: string, make: () => HostTree): HostTree => {
    const known = trees.get(key)
    if (known) return known
    const tree = make()
    trees.set(key, tree)
    return tree
  }
  const shown = (path: string): string =>
    path.startsWith(`${options.root}/`) ? path.slice(options.root.length + 1) : path
  /** read once per run, so that what is witnessed is what was used */
  const textOf = (path: string, read: () => string | undefined): string | undefined => {
    if (!texts.has(path)) texts.set(path, read())
    return texts.get(path)
  }
  const watched = (witness?: Witness): Contexts => {
    const view = (tree: HostTree): Tree => (witness ? tree.watched(witness) : tree)
    /** The first of these files that is there, with its text. */
    const ignoreRules = (paths: readonly string[]): { path: string; text: string } | undefined => {
      for (const path of paths) {
        const text = textOf(path, () => readIgnore(path))
        witness?.text(path, text)
        if (text !== undefined) return { path, text }
      }
      return undefined
    }
    const hostFolder = (
      key: string,
      path: string,
      about: { description: string; ignore: string[] },
    ): Tree => {
      const ignore = ignoreRules(about.ignore)
      const tree = share(`${key} ${path} ${ignore?.path ?? ''}`, () => {
        checkFolder(path, shown(path))
        return folderTree(path, {
          ...options,
          description: about.description,
          ignore: ignore && parseIgnore(ignore.text, shown(ignore.path)),
        })
      })
      witness?.node(path, exists)
      return view(tree)
    }
    return {
      context({ context: path, files = [], needs, platform }, image) {
        const ready = needs.map((command) => command.id).join()
        if (path !== undefined) {
          const description = `the build context ${shown(path) === options.root ? '.' : shown(path)}`
          return hostFolder(`folder ${ready}`, path, { description, ignore: ignoreFiles(path, image) })
        }
        const key = `files ${ready} ${files.map((file) => `${file.name}=${file.source}`).join()}`
        const tree = share(key, () => virtualContext(files, platform, { ...options, shown }))
        for (const { source } of files) witness?.node(source, exists)
        return view(tree)
      },
      dockerfile(image) {
        const { dockerfile: path, dockerfileAt, dockerfileInline } = image
        const key = dockerfileInline ?? path
        const text =
          dockerfileInline ?? textOf(path, () => readDockerfile(path, shown(path), dockerfileAt)) ?? ''
        if (dockerfileInline === undefined) witness?.text(path, text)
        let dockerfile = dockerfiles.get(key)
        if (!dockerfile) {
          dockerfile = parseDockerfile(text, dockerfileInline === undefined ? shown(path) : inlineName(image))
          dockerfiles.set(key, dockerfile)
        }
        const { warn } = witness ?? options
        for (const { rule, message, place } of dockerfile.warnings) if (!isStyle(rule)) warn(message, place)
        return dockerfile
      },
      folder: (path, name) =>
        hostFolder('named', path, {
          description: `the build context "${name}" (${shown(path)})`,
          ignore: [join(path, '.dockerignore')],
        }),
      watched,
    }
  }
  return watched()
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
): HostTree {
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
function ignoreFiles(
  context: string,
  { dockerfile, dockerfileInline }: Pick<DockerfileOf, 'dockerfile' | 'dockerfileInline'>,
): string[] {
  const beside = dockerfileInline === undefined ? [`${dockerfile}.dockerignore`] : []
  return [...beside, join(context, '.dockerignore')]
}

/** The file with the rules that hold for a context. */
export function ignoreFile(
  context: string,
  image: Pick<DockerfileOf, 'dockerfile' | 'dockerfileInline'>,
): string | undefined {
  return ignoreFiles(context, image).find((path) => isFile(path))
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** Nothing when it is no file. */
function readIgnore(path: string): string | undefined {
  if (!isFile(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fileFailure('read', path, error)
  }
}
