import { parseDuration } from './duration.ts'
import type { Issue } from '../issue.ts'
import { checkRouteRules } from './route-rules.ts'
import { broken, has, items, map, text, type Json, type Path } from './rule-check.ts'

/** HTTPRoute (gateway.networking.k8s.io/v1). */
export function checkHttpRoute(spec: Json): Issue[] {
  return [
    ...checkRouteRules(spec),
    ...items(spec, 'rules', ['spec']).flatMap(({ value, path }) => checkRule(value, path)),
  ]
}

function checkRule(rule: Json, path: Path): Issue[] {
  const filters = items(rule, 'filters', path)
  const refs = items(rule, 'backendRefs', path)
  const redirect = filters.find(({ value }) => has(value, 'requestRedirect'))
  return [
    ...(redirect && refs.length > 0
      ? [broken(redirect.path, 'redirects, so the rule can have no backendRefs')]
      : []),
    ...[...filters, ...refs.flatMap((ref) => items(ref.value, 'filters', ref.path))].flatMap((filter) =>
      checkPrefixReplacement(filter.value, filter.path, rule),
    ),
    ...items(rule, 'matches', path).flatMap((match) =>
      checkPath(map(match.value, 'path'), [...match.path, 'path']),
    ),
    ...checkTimeouts(map(rule, 'timeouts'), [...path, 'timeouts']),
  ]
}

/** There must be exactly one prefix to replace. */
function checkPrefixReplacement(filter: Json, path: Path, rule: Json): Issue[] {
  const replaces = (['requestRedirect', 'urlRewrite'] as const).some(
    (field) => text(map(map(filter, field), 'path'), 'type') === 'ReplacePrefixMatch',
  )
  if (!replaces) return []
  const matches = items(rule, 'matches', [])
  const isOnePrefix = matches.length === 1 && text(map(matches[0]!.value, 'path'), 'type') === 'PathPrefix'
  return isOnePrefix
    ? []
    : [broken(path, 'replaces a prefix, so the rule must have exactly one match, of type PathPrefix')]
}

const forbidden = ['//', '/./', '/../', '%2f', '%2F', '#']
const forbiddenEnds = ['/..', '/.']
const pathCharacters = /^(?:[-A-Za-z0-9/._~!$&'()*+,;=:@]|%[0-9a-fA-F]{2})+$/

function checkPath(match: Json, path: Path): Issue[] {
  if (text(match, 'type') !== 'Exact' && text(match, 'type') !== 'PathPrefix') return []
  const value = text(match, 'value')
  const at = [...path, 'value']
  if (!value.startsWith('/')) return [broken(at, `"${value}" does not begin with "/"`)]
  const found =
    forbidden.find((part) => value.includes(part)) ?? forbiddenEnds.find((end) => value.endsWith(end))
  if (found !== undefined)
    return [broken(at, `"${value}" has "${found}", which no path that is looked at has`)]
  return pathCharacters.test(value)
    ? []
    : [broken(at, `"${value}" has characters that a path cannot have; write them as %XX`)]
}

function checkTimeouts(timeouts: Json, path: Path): Issue[] {
  const [request, backend] = ['request', 'backendRequest'].map((field) =>
    parseDuration(text(timeouts, field)),
  )
  return request !== undefined && backend !== undefined && request !== 0 && backend > request
    ? [
        broken(
          [...path, 'backendRequest'],
          `${text(timeouts, 'backendRequest')} is longer than the whole request may take, ${text(timeouts, 'request')}`,
        ),
      ]
    : []
}
