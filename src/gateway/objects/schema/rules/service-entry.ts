import type { Issue } from '../issue.ts'
import { broken, has, items, map, repeated, text, type Json } from './rule-check.ts'
import { checkPortNumber, checkWorkloadEntry } from './workload-entry.ts'

/** ServiceEntry (networking.istio.io/v1). */
export function checkServiceEntry(spec: Json): Issue[] {
  const path = ['spec']
  const resolution = text(spec, 'resolution') || 'NONE'
  const endpoints = items(spec, 'endpoints', path)
  const ports = items(spec, 'ports', path)
  const networks = texts(spec, 'addresses').filter((address) => address.includes('/'))
  const issues: Issue[] = []
  if (has(spec, 'workloadSelector') && has(spec, 'endpoints'))
    issues.push(broken([...path, 'endpoints'], 'exclude a workloadSelector, and there are both', 'key'))
  if (networks.length > 0 && resolution !== 'STATIC' && resolution !== 'NONE')
    issues.push(
      broken([...path, 'addresses'], `have a network, which resolution ${resolution} does not allow`, 'key'),
    )
  if (resolution === 'NONE' && has(spec, 'endpoints'))
    issues.push(
      broken([...path, 'endpoints'], 'mean nothing with resolution NONE, which is the default', 'key'),
    )
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
    issues.push(broken([...path, 'endpoints'], 'may be one with resolution DNS_ROUND_ROBIN', 'key'))
  return [
    ...issues,
    ...texts(spec, 'hosts').flatMap((host, index) =>
      host === '*' ? [broken([...path, 'hosts', index], 'must not be "*"')] : [],
    ),
    ...endpoints.flatMap(({ value, path: at }) => checkWorkloadEntry(value, at)),
    ...ports.flatMap(({ value, path: at }) => [
      ...checkPortNumber(value['number'], [...at, 'number']),
      ...checkPortNumber(value['targetPort'], [...at, 'targetPort']),
    ]),
    ...repeated(
      ports,
      (port) => String(port['number'] as number),
      (port) => `has the number ${String(port['number'] as number)} of an earlier port`,
    ),
    ...Object.entries(map(map(spec, 'workloadSelector'), 'labels')).flatMap(([name, value]) =>
      String(value).includes('*')
        ? [broken([...path, 'workloadSelector', 'labels', name], 'can have no "*"')]
        : [],
    ),
  ]
}

function texts(holder: Json, key: string): string[] {
  const list = holder[key]
  return Array.isArray(list) ? list.map(String) : []
}
