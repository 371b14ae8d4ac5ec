/**
 * Which keys a compiled schema looks at. The schemas of `@kubernetes-models` are code that reads every property it knows
 * of an object and no other; reading through this view tells the unknown ones, and the known ones that may have been meant.
 */
import type { PathSegment } from '../../../yaml/index.ts'

export interface SeenKeys {
  /** hand this to the schema */
  readonly view: object
  readonly unknown: () => UnknownKey[]
  /** the properties the schema knows at a path */
  readonly knownAt: (path: readonly PathSegment[]) => readonly string[]
}

export interface UnknownKey {
  /** of the object, without the key */
  readonly path: readonly PathSegment[]
  readonly key: string
  /** properties of the schema there that the object does not have */
  readonly known: readonly string[]
}

interface Node {
  readonly path: readonly PathSegment[]
  readonly value: object
  readonly seen: Set<string>
  /** the schema went over all keys: a map, such as labels */
  isMap: boolean
}

export function watchKeys(value: object): SeenKeys {
  const nodes = new Map<string, Node>()
  return {
    view: viewOf(value, [], nodes),
    unknown: () =>
      [...nodes.values()].flatMap((node) => {
        // An object of which nothing is looked at may hold anything.
        if (node.isMap || node.seen.size === 0 || Array.isArray(node.value)) return []
        const keys = Object.keys(node.value)
        const known = [...node.seen].filter((key) => !keys.includes(key))
        return keys.filter((key) => !node.seen.has(key)).map((key) => ({ path: node.path, key, known }))
      }),
    knownAt: (path) => [...(nodes.get(JSON.stringify(path))?.seen ?? [])],
  }
}

function viewOf(value: object, path: readonly PathSegment[], nodes: Map<string, Node>): object {
  const node: Node = { path, value, seen: new Set(), isMap: false }
  nodes.set(JSON.stringify(path), node)
  const views = new Map<string, object>()
  return new Proxy(value, {
    get(target, key) {
      if (typeof key !== 'string') return Reflect.get(target, key) as unknown
      node.seen.add(key)
      const child: unknown = Object.hasOwn(target, key) ? Reflect.get(target, key) : undefined
      if (typeof child !== 'object' || child === null)
        return Array.isArray(target) ? (Reflect.get(target, key) as unknown) : child
      const segment = Array.isArray(target) ? Number(key) : key
      const view = views.get(key) ?? viewOf(child, [...path, segment], nodes)
      views.set(key, view)
      return view
    },
    ownKeys(target) {
      node.isMap = true
      return Reflect.ownKeys(target)
    },
  })
}
