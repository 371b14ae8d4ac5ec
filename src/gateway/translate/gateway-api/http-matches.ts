import { RE2JS } from 're2js'
import type { PathMatch, RouteMatch, StringMatch, ValueMatch } from '../../model/index.ts'
import type { GrpcRouteMatch, HttpRouteMatch } from './specs.ts'

/** A match in the model's words with its rank, or what is unsupported in it. */
export type Matched =
  | { readonly match: RouteMatch; readonly rank: readonly number[] }
  | { readonly wrong: string }

interface WrittenValue {
  readonly type?: string
  readonly name: string
  readonly value: string
}

/** Exact > Prefix > Regex, longest first; then a method, then most headers, then most query parameters. */
export function httpMatch(written: HttpRouteMatch): Matched {
  const { type = 'PathPrefix', value = '/' } = written.path ?? {}
  const path = pathMatch(type, value)
  if (path === undefined)
    return { wrong: `a path is matched by Exact, PathPrefix or RegularExpression, not ${type}` }
  const headers = valueMatches(written.headers ?? [], true)
  const query = valueMatches(written.queryParams ?? [], false)
  const wrong =
    (path.kind === 'regex' ? regexProblem(path.value) : undefined) ??
    valuesProblem([...(written.headers ?? []), ...(written.queryParams ?? [])])
  if (wrong !== undefined) return { wrong }
  const kinds = { exact: 2, prefix: 1, 'path-prefix': 1, regex: 0 }
  return {
    match: {
      path,
      ...(written.method ? { method: { kind: 'exact', value: written.method } } : {}),
      ...(headers.length > 0 ? { headers } : {}),
      ...(query.length > 0 ? { query } : {}),
    },
    rank: [kinds[path.kind], path.value.length, written.method ? 1 : 0, headers.length, query.length],
  }
}

/** Most characters of the service, then of the method, then most headers. */
export function grpcMatch(written: GrpcRouteMatch): Matched {
  const { service, method } = written.method ?? {}
  const type: string = written.method?.type ?? 'Exact'
  if (type !== 'Exact' && type !== 'RegularExpression') {
    return { wrong: `a method is matched by Exact or RegularExpression, not ${type}` }
  }
  const path = grpcPath(type, service, method)
  const headers = valueMatches(written.headers ?? [], true)
  const wrong =
    (path.kind === 'regex' ? regexProblem(path.value) : undefined) ?? valuesProblem(written.headers ?? [])
  if (wrong !== undefined) return { wrong }
  return {
    match: { path, grpc: true, ...(headers.length > 0 ? { headers } : {}) },
    rank: [service?.length ?? 0, method?.length ?? 0, headers.length],
  }
}

function pathMatch(type: string, value: string): PathMatch | undefined {
  switch (type) {
    case 'Exact':
      return { kind: 'exact', value }
    case 'PathPrefix':
      return { kind: 'path-prefix', value: value.replace(/\/+$/, '') }
    case 'RegularExpression':
      return { kind: 'regex', value }
    default:
      return undefined
  }
}

function grpcPath(type: string, service: string | undefined, method: string | undefined): PathMatch {
  if (!service && !method) return { kind: 'path-prefix', value: '' }
  if (type === 'RegularExpression') {
    return { kind: 'regex', value: `/${group(service)}/${group(method)}` }
  }
  if (service && method) return { kind: 'exact', value: `/${service}/${method}` }
  if (service) return { kind: 'prefix', value: `/${service}/` }
  return { kind: 'regex', value: `/[^/]+/${RE2JS.quote(method ?? '')}` }
}

const group = (pattern: string | undefined) => (pattern ? `(?:${pattern})` : '[^/]+')

/** Entries of one name after the first are ignored; names of headers are in lower case. */
function valueMatches(written: readonly WrittenValue[], foldsCase: boolean): ValueMatch[] {
  const matches = new Map<string, ValueMatch>()
  for (const { type = 'Exact', name, value } of written) {
    const key = foldsCase ? name.toLowerCase() : name
    const match: StringMatch = { kind: type === 'RegularExpression' ? 'regex' : 'exact', value }
    if (!matches.has(key)) matches.set(key, { name: key, value: match })
  }
  return [...matches.values()]
}

function valuesProblem(written: readonly WrittenValue[]): string | undefined {
  for (const { type = 'Exact', name, value } of written) {
    if (type !== 'Exact' && type !== 'RegularExpression') {
      return `${name} is matched by Exact or RegularExpression, not ${type}`
    }
    const wrong = type === 'RegularExpression' ? regexProblem(value) : undefined
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function regexProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return `${pattern} is no regular expression of RE2: ${error instanceof Error ? error.message : String(error)}`
  }
}
