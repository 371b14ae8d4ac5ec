/** A route configuration ready to serve: hosts and paths indexed, everything else compiled once. */
import type { RouteConfiguration, VirtualHost } from '../../model/index.ts'
import type { CompiledRoute } from '../action/compiled-route.ts'
import { indexPaths } from './path-index.ts'
import type { RequestView } from './request-view.ts'
import { indexDomains } from './virtual-hosts.ts'

export interface RouteTable {
  /** by the name of the host, lower case and without its port */
  readonly hostOf: (name: string) => CompiledHost | undefined
}

export interface CompiledHost {
  readonly requireTls: boolean
  /** the first route that matches */
  readonly routeOf: (request: RequestView) => CompiledRoute | undefined
}

export interface TableOptions {
  /** @throws Error when part of the route cannot be compiled */
  readonly compile: (route: VirtualHost['routes'][number]) => CompiledRoute
  /** told of routes that can never match, or fail every request */
  readonly onProblem: (route: string, why: string) => void
}

export function compileTable(configuration: RouteConfiguration, options: TableOptions): RouteTable {
  const hosts = configuration.virtualHosts.map((host) => {
    const { domains, suffixLabels, requireTls = false, routes } = host
    const index = indexPaths(routes.map(({ match }) => match))
    for (const { route, why } of index.problems) options.onProblem(routes[route]?.name ?? '', why)
    // Routes are compiled when the first request comes by them: most of ten thousand see none between two reloads.
    const compiled: (CompiledRoute | undefined)[] = []
    const routeOf = (request: RequestView) => {
      const found = index.find(request)
      const route = routes[found]
      if (route === undefined) return undefined
      return (compiled[found] ??= options.compile(route))
    }
    return { domains, requireTls, routeOf, ...(suffixLabels && { suffixLabels }) }
  })
  return { hostOf: indexDomains(hosts) }
}
