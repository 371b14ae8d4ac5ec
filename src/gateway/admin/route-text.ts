/** Routes in words, for people. */
import type { PathMatch, Route, RouteMatch, StringMatch, ValueMatch } from '../model/index.ts'

/** `GET /api/* with x-user=kim` */
export function describeMatch({ path, method, headers = [], query = [], grpc }: RouteMatch): string {
  const conditions = [
    ...headers.map((header) => describeValue(header)),
    ...query.map((parameter) => `?${describeValue(parameter)}`),
    ...(grpc === true ? ['gRPC'] : []),
  ]
  const what = [...(method ? [describeString(method)] : []), describePath(path)].join(' ')
  return conditions.length === 0 ? what : `${what} with ${conditions.join(', ')}`
}

function describePath(path: PathMatch): string {
  switch (path.kind) {
    case 'exact':
      return path.value
    case 'prefix':
      return `${path.value}*`
    case 'path-prefix':
      return path.value === '' ? '/*' : `${path.value}/*`
    case 'regex':
      return `~ ${path.value}`
  }
}

function describeString(match: StringMatch): string {
  switch (match.kind) {
    case 'exact':
      return match.value
    case 'prefix':
      return `${match.value}*`
    case 'regex':
      return `~${match.value}`
    case 'present':
      return 'any'
  }
}

function describeValue({ name, value, invert }: ValueMatch): string {
  return `${invert === true ? 'not ' : ''}${name}=${describeString(value)}`
}

/** `to outbound|80||echo.local`, `redirect 301 to https`, `answer 404` */
export function describeAction({ action }: Pick<Route, 'action'>): string {
  switch (action.kind) {
    case 'response':
      return `answer ${action.status}${action.why === undefined ? '' : `: ${action.why}`}`
    case 'redirect':
      return `redirect ${action.status}${action.scheme === undefined ? '' : ` to ${action.scheme}`}${action.host === undefined ? '' : ` ${action.host}`}`
    case 'forward': {
      const total = action.targets.reduce((sum, { weight }) => sum + weight, 0)
      const shares = action.targets.map(({ to, weight }) => {
        const name = 'cluster' in to ? to.cluster : 'status' in to ? `answer ${to.status}` : 'redirect'
        return action.targets.length > 1 && total > 0
          ? `${Math.round((100 * weight) / total)} % ${name}`
          : name
      })
      return shares.length === 0 ? `answer ${action.noTargetStatus ?? 500}` : `to ${shares.join(', ')}`
    }
  }
}
