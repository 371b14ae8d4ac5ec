import { isIP } from 'node:net'
import type { Issue } from '../issue.ts'
import { checkBackendRef } from './backend-ref.ts'
import { checkParentRefs } from './parent-refs.ts'
import { broken, items, type Json } from './rule-check.ts'

/** TCPRoute, UDPRoute and TLSRoute (gateway.networking.k8s.io/v1). */
export function checkStreamRoute(spec: Json): Issue[] {
  return [
    ...checkParentRefs(spec),
    ...items(spec, 'rules', ['spec']).flatMap((rule) =>
      items(rule.value, 'backendRefs', rule.path).flatMap((ref) => checkBackendRef(ref.value, ref.path)),
    ),
  ]
}

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

export function checkTlsRoute(spec: Json): Issue[] {
  const hostnames = Array.isArray(spec['hostnames']) ? (spec['hostnames'] as unknown[]).map(String) : []
  return [
    ...checkStreamRoute(spec),
    ...hostnames.flatMap((name, index) => {
      const path = ['spec', 'hostnames', index]
      if (isIP(name) !== 0)
        return [broken(path, `"${name}" is an IP address, which no client sends as a server name`)]
      return label.test(name.replace(/^\*\./, '')) ? [] : [broken(path, `"${name}" is not a host name`)]
    }),
  ]
}
