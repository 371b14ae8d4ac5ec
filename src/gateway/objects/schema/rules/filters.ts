/** Rules of filters of HTTPRoute and GRPCRoute. */
import type { Issue } from '../issue.ts'
import { checkBackendRef } from './backend-ref.ts'
import { broken, has, items, map, text, type Json, type Path } from './rule-check.ts'

/** the field that each type of filter is configured by */
const fields: Readonly<Record<string, string>> = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestMirror: 'requestMirror',
  RequestRedirect: 'requestRedirect',
  URLRewrite: 'urlRewrite',
  CORS: 'cors',
  ExternalAuth: 'externalAuth',
  ExtensionRef: 'extensionRef',
}

/** types that may be there more than once */
const repeatable = new Set(['RequestMirror', 'ExtensionRef', 'ExternalAuth'])

/** `holder` is a rule or a backendRef. */
export function checkFilters(holder: Json, path: Path): Issue[] {
  const filters = items(holder, 'filters', path)
  const types = filters.map(({ value }) => text(value, 'type'))
  return [
    ...filters.flatMap((filter) => checkFilter(filter.value, filter.path)),
    ...filters
      .filter((_, index) => !repeatable.has(types[index]!) && types.indexOf(types[index]!) < index)
      .map((filter) => broken(filter.path, `repeats ${text(filter.value, 'type')}, which may be there once`)),
    ...(types.includes('RequestRedirect') && types.includes('URLRewrite')
      ? [
          broken(
            [...path, 'filters'],
            'have a RequestRedirect and a URLRewrite, which exclude each other',
            'key',
          ),
        ]
      : []),
  ]
}

function checkFilter(filter: Json, path: Path): Issue[] {
  const type = text(filter, 'type')
  const issues: Issue[] = []
  for (const [name, field] of Object.entries(fields)) {
    if (name === type && !has(filter, field))
      issues.push(broken(path, `is of type ${type} and has no ${field}`))
    if (name !== type && has(filter, field))
      issues.push(broken([...path, field], `means nothing in a filter of type ${type}`, 'key'))
  }
  return [
    ...issues,
    ...checkMirror(map(filter, 'requestMirror'), [...path, 'requestMirror']),
    ...checkPathModifier(map(map(filter, 'requestRedirect'), 'path'), [...path, 'requestRedirect', 'path']),
    ...checkPathModifier(map(map(filter, 'urlRewrite'), 'path'), [...path, 'urlRewrite', 'path']),
    ...checkCors(map(filter, 'cors'), [...path, 'cors']),
    ...checkExternalAuth(map(filter, 'externalAuth'), [...path, 'externalAuth']),
  ]
}

function checkMirror(mirror: Json, path: Path): Issue[] {
  const fraction = map(mirror, 'fraction')
  return [
    ...(has(mirror, 'percent') && has(mirror, 'fraction')
      ? [broken(path, 'has percent and fraction, of which only one may be')]
      : []),
    ...(Number(fraction['numerator'] ?? 0) > Number(fraction['denominator'] ?? 100)
      ? [broken([...path, 'fraction'], 'is more than one: its numerator is above its denominator')]
      : []),
    ...checkBackendRef(map(mirror, 'backendRef'), [...path, 'backendRef']),
  ]
}

function checkPathModifier(modifier: Json, path: Path): Issue[] {
  const type = text(modifier, 'type')
  const known = [
    ['ReplaceFullPath', 'replaceFullPath'],
    ['ReplacePrefixMatch', 'replacePrefixMatch'],
  ] as const
  return known.flatMap(([name, field]) => {
    if (type === name && !has(modifier, field))
      return [broken(path, `is of type ${name} and has no ${field}`)]
    if (type !== name && has(modifier, field)) return [broken([...path, field], `needs type ${name}`, 'key')]
    return []
  })
}

function checkCors(cors: Json, path: Path): Issue[] {
  return ['allowOrigins', 'allowMethods', 'allowHeaders'].flatMap((field) => {
    const list = cors[field]
    const isMixed = Array.isArray(list) && list.length > 1 && list.includes('*')
    return isMixed
      ? [broken([...path, field], 'has "*" beside others, which it takes in already', 'key')]
      : []
  })
}

function checkExternalAuth(auth: Json, path: Path): Issue[] {
  const protocol = text(auth, 'protocol')
  const issues = (['GRPC', 'HTTP'] as const).flatMap((name) => {
    const field = name.toLowerCase()
    if (protocol === name && !has(auth, field)) return [broken(path, `has protocol ${name} and no ${field}`)]
    if (protocol !== name && has(auth, field))
      return [broken([...path, field], `needs protocol ${name}`, 'key')]
    return []
  })
  return [...issues, ...checkBackendRef(map(auth, 'backendRef'), [...path, 'backendRef'])]
}
