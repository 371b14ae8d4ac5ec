/**
 * Finds the first of an ordered list of routes that matches, without asking each one: candidates come from maps by path,
 * and the smallest number that holds wins, which is the answer of a walk through the whole list.
 */
import type { RouteMatch } from '../../model/index.ts'
import { compilePredicates, compileText, type Predicate } from './predicates.ts'
import type { RequestView } from './request-view.ts'

/** Numbers of routes, ascending. */
type Numbers = number[]

export interface PathIndex {
  /** number of the first route that matches; -1 for none */
  readonly find: (request: RequestView) => number
  /** matches that cannot be compiled, such as a regular expression that RE2 does not know; they never match */
  readonly problems: readonly { readonly route: number; readonly why: string }[]
}

export function indexPaths(matches: readonly RouteMatch[]): PathIndex {
  const index = new Index()
  for (const [route, match] of matches.entries()) index.add(route, match)
  return { find: (request) => index.find(request), problems: index.problems }
}

class Index {
  readonly problems: { route: number; why: string }[] = []
  readonly #predicates: (readonly Predicate[])[] = []
  readonly #exact = new Map<string, Numbers>()
  /** `path-prefix` without its last slash */
  readonly #elements = new Map<string, Numbers>()
  /** a request may have thousands of slashes; no prefix has */
  #longestElements = 0
  /** plain prefixes by their length, as a path is cut to each length once */
  readonly #prefixes = new Map<number, Map<string, Numbers>>()
  /** what no map can hold: regular expressions and paths without case */
  readonly #scanned: { readonly route: number; readonly matches: (path: string) => boolean }[] = []

  add(route: number, match: RouteMatch): void {
    try {
      this.#predicates[route] = compilePredicates(match)
      this.#addPath(route, match.path)
    } catch (error) {
      this.problems.push({ route, why: error instanceof Error ? error.message : String(error) })
    }
  }

  #addPath(route: number, path: RouteMatch['path']): void {
    if (path.kind === 'regex' || (path.kind !== 'path-prefix' && path.ignoreCase)) {
      this.#scanned.push({ route, matches: compileText(path) })
    } else if (path.kind === 'exact') push(this.#exact, path.value, route)
    else if (path.kind === 'path-prefix') {
      const value = path.value.replace(/\/+$/, '')
      this.#longestElements = Math.max(this.#longestElements, value.length)
      push(this.#elements, value, route)
    } else {
      const { length } = path.value
      const ofLength = this.#prefixes.get(length) ?? new Map<string, Numbers>()
      this.#prefixes.set(length, ofLength)
      push(ofLength, path.value, route)
    }
  }

  find(request: RequestView): number {
    const { path } = request
    let best = this.#first(this.#exact.get(path), request, Infinity)
    if (this.#elements.size > 0) best = this.#findElements(request, best)
    for (const [length, ofLength] of this.#prefixes) {
      if (length <= path.length) best = this.#first(ofLength.get(path.slice(0, length)), request, best)
    }
    for (const { route, matches } of this.#scanned) {
      if (route >= best) break
      if (this.#holds(route, request) && matches(path)) best = route
    }
    return best === Infinity ? -1 : best
  }

  #findElements(request: RequestView, best: number): number {
    const { path } = request
    let found = this.#first(this.#elements.get(''), request, best)
    const end = this.#longestElements
    for (let slash = path.indexOf('/', 1); slash > 0 && slash <= end; slash = path.indexOf('/', slash + 1)) {
      found = this.#first(this.#elements.get(path.slice(0, slash)), request, found)
    }
    return path === '/' || path.length > end ? found : this.#first(this.#elements.get(path), request, found)
  }

  #first(routes: Numbers | undefined, request: RequestView, best: number): number {
    if (routes === undefined) return best
    for (const route of routes) {
      if (route >= best) return best
      if (this.#holds(route, request)) return route
    }
    return best
  }

  #holds(route: number, request: RequestView): boolean {
    for (const predicate of this.#predicates[route] ?? []) if (!predicate(request)) return false
    return true
  }
}

function push(map: Map<string, Numbers>, key: string, route: number): void {
  const numbers = map.get(key)
  if (numbers === undefined) map.set(key, [route])
  else numbers.push(route)
}
