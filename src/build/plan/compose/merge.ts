/** How a later compose file changes an earlier one (docs.docker.com/reference/compose-file/merge). */
import { Failure, formatPlace } from '../../../base/index.ts'
import { isEmpty, isList, isMap, type Node } from './node.ts'

/** Fields of a service that are maps, and may be written as lists of `KEY=value`. */
const pairFields = new Set([
  'environment',
  'labels',
  'annotations',
  'build.args',
  'build.labels',
  'build.additional_contexts',
])
/** Fields that may be one text or a list of them. */
const listFields = new Set(['env_file', 'label_file', 'dns', 'tmpfs', 'build.extra_hosts', 'extra_hosts'])
/** Fields that the later file replaces whole. */
const replacedFields = new Set(['command', 'entrypoint', 'healthcheck.test'])

/** `path`: within the service, such as `build.args`. @throws Failure PLAN_INVALID for a map that meets a list */
export function mergeNodes(first: Node, second: Node, path = ''): Node {
  if (second.tag === 'override' || replacedFields.has(path)) return second
  if (second.value === null) return first
  if (isEmpty(first)) return second
  if (path === 'build') return mergeMaps(asBuild(first), asBuild(second), path)
  if (pairFields.has(path)) return mergePairs(first, second)
  if (listFields.has(path)) return { ...second, value: [...asList(first), ...asList(second)] }
  if (isMap(first) && isMap(second)) return mergeMaps(first, second, path)
  if (isList(first) && isList(second))
    return { ...second, value: withoutRepeats([...first.value, ...second.value]) }
  // A limit may be a number or a map of two.
  if (
    (isMap(first) || isList(first) || isMap(second) || isList(second)) &&
    !/(?:^|\.)ulimits\.[^.]*$/.test(path)
  )
    throw new Failure('PLAN_INVALID', `${path || 'this'} cannot be merged with what an earlier file says`, {
      at: second.at(),
      hint: `it is of another kind at ${formatPlace(first.at())}; !override replaces it`,
    })
  return second
}

function mergeMaps(first: Node, second: Node, path: string): Node {
  const merged = new Map(isMap(first) ? first.value : [])
  for (const [key, node] of isMap(second) ? second.value : []) {
    const known = merged.get(key)
    if (node.tag === 'reset') merged.delete(key)
    else merged.set(key, known ? mergeNodes(known, node, path === '' ? key : `${path}.${key}`) : node)
  }
  return { ...second, value: merged }
}

/** A path alone is the context. */
function asBuild(node: Node): Node {
  return isMap(node) ? node : { ...node, value: new Map([['context', node]]) }
}

function mergePairs(first: Node, second: Node): Node {
  return { ...second, value: new Map([...asPairs(first), ...asPairs(second)]) }
}

/** Values stay nodes: each has the variables of its own file. */
function asPairs(node: Node): ReadonlyMap<string, Node> {
  if (isMap(node)) return node.value
  return new Map(
    asList(node).map((item): readonly [string, Node] => {
      const text = typeof item.value === 'string' ? item.value : String(item.value as number | boolean)
      const equals = text.indexOf('=')
      if (equals < 0) return [text, { ...item, value: null }]
      return [text.slice(0, equals), { ...item, value: text.slice(equals + 1) }]
    }),
  )
}

function asList(node: Node): readonly Node[] {
  if (isList(node)) return node.value
  if (isMap(node))
    return Array.from(node.value, ([key, item]) => ({
      ...item,
      value: item.value === null ? key : `${key}=${String(item.value as string)}`,
    }))
  return isEmpty(node) ? [] : [node]
}

function withoutRepeats(items: readonly Node[]): Node[] {
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = JSON.stringify(item.value, (_, value: unknown) => (value instanceof Map ? [...value] : value))
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
