import type { Issue } from '../issue.ts'
import { broken, has, map, text, type Json, type Path } from './rule-check.ts'

const portName = /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/

/** WorkloadEntry (networking.istio.io/v1), also as an endpoint of a ServiceEntry. */
export function checkWorkloadEntry(spec: Json, path: Path = ['spec']): Issue[] {
  const address = text(spec, 'address')
  const socket = address.startsWith('unix://') ? address.slice(7) : undefined
  const issues: Issue[] = []
  if (!has(spec, 'address') && !has(spec, 'network')) issues.push(broken(path, 'needs an address'))
  if (socket !== undefined && has(spec, 'ports'))
    issues.push(broken([...path, 'ports'], 'mean nothing with a Unix socket', 'key'))
  if (socket !== undefined && (!/^[/@]/.test(socket) || socket.endsWith('/')))
    issues.push(
      broken([...path, 'address'], `"${address}" is not unix:// with an absolute path or an abstract socket`),
    )
  return [...issues, ...checkPorts(map(spec, 'ports'), [...path, 'ports'])]
}

function checkPorts(ports: Json, path: Path): Issue[] {
  return Object.entries(ports).flatMap(([name, port]) => [
    ...(portName.test(name) && name.length < 63
      ? []
      : [broken([...path, name], 'is not a name of a port', 'key')]),
    ...checkPortNumber(port, [...path, name]),
  ])
}

export function checkPortNumber(port: unknown, path: Path): Issue[] {
  const isPort = port === undefined || (Number(port) > 0 && Number(port) <= 65_535)
  return isPort ? [] : [broken(path, `must be from 1 to 65535, not ${String(port as number)}`)]
}
