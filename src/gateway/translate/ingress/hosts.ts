/** Rules of all Ingresses by host, with their paths in the order in which they hold. */
import type { PathMatch, Route, RouteMatch } from '../../model/index.ts'
import { nameOf, type FieldPath, type Report } from '../report.ts'
import type { Backends } from './backends.ts'
import type { IngressBackend, IngressObject, IngressPath } from './spec.ts'

/** A host and everything that Ingresses say of it; `*` for rules without a host. */
export interface IngressHost {
  readonly host: string
  readonly ingresses: readonly IngressObject[]
  readonly routes: readonly Route[]
}

interface PlacedPath {
  readonly ingress: IngressObject
  readonly path: FieldPath
  readonly match: PathMatch
  readonly name: string
  readonly backend: IngressBackend
}

/**
 * The longest path first, of one length Exact before Prefix, then the older Ingress. What no path takes goes to the
 * default backend of an Ingress of the host, else to that of any.
 */
export function ingressHosts(
  ingresses: readonly IngressObject[],
  backends: Backends,
  report: Report,
): IngressHost[] {
  const hosts = new Map<string, PlacedPath[]>()
  const owners = new Map<string, Set<IngressObject>>()
  for (const ingress of ingresses) {
    for (const [index, rule] of (ingress.spec.rules ?? []).entries()) {
      const host = rule.host === undefined || rule.host === '' ? '*' : rule.host.toLowerCase()
      const paths = [...(rule.http?.paths ?? []).entries()]
        .filter(([at, { path }]) => isPath(path, ingress, ['rules', index, 'http', 'paths', at], report))
        .map(([at, path]) => placePath(ingress, path, ['rules', index, 'http', 'paths', at]))
      hosts.set(host, [...(hosts.get(host) ?? []), ...paths])
      owners.set(host, (owners.get(host) ?? new Set()).add(ingress))
    }
  }
  const fallback = ingresses.find(({ spec }) => spec.defaultBackend)
  if (fallback && !hosts.has('*')) hosts.set('*', [])
  tellSecondDefaults(ingresses, fallback, report)
  return [...hosts].map(([host, paths]) => {
    const own = [...(owners.get(host) ?? (fallback ? [fallback] : []))]
    const last = own.find(({ spec }) => spec.defaultBackend) ?? fallback
    const routes = orderPaths(paths, report).map((path) => ({
      name: path.name,
      match: { path: path.match },
      action: backends.forward(path.backend, path.ingress, [...path.path, 'backend']),
    }))
    return { host, ingresses: own, routes: last ? [...routes, defaultRoute(last, backends)] : routes }
  })
}

const everything: RouteMatch = { path: { kind: 'path-prefix', value: '' } }

function defaultRoute(ingress: IngressObject, backends: Backends): Route {
  const backend = ingress.spec.defaultBackend ?? {}
  return {
    name: `${nameOf(ingress)} defaultBackend`,
    match: everything,
    action: backends.forward(backend, ingress, ['defaultBackend']),
  }
}

function isPath(path: string | undefined, ingress: IngressObject, at: FieldPath, report: Report): boolean {
  if (path === undefined || path === '' || path.startsWith('/')) return true
  report.error(ingress, [...at, 'path'], {
    rule: 'invalid-path',
    message: `path ${path} does not begin with /, so it is left out`,
  })
  return false
}

/** Exact as it is; Prefix by element, so that `/a/` is `/a`; ImplementationSpecific is Prefix. */
function placePath(
  ingress: IngressObject,
  { path, pathType, backend }: IngressPath,
  at: FieldPath,
): PlacedPath {
  const written = path === undefined || path === '' ? '/' : path
  const match: PathMatch =
    pathType === 'Exact'
      ? { kind: 'exact', value: written }
      : { kind: 'path-prefix', value: written.replace(/\/+$/, '') }
  const [, rule, , , position] = at
  return { ingress, path: at, match, name: `${nameOf(ingress)} rule ${rule} path ${position}`, backend }
}

function orderPaths(paths: readonly PlacedPath[], report: Report): PlacedPath[] {
  const taken = new Map<string, PlacedPath>()
  for (const path of paths) {
    const key = `${path.match.kind} ${path.match.value}`
    const other = taken.get(key)
    if (!other) taken.set(key, path)
    else {
      report.warn(path.ingress, [...path.path, 'path'], {
        rule: 'duplicate-path',
        message: `path ${path.match.value || '/'} of this host is taken by ${other.name}, which is older`,
      })
    }
  }
  return [...taken.values()].toSorted(
    ({ match: left }, { match: right }) =>
      right.value.length - left.value.length ||
      Number(right.kind === 'exact') - Number(left.kind === 'exact'),
  )
}

/** Several default backends for everything: the oldest holds, the others for the hosts of their own Ingress. */
function tellSecondDefaults(
  ingresses: readonly IngressObject[],
  fallback: IngressObject | undefined,
  report: Report,
): void {
  for (const ingress of ingresses) {
    const hasHosts = (ingress.spec.rules ?? []).length > 0
    if (!ingress.spec.defaultBackend || ingress === fallback || hasHosts || !fallback) continue
    report.warn(ingress, ['defaultBackend'], {
      rule: 'duplicate-default-backend',
      message: `the default backend of ${nameOf(fallback)} is older, so it holds`,
    })
  }
}
