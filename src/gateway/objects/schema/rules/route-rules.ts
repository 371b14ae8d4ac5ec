/** Rules that HTTPRoute and GRPCRoute share. */
import type { Issue } from '../issue.ts'
import { checkBackendRef } from './backend-ref.ts'
import { checkFilters } from './filters.ts'
import { checkParentRefs } from './parent-refs.ts'
import { broken, has, items, map, repeated, text, type Json, type Path } from './rule-check.ts'

export const matchLimit = 128

export function checkRouteRules(spec: Json): Issue[] {
  const rules = items(spec, 'rules', ['spec'])
  const matches = rules.reduce((sum, { value, path }) => sum + items(value, 'matches', path).length, 0)
  return [
    ...checkParentRefs(spec),
    ...(matches > matchLimit
      ? [broken(['spec', 'rules'], `have ${matches} matches together, and may have ${matchLimit}`, 'key')]
      : []),
    ...repeated(
      rules,
      (rule) => (has(rule, 'name') ? text(rule, 'name') : undefined),
      (rule) => `has the name "${text(rule, 'name')}" of an earlier rule`,
    ),
    ...rules.flatMap(({ value, path }) => checkRule(value, path)),
  ]
}

function checkRule(rule: Json, path: Path): Issue[] {
  return [
    ...checkFilters(rule, path),
    ...items(rule, 'backendRefs', path).flatMap((ref) => [
      ...checkBackendRef(ref.value, ref.path),
      ...checkFilters(ref.value, ref.path),
    ]),
    ...checkSessionPersistence(map(rule, 'sessionPersistence'), [...path, 'sessionPersistence']),
  ]
}

function checkSessionPersistence(session: Json, path: Path): Issue[] {
  const isPermanent = text(map(session, 'cookieConfig'), 'lifetimeType') === 'Permanent'
  return [
    ...(isPermanent && !has(session, 'absoluteTimeout')
      ? [broken(path, 'has a permanent cookie and no absoluteTimeout')]
      : []),
    ...(has(session, 'cookieConfig') && text(session, 'type') !== 'Cookie'
      ? [broken([...path, 'cookieConfig'], 'needs type Cookie', 'key')]
      : []),
  ]
}
