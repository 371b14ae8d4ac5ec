/** Values of compose files with their places, their variables and the folder their paths are relative to. */
import { Failure, type Place } from '../../../base/index.ts'
import type { PathSegment, YamlDocument } from '../../../yaml/index.ts'
import { interpolate, type Variables } from './interpolate.ts'

/** What a file gives all its values. */
export interface NodeSource {
  readonly variables: Variables
  /** absolute; relative paths of the file are relative to it */
  readonly folder: string
}

export type Scalar = string | number | boolean | null

export interface Node {
  readonly value: Scalar | readonly Node[] | ReadonlyMap<string, Node>
  readonly source: NodeSource
  readonly at: () => Place
  /** of the key, where it has one */
  readonly keyAt: () => Place
  /** `!override`: takes the place of what earlier files say; `!reset`: takes it away */
  readonly tag: 'override' | 'reset' | undefined
}

type MapNode = Omit<Node, 'value'> & { readonly value: ReadonlyMap<string, Node> }
type ListNode = Omit<Node, 'value'> & { readonly value: readonly Node[] }

/** How compose files are read: with tags of their own, and anchors that are used more often than in other plans. */
export const composeYaml = { tags: ['!override', '!reset'], aliasLimit: 10_000 }

export function nodeOf(document: YamlDocument, source: NodeSource): Node {
  const make = (value: unknown, path: readonly PathSegment[]): Node => ({
    value: Array.isArray(value)
      ? value.map((item, index) => make(item, [...path, index]))
      : typeof value === 'object' && value !== null
        ? new Map(Object.entries(value).map(([key, item]) => [key, make(item, [...path, key])] as const))
        : ((value ?? null) as Scalar),
    source,
    at: () => document.placeOf(path),
    keyAt: () => document.placeOf(path, 'key'),
    tag:
      document.tagOf(path) === '!override'
        ? 'override'
        : document.tagOf(path) === '!reset'
          ? 'reset'
          : undefined,
  })
  return make(document.value, [])
}

export function isMap(node: Node | undefined): node is MapNode {
  return node?.value instanceof Map
}

export function isList(node: Node | undefined): node is ListNode {
  return Array.isArray(node?.value)
}

export function isEmpty(node: Node | undefined): boolean {
  return node === undefined || node.value === null
}

/** A part of a map; nothing where there is none. */
export function child(node: Node | undefined, key: string): Node | undefined {
  return isMap(node) ? node.value.get(key) : undefined
}

/** Nothing for null. @throws Failure PLAN_INVALID for a list or a map */
export function textOf(node: Node | undefined, what: string): string | undefined {
  if (node === undefined || node.value === null) return undefined
  const { value } = node
  if (typeof value === 'string') return interpolate(value, node.source.variables, node.at)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw mustBe(node, what, 'a text')
}

export function flagOf(node: Node | undefined, what: string): boolean {
  const text = textOf(node, what)
  if (text === undefined) return false
  if (/^(?:true|yes|on|y|1)$/i.test(text)) return true
  if (/^(?:false|no|off|n|0|)$/i.test(text)) return false
  throw mustBe(node!, what, 'true or false')
}

/** @throws Failure PLAN_INVALID for a map */
export function textsOf(node: Node | undefined, what: string): string[] {
  if (isEmpty(node)) return []
  if (isList(node)) return node.value.flatMap((item) => textOf(item, what) ?? [])
  if (isMap(node)) throw mustBe(node, what, 'a list')
  return [textOf(node, what)!]
}

/** `KEY: value` or `- KEY=value`; null is a key without a value. The later wins. */
export function pairsOf(node: Node | undefined, what: string): Map<string, string | null> {
  if (isEmpty(node)) return new Map()
  if (isMap(node))
    return new Map(Array.from(node.value, ([key, item]) => [key, textOf(item, what) ?? null] as const))
  if (!isList(node)) throw mustBe(node!, what, 'a map or a list')
  return new Map(
    textsOf(node, what).map((text) => {
      const equals = text.indexOf('=')
      return equals < 0 ? ([text, null] as const) : ([text.slice(0, equals), text.slice(equals + 1)] as const)
    }),
  )
}

export function mustBe(node: Node, what: string, wanted: string): Failure {
  const found = isMap(node) ? 'a map' : isList(node) ? 'a list' : JSON.stringify(node.value)
  return new Failure('PLAN_INVALID', `${what} must be ${wanted}, not ${found}`, { at: node.at() })
}
