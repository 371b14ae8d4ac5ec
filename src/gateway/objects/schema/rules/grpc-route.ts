import type { Issue } from '../issue.ts'
import { checkRouteRules } from './route-rules.ts'
import { broken, has, items, map, text, type Json, type Path } from './rule-check.ts'

const names = {
  service: { form: /^\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/, words: 'a full name of a gRPC service' },
  method: { form: /^[A-Za-z_]\w*$/, words: 'a name of a gRPC method' },
} as const

/** GRPCRoute (gateway.networking.k8s.io/v1). */
export function checkGrpcRoute(spec: Json): Issue[] {
  return [
    ...checkRouteRules(spec),
    ...items(spec, 'rules', ['spec']).flatMap((rule) =>
      items(rule.value, 'matches', rule.path).flatMap((match) =>
        has(match.value, 'method') ? checkMethod(map(match.value, 'method'), [...match.path, 'method']) : [],
      ),
    ),
  ]
}

function checkMethod(method: Json, path: Path): Issue[] {
  if (!has(method, 'service') && !has(method, 'method')) return [broken(path, 'needs a service or a method')]
  if (text(method, 'type') !== 'Exact') return []
  return (['service', 'method'] as const).flatMap((field) => {
    const { form, words } = names[field]
    return has(method, field) && !form.test(text(method, field))
      ? [broken([...path, field], `"${text(method, field)}" is not ${words}`)]
      : []
  })
}
