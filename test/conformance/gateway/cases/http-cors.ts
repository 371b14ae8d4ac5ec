/** The CORS filter of HTTPRoutes. */
import { httpTable, type Rule } from '../http-table.ts'
import { matching } from '../objects.ts'
import { filter, filtered, type SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'

const v = (version: number) => `infra-backend-v${version}`

export const httpCorsCases: readonly SuiteCase<TrafficWorld>[] = [corsCase()]

function corsCase(): SuiteCase<TrafficWorld> {
  const rule = (path: string, cors: object): Rule => filtered(matching([path], v(1)), filter.cors(cors))
  const preflight = (path: string, origin: string, method: string, headers?: string) => ({
    path,
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      ...(headers === undefined ? {} : { 'access-control-request-headers': headers }),
    },
  })
  const answered = (headers: Record<string, string | RegExp | undefined>, status = [200, 204]) => ({
    status,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [`access-control-${name}`, value]),
    ),
  })
  const full = (origin: string) =>
    answered({
      'allow-origin': origin,
      'allow-methods': /^(GET, ?OPTIONS|OPTIONS, ?GET)$/,
      'allow-headers': /^(x-header-1, ?x-header-2|x-header-2, ?x-header-1)$/i,
      'expose-headers': /^(x-header-3, ?x-header-4|x-header-4, ?x-header-3)$/i,
      'max-age': '3600',
      'allow-credentials': 'true',
    })
  const both = 'x-header-1, x-header-2'
  return httpTable(
    'HTTPRouteCORS',
    [
      rule('/cors-1', {
        allowOrigins: ['https://www.foo.com', 'https://*.bar.com'],
        allowMethods: ['GET', 'OPTIONS'],
        allowHeaders: ['x-header-1', 'x-header-2'],
        exposeHeaders: ['x-header-3', 'x-header-4'],
        allowCredentials: true,
        maxAge: 3600,
      }),
      rule('/cors-2', { allowOrigins: ['https://www.foo.com'], allowMethods: ['*'] }),
      rule('/any-origin', { allowOrigins: ['*'], allowMethods: ['PUT'], allowCredentials: false }),
      rule('/any', { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'], allowCredentials: true }),
      rule('/any-unauth', { allowOrigins: ['*'], allowMethods: ['*'], allowHeaders: ['*'] }),
    ],
    [
      [preflight('/cors-1', 'https://www.foo.com', 'GET', both), full('https://www.foo.com')],
      [preflight('/cors-1', 'https://www.bar.com', 'GET', both), full('https://www.bar.com')],
      [preflight('/cors-1', 'https://xpto.www.bar.com', 'GET', both), full('https://xpto.www.bar.com')],
      [
        preflight('/cors-1', 'https://foobar.com', 'GET'),
        answered({ 'allow-origin': undefined }, [200, 204, 403]),
      ],
      [
        { path: '/cors-1', headers: { origin: 'https://www.foo.com' } },
        { backend: v(1), headers: { 'access-control-allow-origin': 'https://www.foo.com' } },
      ],
      [
        { path: '/cors-1', headers: { origin: 'https://www.bar.com' } },
        { backend: v(1), headers: { 'access-control-allow-origin': 'https://www.bar.com' } },
      ],
      [
        { path: '/cors-1', headers: { origin: 'https://foobar.com' } },
        { backend: v(1), headers: { 'access-control-allow-origin': undefined } },
      ],
      [
        preflight('/cors-2', 'https://www.foo.com', 'POST'),
        answered({
          'allow-origin': 'https://www.foo.com',
          'allow-methods': /^(POST|\*)$/,
          'allow-credentials': undefined,
        }),
      ],
      [
        preflight('/any-origin', 'https://foobar.com', 'PUT'),
        answered({
          'allow-origin': /^(https:\/\/foobar\.com|\*)$/,
          'allow-methods': 'PUT',
          'allow-credentials': undefined,
        }),
      ],
      [
        { path: '/any-origin', headers: { origin: 'https://foobar.com' } },
        { backend: v(1), headers: { 'access-control-allow-origin': /^(https:\/\/foobar\.com|\*)$/ } },
      ],
      [
        preflight('/any', 'https://foobar.com', 'PUT', both),
        answered({
          'allow-origin': 'https://foobar.com',
          'allow-methods': /PUT/,
          'allow-headers': /^x-header-1, ?x-header-2$/i,
          'allow-credentials': 'true',
        }),
      ],
      [
        preflight('/any-unauth', 'https://foobar.com', 'PUT', both),
        answered({
          'allow-origin': /^(https:\/\/foobar\.com|\*)$/,
          'allow-methods': /^(PUT|\*)$/,
          'allow-headers': /^(x-header-1, ?x-header-2|\*)$/i,
          'allow-credentials': undefined,
        }),
      ],
    ],
  )
}
