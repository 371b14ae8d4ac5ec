import type { KubeManifest } from './objects.ts'
import type { World } from './world.ts'

/** One official test. Its objects are there before `run` and gone after it. */
export interface SuiteCase<Place extends World = World> {
  readonly name: string
  readonly objects?: readonly KubeManifest[]
  readonly run: (world: Place) => void | Promise<void>
}

/** A match of an HTTPRoute by a whole path. */
export function exactly(value: string): { readonly path: { readonly type: string; readonly value: string } } {
  return { path: { type: 'Exact', value } }
}

/** A match by a path's prefix, with others beside it. */
export function prefix(
  value: string,
  others: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return { path: { type: 'PathPrefix', value }, ...others }
}

/** Header or query matches: `{version: 'one'}` */
export function values(pairs: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(pairs).map(([name, value]) => ({ name, value }))
}

/** A rule with filters before it. */
export function filtered(
  rule: Readonly<Record<string, unknown>>,
  ...filters: readonly Readonly<Record<string, unknown>>[]
): Record<string, unknown> {
  return { ...rule, filters }
}

/** `{type: 'URLRewrite', urlRewrite: ...}` */
export const filter = {
  requestHeaders: (modifier: HeaderModifier) => ({
    type: 'RequestHeaderModifier',
    requestHeaderModifier: written(modifier),
  }),
  responseHeaders: (modifier: HeaderModifier) => ({
    type: 'ResponseHeaderModifier',
    responseHeaderModifier: written(modifier),
  }),
  redirect: (requestRedirect: object) => ({ type: 'RequestRedirect', requestRedirect }),
  rewrite: (urlRewrite: object) => ({ type: 'URLRewrite', urlRewrite }),
  mirror: (name: string, share: object = {}) => ({
    type: 'RequestMirror',
    requestMirror: { backendRef: { name, port: 8080 }, ...share },
  }),
  cors: (cors: object) => ({ type: 'CORS', cors }),
}

export interface HeaderModifier {
  readonly set?: Readonly<Record<string, string>>
  readonly add?: Readonly<Record<string, string>>
  readonly remove?: readonly string[]
}

function written({ set, add, remove }: HeaderModifier): object {
  return {
    ...(set ? { set: values(set) } : {}),
    ...(add ? { add: values(add) } : {}),
    ...(remove ? { remove } : {}),
  }
}

export const fullPath = (value: string) => ({ path: { type: 'ReplaceFullPath', replaceFullPath: value } })
export const prefixPath = (value: string) => ({
  path: { type: 'ReplacePrefixMatch', replacePrefixMatch: value },
})
