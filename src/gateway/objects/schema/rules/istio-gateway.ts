import type { Issue } from '../issue.ts'
import { broken, has, items, map, type Json } from './rule-check.ts'

const sources = ['credentialNames', 'credentialName', 'tlsCertificates']

/** Gateway (networking.istio.io/v1): certificates of a server come from one place. */
export function checkIstioGateway(spec: Json): Issue[] {
  return items(spec, 'servers', ['spec']).flatMap(({ value, path }) => {
    const tls = map(value, 'tls')
    const given = sources.filter((source) => has(tls, source))
    const isMixed = given.length > 1 && given.includes('credentialNames')
    return isMixed
      ? [broken([...path, 'tls'], `has ${given.join(' and ')}, of which only one may be`, 'key')]
      : []
  })
}
