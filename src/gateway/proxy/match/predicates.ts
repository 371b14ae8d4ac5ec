/** Compiles what a route asks of a request beside its path. */
import type { RouteMatch, StringMatch, ValueMatch } from '../../model/index.ts'
import { valueOf } from '../headers/header-list.ts'
import { compileRegex } from './regex.ts'
import type { RequestView } from './request-view.ts'

export type Predicate = (request: RequestView) => boolean

/** Cheap ones first. None: every request with the path matches. */
export function compilePredicates(match: RouteMatch): readonly Predicate[] {
  const predicates: Predicate[] = []
  if (match.method) predicates.push(onText(match.method, (request) => request.method))
  if (match.scheme) predicates.push(onText(match.scheme, (request) => request.scheme))
  if (match.authority) predicates.push(onText(match.authority, (request) => request.host))
  if (match.grpc) predicates.push((request) => isGrpc(valueOf(request.headers, 'content-type')))
  for (const header of match.headers ?? []) {
    const name = header.name.toLowerCase()
    const read =
      name === ':authority' || name === 'host'
        ? hostOf
        : (request: RequestView) => valueOf(request.headers, name)
    predicates.push(onValue(header, read))
  }
  for (const parameter of match.query ?? []) {
    predicates.push(onValue(parameter, (request) => firstParameter(request.query, parameter.name)))
  }
  return predicates
}

/** Whether a content type is gRPC's. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(?:$|[+;])/.test(contentType)
}

/** @throws Error when it is a regular expression that RE2 does not know */
export function compileText(match: StringMatch): (text: string) => boolean {
  switch (match.kind) {
    case 'present':
      return () => true
    case 'regex':
      return compileRegex(match.value).matches
    case 'exact': {
      const wanted = match.ignoreCase ? match.value.toLowerCase() : match.value
      return match.ignoreCase ? (text) => text.toLowerCase() === wanted : (text) => text === wanted
    }
    case 'prefix': {
      const wanted = match.ignoreCase ? match.value.toLowerCase() : match.value
      return match.ignoreCase
        ? (text) => text.toLowerCase().startsWith(wanted)
        : (text) => text.startsWith(wanted)
    }
  }
}

/** The first value of a parameter, decoded as forms are; one that is not well formed as it stands. */
export function firstParameter(query: string | undefined, name: string): string | undefined {
  if (query === undefined) return undefined
  for (const part of query.split('&')) {
    const equals = part.indexOf('=')
    const key = equals < 0 ? part : part.slice(0, equals)
    if (decode(key) === name && part !== '') return equals < 0 ? '' : decode(part.slice(equals + 1))
  }
  return undefined
}

function decode(text: string): string {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

const hostOf = (request: RequestView) => request.host

function onText(match: StringMatch, read: (request: RequestView) => string): Predicate {
  const matches = compileText(match)
  return (request) => matches(read(request))
}

/** An inverted match holds for a value that is absent. */
function onValue(
  { value, invert = false }: ValueMatch,
  read: (request: RequestView) => string | undefined,
): Predicate {
  const matches = compileText(value)
  return (request) => {
    const text = read(request)
    return (text !== undefined && matches(text)) !== invert
  }
}
