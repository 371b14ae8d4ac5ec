/** The environment of a service: where build arguments without a value take theirs from. */
import { relative, resolve } from 'node:path'
import type { LookUp } from '../bake/variables.ts'
import { readPlanFile } from '../file-texts.ts'
import { parseDotenv } from './dotenv.ts'
import type { ComposeProject } from './load-project.ts'
import { child, flagOf, isEmpty, isList, isMap, pairsOf, textOf, type Node } from './node.ts'

/** `environment`, then `env_file`, then the environment of the project. Files are read when a name is looked up. */
export function serviceEnvironment(service: Node, { lookUp }: Pick<ComposeProject, 'lookUp'>): LookUp {
  let own: ReadonlyMap<string, string | null> | undefined
  let files: ReadonlyMap<string, string> | undefined
  return (name) => {
    own ??= pairsOf(child(service, 'environment'), 'environment')
    const value = own.get(name)
    if (value !== undefined) return value ?? lookUp(name)
    files ??= readFiles(child(service, 'env_file'), lookUp)
    return files.get(name) ?? lookUp(name)
  }
}

/** A path, or a list of paths and of maps with `path` and `required`. */
function readFiles(node: Node | undefined, lookUp: LookUp): ReadonlyMap<string, string> {
  if (isEmpty(node)) return new Map()
  const found = new Map<string, string>()
  for (const item of isList(node) ? node.value : [node!]) {
    const where = isMap(item) ? child(item, 'path') : item
    const isOptional =
      isMap(item) && !isEmpty(child(item, 'required')) && !flagOf(child(item, 'required'), 'required')
    const path = resolve(item.source.folder, textOf(where, 'env_file') ?? '')
    try {
      const { file, text } = readPlanFile(relative(process.cwd(), path), process.cwd())
      for (const [name, value] of parseDotenv(text, file, lookUp)) found.set(name, value)
    } catch (error) {
      if (!isOptional) throw error
    }
  }
  return found
}
