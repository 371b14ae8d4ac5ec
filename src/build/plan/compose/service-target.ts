/** A service with a `build` section as a target (docs.docker.com/reference/compose-file/build). */
import { relative, resolve } from 'node:path'
import { Failure, failureAt, nearest, type Place } from '../../../base/index.ts'
import { EntryError, parseEntries, type Entry } from '../bake/entries.ts'
import type { FieldName } from '../bake/fields.ts'
import type { BakeTarget, FieldValue } from '../bake/target.ts'
import type { PlanWarning } from '../model.ts'
import type { ComposeProject } from './load-project.ts'
import { child, flagOf, isEmpty, isList, isMap, mustBe, pairsOf, textOf, textsOf, type Node } from './node.ts'
import { serviceEnvironment } from './service-environment.ts'

export interface ServiceOptions {
  readonly project: ComposeProject
  /** working directory: paths of targets are relative to it */
  readonly directory: string
  readonly warn: (warning: PlanWarning) => void
}

/** What to read of each key of `build`: the field it sets and its value; nothing for what is not set. */
type Read = (node: Node, context: ReadContext) => FieldValue | undefined

interface ReadContext extends ServiceOptions {
  readonly service: Node
  /** of the key, for messages */
  readonly what: string
}

const text: Read = (node, { what }) => textOf(node, what)
const texts: Read = (node, { what }) => textsOf(node, what)
const flag: Read = (node, { what }) => flagOf(node, what) || undefined
const path: Read = (node, context) => localPath(node, context)

/** Keys of the compose specification; a field of several keys has the values of all. */
export const buildKeys: Readonly<
  Record<string, { readonly field: FieldName; readonly read: Read } | undefined>
> = {
  context: { field: 'context', read: path },
  dockerfile: { field: 'dockerfile', read: text },
  dockerfile_inline: { field: 'dockerfile-inline', read: text },
  entitlements: { field: 'entitlements', read: texts },
  args: { field: 'args', read: readArgs },
  ssh: { field: 'ssh', read: readSsh },
  labels: {
    field: 'labels',
    read: (node, { what }) =>
      new Map(Array.from(pairsOf(node, what), ([key, value]) => [key, value ?? ''] as const)),
  },
  cache_from: { field: 'cache-from', read: entries('cache-from') },
  cache_to: { field: 'cache-to', read: entries('cache-to') },
  no_cache: { field: 'no-cache', read: flag },
  no_cache_filter: { field: 'no-cache-filter', read: texts },
  additional_contexts: { field: 'contexts', read: readContexts },
  network: { field: 'network', read: text },
  provenance: { field: 'attest', read: attest('provenance') },
  sbom: { field: 'attest', read: attest('sbom') },
  pull: { field: 'pull', read: flag },
  target: { field: 'target', read: text },
  shm_size: { field: 'shm-size', read: text },
  extra_hosts: { field: 'extra-hosts', read: readHosts },
  // Of Windows only: there is nothing to isolate, as nothing is run.
  isolation: undefined,
  privileged: {
    field: 'entitlements',
    read: (node, { what }) => (flagOf(node, what) ? ['security.insecure'] : undefined),
  },
  secrets: { field: 'secret', read: readSecrets },
  tags: { field: 'tags', read: texts },
  ulimits: { field: 'ulimits', read: readUlimits },
  platforms: { field: 'platforms', read: texts },
}

/** Keys of `x-bake`, which add to those of the specification. */
const bakeKeys: Readonly<Record<string, { readonly field: FieldName; readonly read: Read }>> = {
  tags: { field: 'tags', read: words },
  'cache-from': { field: 'cache-from', read: entries('cache-from') },
  'cache-to': { field: 'cache-to', read: entries('cache-to') },
  secret: { field: 'secret', read: entries('secret') },
  ssh: { field: 'ssh', read: entries('ssh') },
  platforms: { field: 'platforms', read: words },
  output: { field: 'output', read: entries('output') },
  pull: { field: 'pull', read: (node, { what }) => flagOf(node, what) },
  'no-cache': { field: 'no-cache', read: (node, { what }) => flagOf(node, what) },
  'no-cache-filter': { field: 'no-cache-filter', read: words },
  contexts: { field: 'contexts', read: readContexts },
}

