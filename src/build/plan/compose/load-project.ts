/** Compose files as one project: `include`, `extends` and later files applied; everything else left as it stands. */
import { statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { Failure, formatPlace, nearest } from '../../../base/index.ts'
import { parseYaml } from '../../../yaml/index.ts'
import type { LookUp } from '../bake/variables.ts'
import { readPlanFile, type PlanFileText } from '../file-texts.ts'
import type { PlanWarning } from '../model.ts'
import { parseDotenv } from './dotenv.ts'
import type { Variables } from './interpolate.ts'
import { mergeNodes } from './merge.ts'
import {
  child,
  composeYaml,
  isEmpty,
  isList,
  isMap,
  mustBe,
  nodeOf,
  textOf,
  textsOf,
  type Node,
  type NodeSource,
} from './node.ts'

export interface ComposeProject {
  readonly services: ReadonlyMap<string, Node>
  readonly secrets: ReadonlyMap<string, Node>
  /** process environment and `.env` */
  readonly lookUp: LookUp
}

export interface ProjectOptions {
  readonly lookUp: LookUp
  /** working directory: paths in messages are relative to it */
  readonly directory: string
  readonly warn: (warning: PlanWarning) => void
}

/** The project folder is that of the first file. @throws Failure PLAN_INVALID | PLAN_NOT_FOUND | FILE_SYSTEM */
export function loadProject(files: readonly PlanFileText[], options: ProjectOptions): ComposeProject {
  const folder = dirname(files[0]!.path)
  return loadFiles(files, { ...options, folder, including: [] })
}

interface LoadContext extends ProjectOptions {
  /** absolute: relative paths of the files are relative to it */
  readonly folder: string
  /** paths of the files that include these */
  readonly including: readonly string[]
  /** `.env` files; default: that of the folder, if it is there */
  readonly envFiles?: readonly string[]
}

function loadFiles(files: readonly PlanFileText[], context: LoadContext): ComposeProject {
  const lookUp = withDotenv(context)
  const source: NodeSource = { folder: context.folder, variables: variablesOf(lookUp, context.warn) }
  const loaded = files.map((file) => loadFile(file, source, { ...context, lookUp }))
  const merge = (key: 'services' | 'secrets'): ReadonlyMap<string, Node> => {
    const merged = new Map<string, Node>()
    for (const parts of loaded)
      for (const [name, node] of parts[key]) {
        const known = merged.get(name)
        if (node.tag === 'reset') merged.delete(name)
        else merged.set(name, known ? mergeNodes(known, node) : node)
      }
    return merged
  }
  return { services: merge('services'), secrets: merge('secrets'), lookUp }
}

/** The environment, then `.env`. */
function withDotenv({ lookUp, folder, directory, envFiles }: LoadContext): LookUp {
  const own = resolve(folder, '.env')
  const files = envFiles ?? (statSync(own, { throwIfNoEntry: false })?.isFile() ? [own] : [])
  const found = new Map<string, string>()
  for (const path of files) {
    const { file, text } = readPlanFile(relative(directory, path) || path, directory)
    for (const [name, value] of parseDotenv(text, file, (wanted) => lookUp(wanted) ?? found.get(wanted)))
      found.set(name, value)
  }
  return (name) => lookUp(name) ?? found.get(name)
}

function variablesOf(lookUp: LookUp, warn: (warning: PlanWarning) => void): Variables {
  return {
    get: lookUp,
    missing: (name, at) =>
      warn({
        message: `variable ${name} is not set; it is empty`,
        at,
        hint: `give it a default: \${${name}:-value}`,
      }),
  }
}

interface Parts {
  readonly services: ReadonlyMap<string, Node>
  readonly secrets: ReadonlyMap<string, Node>
}

function loadFile({ file, path, text }: PlanFileText, source: NodeSource, context: LoadContext): Parts {
  const root = nodeOf(parseYaml(text, file, composeYaml), source)
  if (!isEmpty(root) && !isMap(root)) throw mustBe(root, file, 'a map')
  const services = sectionOf(root, 'services')
  const extended = new Map(
    Array.from(services.keys(), (name) => [name, extend(name, { services, path, file }, context)] as const),
  )
  const parts: Parts = { services: extended, secrets: sectionOf(root, 'secrets') }
  const include = child(root, 'include')
  if (isEmpty(include)) return parts
  if (!isList(include)) throw mustBe(include!, 'include', 'a list')
  return include.value.reduce(
    (all, item) => withIncluded(all, item, { ...context, including: [...context.including, path] }),
    parts,
  )
}

function sectionOf(root: Node, key: string): ReadonlyMap<string, Node> {
  const section = child(root, key)
  if (isEmpty(section)) return new Map()
  if (!isMap(section)) throw mustBe(section!, key, 'a map')
  return section.value
}

/** A path, or a map of `path` (one or several), `project_directory` and `env_file`. */
function withIncluded(parts: Parts, item: Node, context: LoadContext): Parts {
  const paths = isMap(item) ? textsOf(child(item, 'path'), 'path of include') : [textOf(item, 'include')!]
  const files = paths.map((path) => readAt(resolve(context.folder, path), item, context.directory))
  const [first] = files
  if (!first) throw new Failure('PLAN_INVALID', 'this include has no path', { at: item.at() })
  if (context.including.includes(first.path))
    throw new Failure('PLAN_INVALID', `${first.file} includes itself`, { at: item.at() })
  const folder = textOf(child(item, 'project_directory'), 'project_directory')
  const envFiles = textsOf(child(item, 'env_file'), 'env_file').filter((file) => file !== '/dev/null')
  const included = loadFiles(files, {
    ...context,
    folder: folder === undefined ? dirname(first.path) : resolve(context.folder, folder),
    ...(!isEmpty(child(item, 'env_file')) && {
      envFiles: envFiles.map((file) => resolve(context.folder, file)),
    }),
  })
  const join = (key: 'services' | 'secrets'): ReadonlyMap<string, Node> => {
    const joined = new Map(parts[key])
    for (const [name, node] of included[key]) {
      const known = joined.get(name)
      if (known && known.keyAt().file !== node.keyAt().file)
        throw new Failure('PLAN_INVALID', `${first.file} has "${name}" in its ${key} too`, {
          at: known.keyAt(),
          hint: `the other is at ${formatPlace(node.keyAt())}`,
        })
      joined.set(name, node)
    }
    return joined
  }
  return { services: join('services'), secrets: join('secrets') }
}

function readAt(path: string, by: Node, directory: string): PlanFileText {
  const shown = relative(directory, path)
  try {
    return readPlanFile(shown.startsWith('..') ? path : shown, directory)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    throw new Failure(error.code, error.message, { at: by.at(), cause: error })
  }
}

interface Extending {
  readonly services: ReadonlyMap<string, Node>
  readonly path: string
  readonly file: string
}

/** A service with what it extends below it. */
function extend(
  name: string,
  { services, path, file }: Extending,
  context: LoadContext,
  from: readonly string[] = [],
): Node {
  const service = services.get(name)!
  const extended = child(service, 'extends')
  if (isEmpty(extended)) return service
  const key = `${path} ${name}`
  if (from.includes(key))
    throw new Failure('PLAN_INVALID', `the service "${name}" extends itself`, { at: extended!.at() })
  const other = isMap(extended)
    ? textOf(child(extended, 'service'), 'service of extends')
    : textOf(extended, 'extends')
  if (other === undefined)
    throw new Failure('PLAN_INVALID', 'extends names no service', { at: extended!.at() })
  const where = child(extended, 'file')
  const base = isEmpty(where) ? { services, path, file } : extendedFile(where!, service, context)
  if (!base.services.has(other)) {
    const suggestion = nearest(other, base.services.keys())
    throw new Failure('PLAN_INVALID', `${base.file} has no service "${other}" to extend`, {
      at: extended!.at(),
      hint: suggestion && `did you mean "${suggestion}"?`,
    })
  }
  const below = extend(other, base, context, [...from, key])
  const parts = new Map(isMap(below) ? below.value : [])
  parts.delete('extends')
  return mergeNodes({ ...below, value: parts }, service)
}

function extendedFile(where: Node, service: Node, context: LoadContext): Extending {
  const path = resolve(service.source.folder, textOf(where, 'file of extends')!)
  const { file, text } = readAt(path, where, context.directory)
  const source: NodeSource = { folder: dirname(path), variables: service.source.variables }
  const root = nodeOf(parseYaml(text, file, composeYaml), source)
  return { services: sectionOf(root, 'services'), path, file }
}