/** Nothing for a service that only runs an image. @throws Failure PLAN_INVALID */
export function serviceTarget(name: string, service: Node, options: ServiceOptions): BakeTarget | undefined {
  const build = child(service, 'build')
  if (isEmpty(build)) return undefined
  const what = `services.${name}.build`
  const fields = new Map<FieldName, FieldValue>()
  const places = new Map<FieldName, Place>()
  const add = (field: FieldName, value: FieldValue | undefined, at: Place): void => {
    if (value === undefined) return
    fields.set(field, joined(fields.get(field), value))
    places.set(field, at)
  }
  const map = isMap(build) ? build : { ...build!, value: new Map([['context', build!]]) }
  if (isList(build)) throw mustBe(build, what, 'a path or a map')
  add('context', child(map, 'context') ? undefined : shownFolder(map.source.folder, options), map.keyAt())
  for (const [key, node] of map.value) {
    if (key.startsWith('x-') || isEmpty(node)) continue
    if (!Object.hasOwn(buildKeys, key)) throw unknownKey(key, node, { what, known: Object.keys(buildKeys) })
    const known = buildKeys[key]
    if (known)
      add(known.field, known.read(node, { ...options, service, what: `${what}.${key}` }), node.keyAt())
    else
      options.warn({ message: `${what}.${key} is not used: nothing is run in containers`, at: node.keyAt() })
  }
  const platform = child(service, 'platform')
  if (!fields.has('platforms') && !isEmpty(platform))
    add('platforms', [textOf(platform, `services.${name}.platform`)!], platform!.keyAt())
  const image = textOf(child(service, 'image'), `services.${name}.image`)
  if (image !== undefined) add('tags', [image], child(service, 'image')!.keyAt())
  const extension = child(map, 'x-bake')
  if (isMap(extension))
    for (const [key, node] of extension.value) {
      const known = Object.hasOwn(bakeKeys, key) ? bakeKeys[key] : undefined
      if (!known) throw unknownKey(key, node, { what: `${what}.x-bake`, known: Object.keys(bakeKeys) })
      add(known.field, known.read(node, { ...options, service, what: `${what}.x-bake.${key}` }), node.keyAt())
    }
  return { name: name.replaceAll('.', '_'), at: service.keyAt(), fields, places }
}

/** Lists of several keys are one; maps too, where the earlier wins; else the later wins. */
function joined(first: FieldValue | undefined, second: FieldValue): FieldValue {
  if (first === undefined || typeof first !== 'object' || typeof second !== 'object') return second
  if (first instanceof Map) return new Map([...(second as ReadonlyMap<string, string>), ...first])
  return [...(first as readonly string[]), ...(second as readonly string[])]
}

function unknownKey(
  key: string,
  node: Node,
  { what, known }: { what: string; known: readonly string[] },
): Failure {
  const suggestion = nearest(key, known)
  return new Failure('PLAN_INVALID', `unknown key "${key}" in ${what}`, {
    at: node.keyAt(),
    hint: suggestion ? `did you mean "${suggestion}"?` : `the keys here are ${known.join(', ')}`,
  })
}

/** A folder as it is shown: relative to the working directory. */
function shownFolder(folder: string, { directory }: Pick<ServiceOptions, 'directory'>): string {
  return relative(directory, folder) || '.'
}

/** A path of the file as one relative to the working directory; what is no path stays. */
function localPath(node: Node, context: ReadContext): string {
  const written = textOf(node, context.what) ?? '.'
  if (written.includes('://') || /^(?:service:|target:|github\.com\/|git@)/.test(written)) return written
  return shownFolder(resolve(node.source.folder, written), context)
}

/** A list of words, or one text with spaces between them. */
function words(node: Node, { what }: ReadContext): string[] {
  return isList(node)
    ? textsOf(node, what)
    : (textOf(node, what) ?? '').split(/\s+/).filter((word) => word !== '')
}

/** Names without a value have that of the service's environment, else of the project's. */
function readArgs(node: Node, { what, service, project }: ReadContext): FieldValue {
  const environment = serviceEnvironment(service, project)
  const args = Array.from(
    pairsOf(node, what),
    ([name, value]) => [name, value ?? environment(name) ?? null] as const,
  )
  return new Map(args)
}

/** `service:web` is the target of that service. */
function readContexts(node: Node, context: ReadContext): FieldValue {
  const { what } = context
  const nodes = isMap(node)
    ? [...node.value]
    : textsOf(node, what).map((item) => {
        const [name = '', value = ''] = item.split(/=(.*)/s)
        return [name, { ...node, value }] as const
      })
  return new Map(
    nodes.map(([name, item]) => {
      const path = localPath(item, context)
      const target = /^(?:service|target):(.*)$/.exec(path)?.[1]
      return [name, target === undefined ? path : `target:${target.replaceAll('.', '_')}`] as const
    }),
  )
}

/** `default`, the agent, or `id=path` of a socket or key. */
function readSsh(node: Node, context: ReadContext): Entry[] {
  const shown = (path: string): string => shownFolder(resolve(node.source.folder, path), context)
  return Array.from(pairsOf(node, context.what), ([id, path]) => ({
    id,
    ...(path !== null && { paths: shown(path) }),
  })).toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

function readHosts(node: Node, { what }: ReadContext): FieldValue {
  if (isMap(node))
    return new Map(Array.from(node.value, ([host, item]) => [host, textsOf(item, what).join(',')] as const))
  return new Map(
    textsOf(node, what).map((item) => {
      const [, host = item, address = ''] = /^([^=:]+)[=:](.*)$/s.exec(item) ?? []
      return [host, address.replace(/^\[(.*)\]$/, '$1')] as const
    }),
  )
}

/** Names of secrets, or maps with `source`; what they are stands in `secrets` of the project. */
function readSecrets(node: Node, { what, project, directory }: ReadContext): Entry[] {
  if (!isList(node)) throw mustBe(node, what, 'a list')
  return node.value.map((item) => {
    const id = isMap(item) ? textOf(child(item, 'source'), what) : textOf(item, what)
    if (id === undefined)
      throw new Failure('PLAN_INVALID', `a secret of ${what} has no source`, { at: item.at() })
    const secret = project.secrets.get(id)
    if (flagOf(child(secret, 'external'), `secrets.${id}.external`))
      throw new Failure('PLAN_INVALID', `the secret "${id}" is external: it cannot be had here`, {
        at: item.at(),
      })
    const file = child(secret, 'file')
    const env = textOf(child(secret, 'environment'), `secrets.${id}.environment`)
    const src =
      file &&
      shownFolder(resolve(file.source.folder, textOf(file, `secrets.${id}.file`) ?? ''), { directory })
    return { id, ...(src !== undefined && { src }), ...(env !== undefined && { env }) }
  })
}

function readUlimits(node: Node, { what }: ReadContext): string[] {
  if (!isMap(node)) throw mustBe(node, what, 'a map')
  return Array.from(node.value, ([name, item]) => {
    const limit = (key: string) => textOf(isMap(item) ? child(item, key) : item, `${what}.${name}`) ?? '0'
    return `${name}=${limit('soft')}:${limit('hard')}`
  })
}

function entries(field: FieldName): Read {
  return (node, context) => {
    try {
      const list = field === 'ssh' || !isList(node) ? words(node, context) : textsOf(node, context.what)
      return list.flatMap((item) => parseEntries(field, item))
    } catch (error) {
      if (!(error instanceof EntryError)) throw failureAt(error, node.at())
      throw new Failure('PLAN_INVALID', `${context.what} has an entry that is wrong: ${error.message}`, {
        at: node.at(),
      })
    }
  }
}

/** `true`, `false`, or what it is to be like: `mode=max`. */
function attest(type: string): Read {
  return (node, context) => {
    const value = textOf(node, context.what) ?? ''
    if (/^(?:true|1|t)$/i.test(value)) return [{ type }]
    if (/^(?:false|0|f)$/i.test(value)) return [{ type, disabled: 'true' }]
    return parseEntries('attest', `type=${type},${value}`)
  }
}
